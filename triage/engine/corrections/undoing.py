"""K8: taking back an entry that nothing depends on yet."""

from collections.abc import Sequence
from datetime import datetime

from ..decision import Refused
from ..facts.words import Cause
from ..ledger.afterwards import Corrected, Entered, Released, Returned
from ..ledger.entry import Entry, LedgerError
from ..ledger.folding import Undone, entry_to_json, fold
from ..ledger.giving import Allocated, Escalated, Moved, OwnerAsked

Undoable = Allocated | Released | Returned | Corrected | Escalated | OwnerAsked


def undo(entries: Sequence[Entry], corrects: int, *, at: datetime, by: str, reason: str = "") -> Undone:
    """K8: take back entry number `corrects` of the day's whole ledger; what happened since stays.

    Allocations, namings, open questions and corrections can be undone. How many seconds it may be ago is for the
    caller to say. Raises Refused when it was undone already, or when a later entry depends on it: the visit went on, a
    later turn was given, the seat has the next visit or was passed over because of it, the order of seats changed.
    """
    if not 1 <= corrects <= len(entries):
        raise Refused("K8", "no_such_entry")
    entry = entries[corrects - 1]
    undone = {one.corrects for one in entries if isinstance(one, Undone)}
    if corrects in undone:
        raise Refused("K8", "undone_already")
    if not isinstance(entry, Undoable):
        raise Refused("K8", "not_an_allocation")
    since = [
        (sequence, later)
        for sequence, later in enumerate(entries[corrects:], start=corrects + 1)
        if sequence not in undone and not (isinstance(later, Undone) and later.corrects > corrects)
    ]
    for _, later in since:
        _refuse_dependent(entry, later)
    board = fold(entries)
    without = fold(entries[: corrects - 1])
    try:
        for sequence, later in since:
            without = later.applied(without, sequence)
        reverted = entry.reverted(board, corrects)
    except LedgerError as error:
        raise Refused("K8", "depends") from error
    if reverted._replace(sequence=0) != without._replace(sequence=0):
        raise Refused("K8", "depends")
    return Undone(at=at, by=by, reason=reason, corrects=corrects, entry=entry_to_json(entry))


def _refuse_dependent(entry: Entry, later: Entry) -> None:
    if getattr(later, "visit", None) == getattr(entry, "visit", None):
        raise Refused("K8", "visit_went_on")
    if isinstance(later, Entered) and isinstance(entry, Moved | Released) and entry.held.entered:
        left = entry.left_seat if isinstance(entry, Moved) else entry.seat
        if later.seat == left:
            raise Refused("K8", "seat_has_next", {"seat": left})
    if not isinstance(entry, Allocated) or not isinstance(later, Allocated):
        return
    if entry.lane is not None and later.lane == entry.lane:
        raise Refused("K8", "later_turn", {"seat": later.seat})
    if later.seat == entry.seat:
        raise Refused("K8", "seat_has_next", {"seat": later.seat})
    if any(passed.seat == entry.seat and passed.cause is Cause.BUSY for passed in later.passed):
        raise Refused("K8", "seat_was_passed", {"seat": entry.seat})
