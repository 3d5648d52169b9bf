"""Rotation: who could take a visit now, and whose turn it is.

Make-ups come first, then one walk round the seats from the pointer. Nothing here changes a board; the walk says what
it found and the ledger entry made from it moves the pointer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .facts import Board, Cause, Consultant, Employment, Owed, Presence, Seat
from .ledger import Passed
from .policy import Policy

MINUTE = timedelta(minutes=1)


class Availability(NamedTuple):
    """Whether a seat could take a visit. No cause, no minutes: now. No cause, minutes: the visit waits that long.

    With a cause the seat is passed over; `minutes` is then when a busy seat said it would be free, if it did.
    """

    cause: Cause | None
    minutes: int | None


FREE_NOW = Availability(None, None)
OFF = Availability(Cause.OFF, None)
OUT = Availability(Cause.OUT, None)
SUSPENDED = Availability(Cause.SUSPENDED, None)
SCOPE = Availability(Cause.SCOPE, None)


def availability(
    seat: Seat, consultant: Consultant, project: str | None, now: datetime, policy: Policy
) -> Availability:
    """Whether rotation could give this seat a visit judged by `project`; the first cause that holds is the cause."""
    if seat.presence is not Presence.ON or consultant.employment is not Employment.HERE:
        return OUT if seat.presence is Presence.OUT else OFF
    if seat.suspended:
        return SUSPENDED
    if not consultant.may_receive(project):
        return SCOPE
    return openness(seat, now, policy) if seat.visits or seat.stated_busy else FREE_NOW


def openness(seat: Seat, now: datetime, policy: Policy) -> Availability:
    """Free, free soon enough to be waited for, or busy; nothing but that."""
    if not seat.visits and not seat.stated_busy:
        return FREE_NOW
    minutes = minutes_left(seat, now)
    soon = minutes is not None and minutes <= policy.busy_wait_minutes and seat.waited_by is None
    return Availability(None if soon else Cause.BUSY, minutes)


def minutes_left(seat: Seat, now: datetime) -> int | None:
    """Whole minutes until she said she would be free, 0 when that is over ("any minute"), None when she did not say."""
    if seat.free_at is None:
        return None
    return max(0, -((now - seat.free_at) // MINUTE))


def walk_order(board: Board, lane: str) -> tuple[int, ...]:
    """The seats' places in the order they are asked, once round from the lane's pointer."""
    pointer = board.pointer(lane)
    if pointer is None:
        return ()
    start, count = board.index(pointer), len(board.seats)
    return (*range(start, count), *range(start))


def oldest_make_up(board: Board, found: Sequence[Availability]) -> Owed | None:
    """The oldest owed turn whose seat is free now and may take the visit. `found` is by place on the board."""
    if not board.owed:
        return None
    free = {seat.consultant for seat, one in zip(board.seats, found, strict=True) if one is FREE_NOW}
    for owed in board.owed:
        if owed.seat in free:
            return owed
    return None


@dataclass(frozen=True, slots=True)
class Walk:
    """Once round: the place of the seat that takes the visit (None: nobody), and the seats passed over before it."""

    taker: int | None
    passed: tuple[Passed, ...]
    pointer_after: str | None


def walk(board: Board, order: Sequence[int], found: Sequence[Availability], make_up: Sequence[str]) -> Walk:
    """Ask the seats in order; `make_up` lists the causes that deserve one. When nobody takes it, nobody is passed."""
    passed: list[Passed] = []
    for index in order:
        cause = found[index].cause
        if cause is None:
            after = board.seats[(index + 1) % len(board.seats)].consultant
            return Walk(index, tuple(passed), after)
        passed.append(Passed(board.seats[index].consultant, cause, cause.value in make_up))
    return Walk(None, (), None)
