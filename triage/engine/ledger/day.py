"""The day and its seats: how it opens, who comes, how the seats stand and what is said about them, how it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from ..facts.board import FIRST_LANE, Board, Owed, Seat
from ..facts.words import Presence, SeatChange
from .changes import come, known_seat, swapped
from .entry import Entry, LedgerError


@dataclass(frozen=True, slots=True)
class OpeningSeat:
    """A seat as it stands at opening. `came` False: her first coming puts her on the last seat."""

    consultant: str
    presence: Presence = Presence.ON
    came: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Entry):
    """The day begins: seats in order, where the first-visit lane points, and owed turns carried over, oldest first.

    `teams` groups the persons of a team board; pointer and owed turns then name teams. `used`: how many visitors of an
    unfinished turn the team at the pointer had yesterday.
    """

    kind: ClassVar[str] = "opened"

    seats: tuple[OpeningSeat, ...]
    pointer: str | None = None
    owed: tuple[str, ...] = ()
    used: int = 0
    teams: tuple[tuple[str, ...], ...] = ()

    def applied(self, board: Board, sequence: int) -> Board:
        """Only an empty board is opened; every seat carried or pointed at must be on it."""
        if board.seats:
            raise LedgerError("the board is open already")
        names = [seat.consultant for seat in self.seats]
        if len(set(names)) != len(names):
            raise LedgerError("a consultant has two seats")
        if self.teams and sorted(name for team in self.teams for name in team) != sorted(names):
            raise LedgerError("the teams are not made of the board's persons")
        keys = [team[0] for team in self.teams] or names
        for name in (*self.owed, *([self.pointer] if self.pointer else [])):
            if name not in keys:
                raise LedgerError(f"no seat {name!r} to open with")
        first = {team[0]: self.used % len(team) for team in self.teams if team[0] == (self.pointer or keys[0])}
        return Board(
            sequence=sequence,
            seats=tuple(
                Seat(
                    seat.consultant,
                    presence=seat.presence,
                    came=seat.came,
                    next_member=first.get(seat.consultant, 0),
                )
                for seat in self.seats
            ),
            used=self.used,
            teams=self.teams,
            pointers={FIRST_LANE: self.pointer} if self.pointer else {},
            owed=tuple(Owed(name, sequence, order, "carried") for order, name in enumerate(self.owed)),
            pending=board.pending,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Entry):
    """A consultant is there. First coming after the opening: the last seat; a consultant without a seat gets one."""

    kind: ClassVar[str] = "checked_in"

    seat: str

    def applied(self, board: Board, sequence: int) -> Board:
        """Present, and last in the order when she comes for the first time."""
        if board.seat(self.seat) is None:
            teams = (*board.teams, (self.seat,)) if board.teams else ()
            return board._replace(sequence=sequence, seats=(*board.seats, Seat(self.seat)), teams=teams)
        return come(board, self.seat)._replace(sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordered(Entry):
    """The supervisor puts the seats into another order, with a reason. Pointers, turns and owed turns stay as they are.

    `seats` names every seat of the rotation once: persons, or teams by their first member.
    """

    kind: ClassVar[str] = "reordered"

    seats: tuple[str, ...]

    def applied(self, board: Board, sequence: int) -> Board:
        """The same seats in the new order. A pointer nobody moved yet was at the first seat, and stays at that one."""
        if not self.seats or sorted(self.seats) != sorted(board.keys):
            raise LedgerError("the new order does not name the seats of this board")
        board = board._replace(sequence=sequence, pointers={FIRST_LANE: board.keys[0], **board.pointers})
        if board.teams:
            return board._replace(teams=tuple([board.members(name) for name in self.seats]))
        return board._replace(seats=tuple([known_seat(board, name) for name in self.seats]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatState(Entry):
    """What is said about a seat. `free_in` minutes go with busy, `until` with out."""

    kind: ClassVar[str] = "seat_state"

    seat: str
    change: SeatChange
    free_in: int | None = None
    until: datetime | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """A new statement takes the place of the earlier one; free, busy and on mean that she is there."""
        change = self.change
        if change in (SeatChange.OUT, SeatChange.OFF, SeatChange.LATE):
            seat = known_seat(board, self.seat)._replace(
                presence=Presence(change.value),
                until=self.until,
                stated_busy=False,
                free_at=None,
                waited_by=None,
            )
            return board._replace(sequence=sequence, seats=swapped(board, seat))
        board = come(board, self.seat)
        if change is not SeatChange.ON:
            busy = change is SeatChange.BUSY
            free_at = self.at + timedelta(minutes=self.free_in) if busy and self.free_in is not None else None
            seat = known_seat(board, self.seat)._replace(stated_busy=busy, free_at=free_at, waited_by=None)
            return board._replace(sequence=sequence, seats=swapped(board, seat))
        return board._replace(sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Entry):
    """The day ends. Owed turns end with it unless they are kept for tomorrow (`carry_owed`): `ended` are those."""

    kind: ClassVar[str] = "closed"

    keeps_owed: bool = False
    ended: tuple[Owed, ...] = ()

    def applied(self, board: Board, sequence: int) -> Board:
        """Nothing is given out any more."""
        return board._replace(sequence=sequence, closed=True, owed=board.owed if self.keeps_owed else ())

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the day goes on, and what was owed is owed again."""
        return board._replace(closed=False, owed=(*board.owed, *self.ended))
