"""The ledger: what happened at one desk on one day, entry by entry. The board is nothing but its fold.

Entries are frozen, self-contained and JSON both ways (`entry_to_json`, `entry_from_json`). An entry's number is its
place in the ledger, counted from 1; the caller stores it. Nothing is edited: undo (K8) is an `Undone` entry that
carries a copy of the entry it takes back, so that it is applied without looking anything up.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import ClassVar

from .codec import Plain, from_plain, to_plain
from .facts import FIRST_LANE, Board, Cause, Debt, Fate, Held, Owed, Pending, Presence, Seat, SeatChange, Turn


class LedgerError(ValueError):
    """The entry does not fit the board: it was decided on another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(ABC):
    """What every entry has: when (aware), who did it (opaque id), and why where a reason is asked for."""

    kind: ClassVar[str] = ""

    at: datetime
    by: str = ""
    reason: str = ""

    @abstractmethod
    def applied(self, board: Board, sequence: int) -> Board:
        """The board after this entry, which is number `sequence`; raises LedgerError when it does not fit."""

    def reverted(self, board: Board, sequence: int) -> Board:
        """The board as if this entry, number `sequence`, had not been; raises LedgerError where K8 does not reach."""
        raise LedgerError(f"{self.kind} cannot be undone")


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
            return replace(board, sequence=sequence, seats=(*board.seats, Seat(self.seat)), teams=teams)
        return replace(_present(board, self.seat), sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordered(Entry):
    """The supervisor puts the seats into another order, with a reason. Pointers, turns and owed turns stay as they are.

    `seats` names every seat of the rotation once: persons, or teams by their first member.
    """

    kind: ClassVar[str] = "reordered"

    seats: tuple[str, ...]

    def applied(self, board: Board, sequence: int) -> Board:
        """The same seats in the new order."""
        if sorted(self.seats) != sorted(board.keys):
            raise LedgerError("the new order does not name the seats of this board")
        if board.teams:
            return replace(board, sequence=sequence, teams=tuple([board.members(name) for name in self.seats]))
        return replace(board, sequence=sequence, seats=tuple([_seat(board, name) for name in self.seats]))


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
            seat = replace(
                _seat(board, self.seat),
                presence=Presence(change.value),
                until=self.until,
                stated_busy=False,
                free_at=None,
                waited_by=None,
            )
            return replace(board, sequence=sequence, seats=_swapped(board, seat))
        board = _present(board, self.seat)
        if change is not SeatChange.ON:
            busy = change is SeatChange.BUSY
            free_at = self.at + timedelta(minutes=self.free_in) if busy and self.free_in is not None else None
            seat = replace(_seat(board, self.seat), stated_busy=busy, free_at=free_at, waited_by=None)
            board = replace(board, seats=_swapped(board, seat))
        return replace(board, sequence=sequence)


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
            board = replace(board, guests=(*board.guests, Seat(self.seat)))
        seat = _seat(board, self.seat)
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
        seats, guests = _put(board, seat)
        board = Board(
            sequence=sequence,
            seats=seats,
            pointers=pointers,
            owed=owed,
            pending=_without(board.pending, self.visit),
            closed=board.closed,
            used=used,
            teams=board.teams,
            guests=guests,
            debts=debts,
        )
        if own or self.team is None:
            return board
        team = _seat(board, self.team)
        team = replace(
            team,
            counted=team.counted + (self.turn is Turn.COUNTED),
            make_ups=team.make_ups + (self.turn is Turn.MAKE_UP),
            next_member=self.member_after,
        )
        return replace(board, seats=_swapped(board, team))

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the visit leaves the seat; turn, pointer, owed turns, statement and open question are as before."""
        seat = _seat(board, self.seat)
        if seat.holds(self.visit) is None:
            raise LedgerError(f"visit {self.visit!r} is not with {self.seat!r}")
        board = _uncounted(_freed(board, self.seat, self.visit), self.team or self.seat, self.turn)
        if self.team is not None:
            board = replace(
                board, seats=_swapped(board, replace(_seat(board, self.team), next_member=self.member_before))
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
        return replace(
            board,
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
        board = _taken_back(board, self.left_seat, self.held, self.fate, sequence, self.rule)
        # Named apart: a class with slots is made anew, and `super()` would look for the old one.
        board = Allocated.applied(self, board, sequence)
        if self.exchanged:
            creditor = board.team_of(self.left_seat) or self.left_seat
            board = replace(board, debts=(*board.debts, Debt(self.team or self.seat, creditor, sequence)))
        return board

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: everything as before the correction."""
        board = Allocated.reverted(self, board, sequence)
        if self.exchanged:
            board = replace(board, debts=tuple([one for one in board.debts if one.given != sequence]))
        return _given_back(board, self.left_seat, self.left_place, self.held, self.waited, self.fate, sequence)


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
        board = _taken_back(board, self.seat, self.held, self.fate, sequence, self.rule)
        if self.asks is None:
            return replace(board, sequence=sequence)
        return _asked(board, sequence, self.asks)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the visit is with its seat again."""
        if self.asks is not None:
            board = _unasked(board, self.visit)
        return _given_back(board, self.seat, self.place, self.held, self.waited, self.fate, sequence)


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
        board = _settled(board, self.team or self.seat, self.turn, Fate.RETURNED, sequence, self.rule, self.visit)
        return replace(board, sequence=sequence)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: counted again."""
        return _unsettled(board, self.team or self.seat, self.turn, Fate.RETURNED, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Entry):
    """Nobody can take the visit (A14): it waits until the supervisor names somebody."""

    kind: ClassVar[str] = "escalated"

    visit: str
    owner: str | None = None

    def applied(self, board: Board, sequence: int) -> Board:
        """An open question for the supervisor; nothing else moves."""
        return _asked(board, sequence, Pending(self.visit, "A14", self.at, self.owner))

    def reverted(self, board: Board, sequence: int) -> Board:
        """The question is taken back."""
        return _unasked(board, self.visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAsked(Entry):
    """The owner is absent (A8, `ask`): she, or else the supervisor, names a stand-in."""

    kind: ClassVar[str] = "owner_asked"

    visit: str
    owner: str

    def applied(self, board: Board, sequence: int) -> Board:
        """An open question for the owner; nothing else moves."""
        return _asked(board, sequence, Pending(self.visit, "A8", self.at, self.owner))

    def reverted(self, board: Board, sequence: int) -> Board:
        """The question is taken back."""
        return _unasked(board, self.visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Entry):
    """The visitor goes into the consultant's room: a reception, whatever the turn."""

    kind: ClassVar[str] = "entered"

    visit: str
    seat: str

    def applied(self, board: Board, sequence: int) -> Board:
        """Counted once."""
        seat = _holding(board, self.seat, self.visit)
        first = not all(held.entered for held in seat.visits if held.visit == self.visit)
        visits = tuple(
            replace(held, entered=True, entered_at=held.entered_at or self.at) if held.visit == self.visit else held
            for held in seat.visits
        )
        seat = replace(seat, visits=visits, receptions=seat.receptions + first)
        return replace(_replaced(board, seat), sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Entry):
    """The consultation is over. It ends an earlier statement of being busy."""

    kind: ClassVar[str] = "finished"

    visit: str
    seat: str

    def applied(self, board: Board, sequence: int) -> Board:
        """She is free, unless another visit is with her already."""
        seat = _holding(board, self.seat, self.visit)
        visits = tuple([held for held in seat.visits if held.visit != self.visit])
        seat = replace(seat, visits=visits, stated_busy=False, free_at=None, waited_by=None)
        return replace(_replaced(board, seat), sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(Entry):
    """T7: the consultant declines. The turn is lost, she is suspended for the day, the pointer stays past her."""

    kind: ClassVar[str] = "declined"

    visit: str
    seat: str
    turn: Turn

    def applied(self, board: Board, sequence: int) -> Board:
        """No longer counted, and no make-up for it."""
        held = _held(board, self.seat, self.visit)
        board = _taken_back(board, self.seat, held, Fate.LOST, sequence, "T7")
        return replace(
            board, sequence=sequence, seats=_swapped(board, replace(_seat(board, self.seat), suspended=True))
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
        board = replace(board, sequence=sequence, pending=_without(board.pending, self.visit))
        if self.seat is None:
            return board
        held = _held(board, self.seat, self.visit)
        fate = Fate.RETURNED if self.returned else Fate(held.turn.value)
        return _taken_back(board, self.seat, held, fate, sequence, "left")


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
        held = _held(board, self.seat, self.visit)
        board = replace(board, sequence=sequence)
        if self.disowned:
            board = _holding_as(board, self.seat, replace(held, owner=self.owner))
        if not self.returned:
            return board
        board = _with_turn(board, self.seat, self.visit, Turn.FREE)
        return _settled(board, held.team or self.seat, self.turn, Fate.RETURNED, sequence, self.rule, self.visit)

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the turn is counted again."""
        held = _held(board, self.seat, self.visit)
        if self.disowned:
            board = _holding_as(board, self.seat, replace(held, owner=self.owner_before))
        if not self.returned:
            return board
        board = _with_turn(board, self.seat, self.visit, self.turn)
        return _unsettled(board, held.team or self.seat, self.turn, Fate.RETURNED, sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Entry):
    """K8: entry number `corrects` is taken back. `entry` is that entry, as JSON."""

    kind: ClassVar[str] = "undone"

    corrects: int
    entry: Mapping[str, object]

    def applied(self, board: Board, sequence: int) -> Board:
        """The board as if the corrected entry had not been."""
        return replace(entry_from_json(self.entry).reverted(board, self.corrects), sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Entry):
    """The day ends. Owed turns end with it unless they are kept for tomorrow (`carry_owed`)."""

    kind: ClassVar[str] = "closed"

    keeps_owed: bool = False

    def applied(self, board: Board, sequence: int) -> Board:
        """Nothing is given out any more."""
        return replace(board, sequence=sequence, closed=True, owed=board.owed if self.keeps_owed else ())


ENTRY_KINDS: Mapping[str, type[Entry]] = {
    cls.kind: cls
    for cls in (
        Opened, CheckedIn, Reordered, SeatState, Allocated, Named, Moved, Released, Returned, Escalated, OwnerAsked,
        Entered, Finished, Declined, Left, Corrected, Undone, Closed,
    )
}  # fmt: skip


def apply(board: Board, entry: Entry) -> Board:
    """The board after one more entry; its number is `board.sequence` + 1. Raises LedgerError when it does not fit."""
    if board.closed:
        raise LedgerError("the day is closed")
    return entry.applied(board, board.sequence + 1)


def fold(entries: Iterable[Entry], board: Board | None = None) -> Board:
    """The board after all entries, from an empty board or the one given."""
    return reduce(apply, entries, Board() if board is None else board)


def entry_to_json(entry: Entry) -> Plain:
    """The entry as a plain dict with its `kind`."""
    return {"kind": entry.kind, **to_plain(entry)}


def entry_from_json(data: Mapping[str, object]) -> Entry:
    """The entry `entry_to_json` was given; raises LedgerError for a kind that does not exist."""
    cls = ENTRY_KINDS.get(str(data["kind"]))
    if cls is None:
        raise LedgerError(f"no entry of kind {data['kind']!r}")
    return from_plain(cls, {key: value for key, value in data.items() if key != "kind"})


def board_to_json(board: Board) -> Plain:
    """The board as a plain dict, for the row that caches it."""
    return to_plain(board)


def board_from_json(data: Mapping[str, object]) -> Board:
    """The board `board_to_json` was given."""
    return from_plain(Board, data)


def _seat(board: Board, name: str) -> Seat:
    seat = board.seat(name)
    if seat is None:
        raise LedgerError(f"no seat {name!r} on this board")
    return seat


def _holding(board: Board, name: str, visit: str) -> Seat:
    seat = _seat(board, name)
    if seat.holds(visit) is None:
        raise LedgerError(f"visit {visit!r} is not with {name!r}")
    return seat


def _held(board: Board, name: str, visit: str) -> Held:
    held = _seat(board, name).holds(visit)
    if held is None:
        raise LedgerError(f"visit {visit!r} is not with {name!r}")
    return held


def _swapped(board: Board, seat: Seat) -> tuple[Seat, ...]:
    return tuple([seat if other.consultant == seat.consultant else other for other in board.seats])


def _put(board: Board, seat: Seat) -> tuple[tuple[Seat, ...], tuple[Seat, ...]]:
    """The seats and the guests, with this one in its place."""
    if not board.guests or any(other.consultant == seat.consultant for other in board.seats):
        return _swapped(board, seat), board.guests
    return board.seats, tuple([seat if other.consultant == seat.consultant else other for other in board.guests])


def _replaced(board: Board, seat: Seat) -> Board:
    seats, guests = _put(board, seat)
    return replace(board, seats=seats, guests=guests)


def _freed(board: Board, name: str, visit: str) -> Board:
    """The seat without the visit; her statement is free to be waited for again."""
    seat = _holding(board, name, visit)
    return _replaced(
        board,
        replace(
            seat,
            visits=tuple([held for held in seat.visits if held.visit != visit]),
            waited_by=None if seat.waited_by == visit else seat.waited_by,
        ),
    )


def _uncounted(board: Board, key: str, turn: Turn) -> Board:
    if turn is Turn.FREE:
        return board
    seat = _seat(board, key)
    return _replaced(
        board,
        replace(seat, counted=seat.counted - (turn is Turn.COUNTED), make_ups=seat.make_ups - (turn is Turn.MAKE_UP)),
    )


def _settled(board: Board, key: str, turn: Turn, fate: Fate, sequence: int, cause: str, visit: str) -> Board:
    """The turn as its fate says: returned is uncounted and owed, lost, exchanged and undone are uncounted."""
    if turn is Turn.FREE or fate.value == turn.value:
        return board
    board = _uncounted(board, key, turn)
    if fate is not Fate.RETURNED:
        return board
    return replace(board, owed=(*board.owed, Owed(key, sequence, _BY_FATE, cause, visit)))


def _unsettled(board: Board, key: str, turn: Turn, fate: Fate, sequence: int) -> Board:
    """The turn as it was before `_settled`."""
    if turn is Turn.FREE or fate.value == turn.value:
        return board
    seat = _seat(board, key)
    board = _replaced(
        board,
        replace(seat, counted=seat.counted + (turn is Turn.COUNTED), make_ups=seat.make_ups + (turn is Turn.MAKE_UP)),
    )
    return replace(board, owed=tuple([one for one in board.owed if (one.given, one.order) != (sequence, _BY_FATE)]))


# Turns owed by the walk are numbered from 0 in their entry; the one a correction returns stands before them.
_BY_FATE = -1


def _taken_back(board: Board, name: str, held: Held, fate: Fate, sequence: int, cause: str) -> Board:
    """The visit leaves its seat, and the turn it used is settled."""
    if _held(board, name, held.visit) != held:
        raise LedgerError(f"visit {held.visit!r} is not with {name!r} as it was")
    board = _freed(board, name, held.visit)
    return _settled(board, held.team or name, held.turn, fate, sequence, cause, held.visit)


def _given_back(board: Board, name: str, place: int, held: Held, waited: bool, fate: Fate, sequence: int) -> Board:
    """The visit is with its seat as it was before `_taken_back`."""
    seat = _seat(board, name)
    visits = (*seat.visits[:place], held, *seat.visits[place:])
    waited_by = held.visit if waited else seat.waited_by
    board = _replaced(board, replace(seat, visits=visits, waited_by=waited_by))
    return _unsettled(board, held.team or name, held.turn, fate, sequence)


def _with_turn(board: Board, name: str, visit: str, turn: Turn) -> Board:
    return _holding_as(board, name, replace(_held(board, name, visit), turn=turn))


def _holding_as(board: Board, name: str, held: Held) -> Board:
    """The seat holds the visit as `held` says."""
    seat = _seat(board, name)
    visits = tuple([held if one.visit == held.visit else one for one in seat.visits])
    return _replaced(board, replace(seat, visits=visits))


def _present(board: Board, name: str) -> Board:
    """She is there. Coming for the first time she goes last, and a pointer at her goes on to the seat after her."""
    seat = _seat(board, name)
    here = replace(seat, presence=Presence.ON, came=True, until=None)
    # A team keeps its place whoever of it comes first.
    if seat.came or board.teams:
        return replace(board, seats=_swapped(board, here))
    index = board.index(name)
    following = board.seats[(index + 1) % len(board.seats)].consultant
    last = index == len(board.seats) - 1
    pointers = (
        board.pointers
        if last
        else {lane: following if target == name else target for lane, target in board.pointers.items()}
    )
    others = tuple(other for other in board.seats if other is not seat)
    return replace(board, seats=(*others, here), pointers=pointers)


def _without(pending: tuple[Pending, ...], visit: str) -> tuple[Pending, ...]:
    return tuple([one for one in pending if one.visit != visit]) if pending else pending


def _asked(board: Board, sequence: int, question: Pending) -> Board:
    if board.seat_of(question.visit) is not None:
        raise LedgerError(f"visit {question.visit!r} is with a seat already")
    pending = (*_without(board.pending, question.visit), question)
    return replace(board, sequence=sequence, pending=pending)


def _unasked(board: Board, visit: str) -> Board:
    if board.pending_for(visit) is None:
        raise LedgerError(f"nobody is asked about visit {visit!r}")
    return replace(board, pending=_without(board.pending, visit))
