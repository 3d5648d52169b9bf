"""Giving visits out: by rotation, by name, from one seat to another, or to nobody until somebody is named."""

from dataclasses import dataclass
from typing import ClassVar

from ..facts.board import FIRST_LANE, Board, Debt, Held, Owed, Pending, Seat
from ..facts.words import Cause, Fate, Turn
from .changes import (
    asked,
    freed,
    given_back,
    known_seat,
    put_seat,
    swapped,
    taken_back,
    unasked,
    uncounted,
    without_question,
)
from .entry import Entry, LedgerError


@dataclass(frozen=True, slots=True)
class Passed:
    """A seat passed over on the walk, why, and whether it is owed a make-up for it."""

    seat: str
    cause: Cause
    owed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated(Entry):
    """A visit is given to a seat.

    `lane` is set when rotation gave it: the pointer of that lane went from `pointer_before` (None: the lane was new)
    to `pointer_after`, or stayed where a `make_up` was used. `waits`: she is busy, the visit waits for her.
    `answers`: the open question this settles. `team`: the team whose turn it uses; `used_*` and `member_*` say how far
    the turn and the team's list have come. `debt`: the exchange this pays back (K5). `guest`: she has no seat here.
    `owner` is whose visitor she is from now on.
    """

    kind: ClassVar[str] = "allocated"

    visit: str
    seat: str
    rule: str
    turn: Turn
    turn_rule: str
    lane: str | None = None
    passed: tuple[Passed, ...] = ()
    pointer_before: str | None = None
    pointer_after: str | None = None
    make_up: Owed | None = None
    waits: bool = False
    answers: Pending | None = None
    team: str | None = None
    used_before: int = 0
    used_after: int = 0
    member_before: int = 0
    member_after: int = 0
    debt: Debt | None = None
    guest: bool = False
    owner: str | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """The seat holds the visit; turn, pointer, owed turns and her statement follow."""
        if board.seat_of(self.visit) is not None:
            raise LedgerError(f"visit {self.visit!r} is with a seat already")
        if self.guest and board.seat(self.seat) is None:
            board = board._replace(guests=(*board.guests, Seat(self.seat)))
        seat = known_seat(board, self.seat)
        own = self.team is None or self.team == self.seat
        claims = self.waits and seat.free_at is not None and seat.waited_by is None
        seat = Seat(
            consultant=seat.consultant,
            presence=seat.presence,
            came=seat.came,
            suspended=seat.suspended,
            stated_busy=seat.stated_busy,
            free_at=seat.free_at,
            waited_by=self.visit if claims else seat.waited_by,
            until=seat.until,
            visits=(
                *seat.visits,
                Held(
                    self.visit,
                    self.turn,
                    self.at,
                    rule=self.rule,
                    turn_rule=self.turn_rule,
                    team=self.team,
                    owner=self.owner,
                    given=sequence,
                ),
            ),
            counted=seat.counted + (own and self.turn is Turn.COUNTED),
            make_ups=seat.make_ups + (own and self.turn is Turn.MAKE_UP),
            receptions=seat.receptions,
            next_member=self.member_after if self.team is not None and own else seat.next_member,
        )
        owed = board.owed
        if self.make_up is not None:
            given, order = self.make_up.given, self.make_up.order
            owed = tuple([one for one in owed if one.given != given or one.order != order])
            if len(owed) == len(board.owed):
                raise LedgerError(f"no such owed turn of {self.make_up.seat!r}")
        if self.passed:
            deserve = [one for one in self.passed if one.owed]
            owed += tuple(
                [Owed(one.seat, sequence, order, one.cause.value, self.visit) for order, one in enumerate(deserve)]
            )
        pointers, used = board.pointers, board.used
        if self.lane is not None and self.pointer_after is not None:
            if pointers.get(self.lane) != self.pointer_before:
                raise LedgerError(f"the pointer is not at {self.pointer_before!r} any more")
            pointers = {**pointers, self.lane: self.pointer_after}
            used = self.used_after if self.lane == FIRST_LANE else used
        debts = board.debts
        if self.debt is not None:
            debts = tuple([one for one in debts if one != self.debt])
            if len(debts) == len(board.debts):
                raise LedgerError(f"{self.debt.debtor!r} owes no exchange")
        seats, guests = put_seat(board, seat)
        board = Board(
            sequence=sequence,
            seats=seats,
            pointers=pointers,
            owed=owed,
            pending=without_question(board.pending, self.visit),
            closed=board.closed,
            used=used,
            teams=board.teams,
            guests=guests,
            debts=debts,
        )
        if own or self.team is None:
            return board
        team = known_seat(board, self.team)
        team = team._replace(
            counted=team.counted + (self.turn is Turn.COUNTED),
            make_ups=team.make_ups + (self.turn is Turn.MAKE_UP),
            next_member=self.member_after,
        )
        return board._replace(seats=swapped(board, team))

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the visit leaves the seat; turn, pointer, owed turns, statement and open question are as before."""
        seat = known_seat(board, self.seat)
        if seat.holds(self.visit) is None:
            raise LedgerError(f"visit {self.visit!r} is not with {self.seat!r}")
        board = uncounted(freed(board, self.seat, self.visit), self.team or self.seat, self.turn)
        if self.team is not None:
            board = board._replace(
                seats=swapped(board, known_seat(board, self.team)._replace(next_member=self.member_before))
            )
        owed = [one for one in board.owed if one.given != sequence]
        if self.make_up is not None:
            owed = sorted([*owed, self.make_up], key=lambda one: (one.given, one.order))
        pointers, used = dict(board.pointers), board.used
        if self.lane is not None and self.pointer_after is not None:
            used = self.used_before if self.lane == FIRST_LANE else used
            if self.pointer_before is None:
                pointers.pop(self.lane, None)
            else:
                pointers[self.lane] = self.pointer_before
        pending = board.pending
        if self.answers is not None:
            pending = tuple(sorted((*pending, self.answers), key=lambda one: one.since))
        debts = board.debts
        if self.debt is not None:
            debts = tuple(sorted((*debts, self.debt), key=lambda one: one.given))
        guests = tuple([one for one in board.guests if one.consultant != self.seat]) if self.guest else board.guests
        return board._replace(
            owed=tuple(owed),
            pointers=pointers,
            pending=pending,
            used=used,
            debts=debts,
            guests=guests,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Allocated):
    """The owner or the supervisor names who receives (A8, A14), or the supervisor overrides (K9)."""

    kind: ClassVar[str] = "named"

    named_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Allocated):
    """A correction takes the visit from one seat and gives it to another (K3–K7, K9, a refused wait).

    `held` is the visit as `left_seat` held it, at place `left_place`; `waited`: it was the one that waited for her.
    `fate` says what becomes of the turn it had. An exchange (K5) leaves a debt: `exchanged`.
    """

    kind: ClassVar[str] = "moved"

    left_seat: str
    left_place: int
    held: Held
    waited: bool
    fate: Fate
    exchanged: bool = False
    corrects: int | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """First the old seat is freed and its turn settled, then the new one takes the visit."""
        board = taken_back(board, self.left_seat, self.held, self.fate, sequence, self.rule)
        # Named apart: a class with slots is made anew, and `super()` would look for the old one.
        board = Allocated.applied(self, board, sequence)
        if self.exchanged:
            creditor = board.team_of(self.left_seat) or self.left_seat
            board = board._replace(debts=(*board.debts, Debt(self.team or self.seat, creditor, sequence)))
        return board

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: everything as before the correction."""
        board = Allocated.reverted(self, board, sequence)
        if self.exchanged:
            board = board._replace(debts=tuple([one for one in board.debts if one.given != sequence]))
        return given_back(board, self.left_seat, self.left_place, self.held, self.waited, self.fate, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Entry):
    """Nobody can take the visit (A14): it waits until the supervisor names somebody."""

    kind: ClassVar[str] = "escalated"

    visit: str
    owner: str | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """An open question for the supervisor; nothing else moves."""
        return asked(board, sequence, Pending(self.visit, "A14", self.at, self.owner))

    def reverted(self, board: Board, sequence: int) -> Board:
        """The question is taken back."""
        return unasked(board, self.visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAsked(Entry):
    """The owner is absent (A8, `ask`): she, or else the supervisor, names a stand-in."""

    kind: ClassVar[str] = "owner_asked"

    visit: str
    owner: str

    def applied(self, board: Board, sequence: int) -> Board:
        """An open question for the owner; nothing else moves."""
        return asked(board, sequence, Pending(self.visit, "A8", self.at, self.owner))

    def reverted(self, board: Board, sequence: int) -> Board:
        """The question is taken back."""
        return unasked(board, self.visit)
