"""What becomes of a visit that was given out: into the room and out of it, declined, left, taken back, corrected."""

from dataclasses import dataclass
from typing import ClassVar

from ..facts.board import Board, Held, Pending
from ..facts.words import Fate, Turn
from .changes import (
    asked,
    given_back,
    held_by,
    holding_as,
    known_seat,
    seat_holding,
    settled,
    swapped,
    taken_back,
    unasked,
    unsettled,
    with_seat,
    with_turn,
    without_question,
)
from .entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Entry):
    """The visitor goes into the consultant's room: a reception, whatever the turn."""

    kind: ClassVar[str] = "entered"

    visit: str
    seat: str

    def applied(self, board: Board, sequence: int) -> Board:
        """Counted once."""
        seat, held = seat_holding(board, self.seat, self.visit)
        entered = held._replace(entered=True, entered_at=held.entered_at or self.at)
        visits = tuple([entered if one is held else one for one in seat.visits])
        seat = seat._replace(visits=visits, receptions=seat.receptions + (not held.entered))
        return with_seat(board, seat, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Entry):
    """The consultation is over. It ends an earlier statement of being busy."""

    kind: ClassVar[str] = "finished"

    visit: str
    seat: str

    def applied(self, board: Board, sequence: int) -> Board:
        """She is free, unless another visit is with her already."""
        seat, _ = seat_holding(board, self.seat, self.visit)
        visits = tuple([held for held in seat.visits if held.visit != self.visit])
        seat = seat._replace(visits=visits, stated_busy=False, free_at=None, waited_by=None)
        return with_seat(board, seat, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(Entry):
    """T7: the consultant declines. The turn is lost, she is suspended for the day, the pointer stays past her."""

    kind: ClassVar[str] = "declined"

    visit: str
    seat: str
    turn: Turn

    def applied(self, board: Board, sequence: int) -> Board:
        """No longer counted, and no make-up for it."""
        held = held_by(board, self.seat, self.visit)
        board = taken_back(board, self.seat, held, Fate.LOST, sequence, "T7")
        return board._replace(
            sequence=sequence, seats=swapped(board, known_seat(board, self.seat)._replace(suspended=True))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Entry):
    """T8: the visitor walked out. `seat` None: nobody had her yet. `returned`: no longer counted, a make-up is owed."""

    kind: ClassVar[str] = "left"

    visit: str
    seat: str | None = None
    turn: Turn | None = None
    returned: bool = False

    def applied(self, board: Board, sequence: int) -> Board:
        """The seat is free of the visit; an open question about it is closed."""
        board = board._replace(sequence=sequence, pending=without_question(board.pending, self.visit))
        if self.seat is None:
            return board
        held = held_by(board, self.seat, self.visit)
        fate = Fate.RETURNED if self.returned else Fate(held.turn.value)
        return taken_back(board, self.seat, held, fate, sequence, "left")


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Entry):
    """A correction takes the visit from its seat and gives it to nobody yet.

    K4: the supervisor is asked to name somebody (`asks`). Otherwise the visit waits for what the rules say next.
    """

    kind: ClassVar[str] = "released"

    rule: str
    visit: str
    seat: str
    place: int
    held: Held
    waited: bool
    fate: Fate
    asks: Pending | None = None
    corrects: int | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """The seat is free of the visit; where somebody is asked, the question is open."""
        board = taken_back(board, self.seat, self.held, self.fate, sequence, self.rule)
        if self.asks is None:
            return board._replace(sequence=sequence)
        return asked(board, sequence, self.asks)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the visit is with its seat again."""
        if self.asks is not None:
            board = unasked(board, self.visit)
        return given_back(board, self.seat, self.place, self.held, self.waited, self.fate, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Entry):
    """K6 found out after the visit was over: the turn it used is returned to the seat; a free one stays free.

    `team`: the team whose turn it was, on a team board.
    """

    kind: ClassVar[str] = "returned"

    rule: str
    visit: str
    seat: str
    turn: Turn
    team: str | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """No longer counted, a make-up is owed."""
        board = settled(board, self.team or self.seat, self.turn, Fate.RETURNED, sequence, self.rule, self.visit)
        return board._replace(sequence=sequence)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: counted again."""
        return unsettled(board, self.team or self.seat, self.turn, Fate.RETURNED, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Entry):
    """A correction that leaves the visit where it is: K1, K2, and K3, K6 where the one she should go to is not here.

    `turn` is what it had used; `returned`: no longer counted, a make-up is owed. `disowned`: she is `owner`'s from now
    on (None: nobody's), and was `owner_before`'s.
    """

    kind: ClassVar[str] = "corrected"

    rule: str
    visit: str
    seat: str
    turn: Turn
    returned: bool = False
    corrects: int | None = None
    disowned: bool = False
    owner: str | None = None
    owner_before: str | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """She keeps the visit until it is finished; a turn given back is not given back twice."""
        held = held_by(board, self.seat, self.visit)
        board = board._replace(sequence=sequence)
        if self.disowned:
            board = holding_as(board, self.seat, held._replace(owner=self.owner))
        if not self.returned:
            return board
        board = with_turn(board, self.seat, self.visit, Turn.FREE)
        return settled(board, held.team or self.seat, self.turn, Fate.RETURNED, sequence, self.rule, self.visit)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the turn is counted again."""
        held = held_by(board, self.seat, self.visit)
        if self.disowned:
            board = holding_as(board, self.seat, held._replace(owner=self.owner_before))
        if not self.returned:
            return board
        board = with_turn(board, self.seat, self.visit, self.turn)
        return unsettled(board, held.team or self.seat, self.turn, Fate.RETURNED, sequence)
