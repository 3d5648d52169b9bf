"""What changes afterwards: a consultant declines, a visitor leaves, the desk takes an allocation back.

Each function looks whether the rules allow it and returns the ledger entry it means; `ledger.apply` does the rest.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .decision import Refused
from .facts import Board, Cause, Turn
from .ledger import (
    Allocated,
    Corrected,
    Declined,
    Entry,
    Escalated,
    LedgerError,
    Left,
    OwnerAsked,
    Undone,
    entry_to_json,
    fold,
)
from .policy import Policy


def decline(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Declined:
    """T7: the allocated consultant declines; the visit is then allocated again, with her in `Arrival.declined_by`.

    Raises Refused where the policy forbids it, and once the visitor is in the room.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        raise Refused("T7", "not_allocated")
    if policy.decline == "forbidden":
        raise Refused("T7", "forbidden", {"consultant": seat.consultant})
    if held.entered:
        raise Refused("T7", "in_room", {"consultant": seat.consultant})
    return Declined(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn)


def leave(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Left:
    """T8: the visitor walks out. A turn is returned within `left_early_minutes` of allocation, unless she went in.

    Raises Refused when the visit is neither with a seat nor waiting for a name.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        if board.pending_for(visit) is None:
            raise Refused("T8", "not_allocated")
        return Left(at=at, by=by, reason=reason, visit=visit)
    early = at - held.at <= timedelta(minutes=policy.left_early_minutes)
    returned = early and not held.entered and held.turn is not Turn.FREE
    return Left(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn, returned=returned)


def not_offered(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Corrected:
    """K1: the project is not offered here. The visit becomes `other` and has no owner.

    Raises Refused when the visit is with nobody.
    """
    return _corrected(board, policy.not_offered_returns, "K1", visit, at, by, reason)


def cannot_do(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Corrected:
    """K2: it was decided that it cannot be done here. The visit becomes `other`.

    Raises Refused when the visit is with nobody.
    """
    return _corrected(board, policy.cannot_do_returns, "K2", visit, at, by, reason)


def _corrected(board: Board, returns: bool, rule: str, visit: str, at: datetime, by: str, reason: str) -> Corrected:
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        raise Refused(rule, "not_allocated")
    returned = returns and held.turn is not Turn.FREE
    return Corrected(
        at=at,
        by=by,
        reason=reason,
        rule=rule,
        visit=visit,
        seat=seat.consultant,
        turn=held.turn,
        returned=returned,
    )


def undo(entries: Sequence[Entry], corrects: int, *, at: datetime, by: str, reason: str = "") -> Undone:
    """K8: take back entry number `corrects` of the day's whole ledger; what happened since stays.

    Allocations, namings and open questions can be undone. How many seconds it may be ago is for the caller to say.
    Raises Refused when it was undone already, or when a later entry depends on it: the visit went on, a later turn
    was given, the seat has the next visit or was passed over because of this one, the order of seats changed.
    """
    if not 1 <= corrects <= len(entries):
        raise Refused("K8", "no_such_entry")
    entry = entries[corrects - 1]
    undone = {one.corrects for one in entries if isinstance(one, Undone)}
    if corrects in undone:
        raise Refused("K8", "undone_already")
    if not isinstance(entry, Allocated | Escalated | OwnerAsked):
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
    if replace(reverted, sequence=0) != replace(without, sequence=0):
        raise Refused("K8", "depends")
    return Undone(at=at, by=by, reason=reason, corrects=corrects, entry=entry_to_json(entry))


def _refuse_dependent(entry: Allocated | Escalated | OwnerAsked, later: Entry) -> None:
    if getattr(later, "visit", None) == entry.visit:
        raise Refused("K8", "visit_went_on")
    if not isinstance(entry, Allocated) or not isinstance(later, Allocated):
        return
    if entry.lane is not None and later.lane == entry.lane:
        raise Refused("K8", "later_turn", {"seat": later.seat})
    if later.seat == entry.seat:
        raise Refused("K8", "seat_has_next", {"seat": later.seat})
    if any(passed.seat == entry.seat and passed.cause is Cause.BUSY for passed in later.passed):
        raise Refused("K8", "seat_was_passed", {"seat": entry.seat})
