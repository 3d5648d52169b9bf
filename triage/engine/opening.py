"""How a day begins: who sits in which order, and what the day before leaves behind."""

from collections.abc import Collection, Sequence
from datetime import datetime

from .facts import Board, Presence
from .ledger import Opened, OpeningSeat
from .policy import Policy


def opening_entry(
    *,
    rules: Policy,
    roster: Sequence[str],
    present: Sequence[str] | None,
    last: Board | None,
    now: datetime,
    by: str,
) -> Opened:
    """Return the entry that opens a day: seats in the order the policy asks for. Ids are staff ids as strings."""
    order, pointer = list(roster), None
    here: Collection[str]
    if rules.opening == "check_in":
        here = present or ()
        order = [*here, *(one for one in roster if one not in here)]
    else:
        here = roster if present is None else present
        if rules.opening == "continue" and last is not None:
            before = [seat.consultant for seat in last.seats]
            order = [*(one for one in before if one in roster), *(one for one in roster if one not in before)]
            pointer = _next_here(before, last.pointer(), order)
    owed = [owed.seat for owed in last.owed if owed.seat in order] if last is not None and rules.carry_owed else []
    seats = [OpeningSeat(one) if one in here else OpeningSeat(one, presence=Presence.LATE, came=False) for one in order]
    return Opened(at=now, by=by, seats=tuple(seats), pointer=pointer, owed=tuple(owed))


def _next_here(before: Sequence[str], pointer: str | None, order: Collection[str]) -> str | None:
    """Where yesterday's pointer stands today: at its seat, or at the next one that has a seat today."""
    if pointer is None:
        return None
    start = before.index(pointer)
    return next((one for one in (*before[start:], *before[:start]) if one in order), None)
