"""Rotation: who could take a visit now, and whose turn it is.

Make-ups come first, then one walk round the seats from the pointer. Nothing here changes a board; the walk says what
it found and the ledger entry made from it moves the pointer. On a team board a seat is a team, and the walk asks teams;
elsewhere a seat is a person, and both are the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
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
BUSY = Availability(Cause.BUSY, None)
OFF = Availability(Cause.OFF, None)
OUT = Availability(Cause.OUT, None)
SUSPENDED = Availability(Cause.SUSPENDED, None)
SCOPE = Availability(Cause.SCOPE, None)
# Who may not do what she comes for, told from scope by identity: not asked, so neither passed over nor owed anything.
BARRED = Availability(Cause.SCOPE, None)


def availabilities(
    seats: Iterable[Seat],
    consultants: Mapping[str, Consultant],
    project: str | None,
    now: datetime,
    policy: Policy,
    barred: Collection[str] = (),
) -> list[Availability]:
    """Whether rotation could give each seat a visit judged by `project`; the first cause that holds is the cause.

    `barred`: who may not do what she comes for. Raises LookupError when nothing is known about somebody who has a seat.
    """
    on, here = Presence.ON, Employment.HERE
    found = []
    for seat in seats:
        consultant = consultants.get(seat.consultant)
        if consultant is None:
            raise LookupError(f"nothing is known about consultant {seat.consultant!r}")
        if barred and seat.consultant in barred:
            found.append(BARRED)
        elif seat.presence is not on or consultant.employment is not here:
            found.append(OUT if seat.presence is Presence.OUT else OFF)
        elif seat.suspended:
            found.append(SUSPENDED)
        elif not consultant.may_receive(project):
            found.append(SCOPE)
        elif seat.visits or seat.stated_busy:
            found.append(openness(seat, now, policy))
        else:
            found.append(FREE_NOW)
    return found


def openness(seat: Seat, now: datetime, policy: Policy) -> Availability:
    """Free, free soon enough to be waited for, or busy; nothing but that."""
    if not seat.visits and not seat.stated_busy:
        return FREE_NOW
    if seat.free_at is None:
        return BUSY
    minutes = _minutes_until(seat.free_at, now)
    soon = minutes <= policy.busy_wait_minutes and seat.waited_by is None
    return Availability(None if soon else Cause.BUSY, minutes)


def minutes_left(seat: Seat, now: datetime) -> int | None:
    """Whole minutes until she said she would be free, 0 when that is over ("any minute"), None when she did not say."""
    return _minutes_until(seat.free_at, now) if seat.free_at is not None else None


def _minutes_until(moment: datetime, now: datetime) -> int:
    return max(0, -((now - moment) // MINUTE))


class Place(NamedTuple):
    """A seat of the rotation as the walk finds it.

    `key` names it: the person, or the team by its first member. `person` would receive, standing at `member` of the
    team's list. A team that nobody of can take the visit is found as its best member is.
    """

    key: str
    found: Availability
    person: str
    member: int = 0


class Places:
    """The seats of the rotation in order, each made up when it is asked.

    `found` is by person, in the order of `board.seats`; `keys` are those of the board.
    """

    __slots__ = ("_board", "_by_person", "_consultants", "_found", "_teams", "keys")

    def __init__(self, board: Board, found: Sequence[Availability], consultants: Mapping[str, Consultant]) -> None:
        self.keys = board.keys
        self._board = board
        self._teams = board.teams
        self._found = found
        self._consultants = consultants
        self._by_person = (
            {seat.consultant: one for seat, one in zip(board.seats, found, strict=True)} if board.teams else {}
        )

    def at(self, index: int) -> Place:
        """The seat that many places after the first."""
        if self._teams:
            return _team(self._board, self._teams[index], self._by_person, self._consultants)
        key = self.keys[index]
        return Place(key, self._found[index], key)

    def of(self, key: str) -> Place | None:
        """The seat of that name, if the rotation has it."""
        return self.at(self.keys.index(key)) if key in self.keys else None


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
    if found is BARRED:
        return 2 + len(_HARDER)
    return 2 + _HARDER.index(found.cause)


@lru_cache(maxsize=1024)
def walk_order(keys: tuple[str, ...], pointer: str | None) -> tuple[int, ...]:
    """The places in the order they are asked, once round from the pointer; a pointer at nobody is at the first."""
    if not keys:
        return ()
    start = keys.index(pointer) if pointer in keys else 0
    return (*range(start, len(keys)), *range(start))


def oldest_make_up(owed: Iterable[Owed], places: Places, without: Collection[str] = ()) -> tuple[Owed, Place] | None:
    """The oldest owed turn whose seat is free now and may take the visit, with that seat; `without` are not asked."""
    for one in owed:
        place = places.of(one.seat) if one.seat not in without else None
        if place is not None and place.found is FREE_NOW:
            return one, place
    return None


class Walk(NamedTuple):
    """Once round: the place that takes the visit (None: nobody), and the seats passed over before it."""

    taker: Place | None
    passed: tuple[Passed, ...]
    pointer_after: str | None


def walk(places: Places, order: Sequence[int], make_up: Sequence[str], without: Collection[str] = ()) -> Walk:
    """Ask the seats in order; `make_up` lists the causes that deserve one. When nobody takes it, nobody is passed.

    `without`: seats that are not asked at all, and not passed over either.
    """
    passed: list[Passed] = []
    for index in order:
        place = places.at(index)
        if place.key in without:
            continue
        cause = place.found.cause
        if cause is None:
            after = places.keys[(index + 1) % len(places.keys)]
            return Walk(place, tuple(passed), after)
        passed.append(Passed(place.key, cause, cause in make_up))
    return Walk(None, (), None)
