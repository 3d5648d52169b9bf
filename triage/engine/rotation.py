"""Rotation: who could take a visit now, and whose turn it is.

Make-ups come first, then one walk round the seats from the pointer. Nothing here changes a board; the walk says what
it found and the ledger entry made from it moves the pointer. On a team board a seat is a team, and the walk asks teams;
elsewhere a seat is a person, and both are the same.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from .facts.board import Board, Owed, Seat
from .facts.people import Consultant
from .facts.words import Cause, Employment, Presence
from .ledger.giving import Passed
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


class Place(NamedTuple):
    """A seat of the rotation as the walk finds it.

    `key` names it: the person, or the team by its first member. `person` would receive, standing at `member` of the
    team's list. A team that nobody of can take the visit is found as its best member is.
    """

    key: str
    found: Availability
    person: str
    member: int = 0


def places(board: Board, found: Sequence[Availability], consultants: Mapping[str, Consultant]) -> tuple[Place, ...]:
    """The seats of the rotation in order. `found` is by person, in the order of `board.seats`."""
    if not board.teams:
        return tuple(
            [Place(seat.consultant, one, seat.consultant) for seat, one in zip(board.seats, found, strict=True)]
        )
    by_person = {seat.consultant: one for seat, one in zip(board.seats, found, strict=True)}
    return tuple([_team(board, team, by_person, consultants) for team in board.teams])


def _team(
    board: Board,
    team: tuple[str, ...],
    found: Mapping[str, Availability],
    consultants: Mapping[str, Consultant],
) -> Place:
    """Whose place in the team's list comes next takes the visit; who is off is replaced by her sister."""
    key = board.seat(team[0])
    start = key.next_member if key is not None else 0
    best: Place | None = None
    for step in range(len(team)):
        member = (start + step) % len(team)
        person = team[member]
        one = found[person]
        if one.cause is Cause.OFF:
            sister = consultants[person].sister
            if sister is not None and sister in found:
                person, one = sister, found[sister]
        place = Place(team[0], one, person, member)
        if best is None or _ease(one) < _ease(best.found):
            best = place
    assert best is not None
    return best


_HARDER = (Cause.BUSY, Cause.SCOPE, Cause.SUSPENDED, Cause.OUT, Cause.OFF)


def _ease(found: Availability) -> int:
    """How near a person is to taking the visit: now, soon, then by cause."""
    if found.cause is None:
        return 0 if found.minutes is None else 1
    return 2 + _HARDER.index(found.cause)


def walk_order(keys: Sequence[str], pointer: str | None) -> tuple[int, ...]:
    """The places in the order they are asked, once round from the pointer; a pointer at nobody is at the first."""
    if not keys:
        return ()
    start = keys.index(pointer) if pointer in keys else 0
    return (*range(start, len(keys)), *range(start))


def oldest_make_up(board: Board, found: Sequence[Place], without: Collection[str] = ()) -> tuple[Owed, Place] | None:
    """The oldest owed turn whose seat is free now and may take the visit, with that seat; `without` are not asked."""
    if not board.owed:
        return None
    free = {place.key: place for place in found if place.found is FREE_NOW and place.key not in without}
    for owed in board.owed:
        if owed.seat in free:
            return owed, free[owed.seat]
    return None


@dataclass(frozen=True, slots=True)
class Walk:
    """Once round: the place that takes the visit (None: nobody), and the seats passed over before it."""

    taker: Place | None
    passed: tuple[Passed, ...]
    pointer_after: str | None


def walk(found: Sequence[Place], order: Sequence[int], make_up: Sequence[str], without: Collection[str] = ()) -> Walk:
    """Ask the seats in order; `make_up` lists the causes that deserve one. When nobody takes it, nobody is passed.

    `without`: seats that are not asked at all, and not passed over either.
    """
    passed: list[Passed] = []
    for index in order:
        place = found[index]
        if place.key in without:
            continue
        cause = place.found.cause
        if cause is None:
            after = found[(index + 1) % len(found)].key
            return Walk(place, tuple(passed), after)
        passed.append(Passed(place.key, cause, cause.value in make_up))
    return Walk(None, (), None)
