"""The ledger: what happened at one desk on one day, entry by entry. The board is nothing but its fold.

Entries are frozen, self-contained and JSON both ways (`entry_to_json`, `entry_from_json`). An entry's number is its
place in the ledger, counted from 1; the caller stores it. Nothing is edited: undo (K8) is an `Undone` entry that
carries a copy of the entry it takes back, so that it is applied without looking anything up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import ClassVar

from .codec import Plain, from_plain, to_plain
from .facts import FIRST_LANE, Board, Cause, Held, Owed, Pending, Presence, Seat, SeatChange, Turn


class LedgerError(ValueError):
    """The entry does not fit the board: it was decided on another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry has: when (aware), who did it (opaque id), and why where a reason is asked for."""

    kind: ClassVar[str] = ""

    at: datetime
    by: str = ""
    reason: str = ""

    def applied(self, board: Board, sequence: int) -> Board:
        """The board after this entry, which is number `sequence`; raises LedgerError when it does not fit."""
        raise NotImplementedError

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
    """The day begins: seats in order, where the first-visit lane points, and owed turns carried over, oldest first."""

    kind: ClassVar[str] = "opened"

    seats: tuple[OpeningSeat, ...]
    pointer: str | None = None
    owed: tuple[str, ...] = ()

    def applied(self, board: Board, sequence: int) -> Board:
        """Only an empty board is opened; every seat carried or pointed at must be on it."""
        if board.seats:
            raise LedgerError("the board is open already")
        names = [seat.consultant for seat in self.seats]
        if len(set(names)) != len(names):
            raise LedgerError("a consultant has two seats")
        for name in (*self.owed, *([self.pointer] if self.pointer else [])):
            if name not in names:
                raise LedgerError(f"no seat {name!r} to open with")
        return Board(
            sequence=sequence,
            seats=tuple(Seat(seat.consultant, presence=seat.presence, came=seat.came) for seat in self.seats),
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
            return replace(board, sequence=sequence, seats=(*board.seats, Seat(self.seat)))
        return replace(_present(board, self.seat), sequence=sequence)


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
    `answers`: the open question this settles.
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

    def applied(self, board: Board, sequence: int) -> Board:
        """The seat holds the visit; turn, pointer, owed turns and her statement follow."""
        if board.seat_of(self.visit) is not None:
            raise LedgerError(f"visit {self.visit!r} is with a seat already")
        index = board.index(self.seat)
        seat = board.seats[index]
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
            visits=(*seat.visits, Held(self.visit, self.turn, self.at)),
            counted=seat.counted + (self.turn is Turn.COUNTED),
            make_ups=seat.make_ups + (self.turn is Turn.MAKE_UP),
            receptions=seat.receptions,
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
        pointers = board.pointers
        if self.lane is not None and self.pointer_after is not None:
            if pointers.get(self.lane) != self.pointer_before:
                raise LedgerError(f"the pointer is not at {self.pointer_before!r} any more")
            pointers = {**pointers, self.lane: self.pointer_after}
        return Board(
            sequence=sequence,
            seats=(*board.seats[:index], seat, *board.seats[index + 1 :]),
            pointers=pointers,
            owed=owed,
            pending=_without(board.pending, self.visit),
            closed=board.closed,
        )

    def reverted(self, board: Board, sequence: int) -> Board:
        """K8: the visit leaves the seat; turn, pointer, owed turns, statement and open question are as before."""
        seat = _seat(board, self.seat)
        if seat.holds(self.visit) is None:
            raise LedgerError(f"visit {self.visit!r} is not with {self.seat!r}")
        seat = replace(
            seat,
            visits=tuple(held for held in seat.visits if held.visit != self.visit),
            counted=seat.counted - (self.turn is Turn.COUNTED),
            make_ups=seat.make_ups - (self.turn is Turn.MAKE_UP),
            waited_by=None if seat.waited_by == self.visit else seat.waited_by,
        )
        owed = [one for one in board.owed if one.given != sequence]
        if self.make_up is not None:
            owed = sorted([*owed, self.make_up], key=lambda one: (one.given, one.order))
        pointers = dict(board.pointers)
        if self.lane is not None and self.pointer_after is not None:
            if self.pointer_before is None:
                pointers.pop(self.lane, None)
            else:
                pointers[self.lane] = self.pointer_before
        pending = board.pending
        if self.answers is not None:
            pending = tuple(sorted((*pending, self.answers), key=lambda one: one.since))
        return replace(board, seats=_swapped(board, seat), owed=tuple(owed), pointers=pointers, pending=pending)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Allocated):
    """The owner or the supervisor names who receives (A8, A14), or the supervisor overrides (K9)."""

    kind: ClassVar[str] = "named"

    named_by: str


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
        visits = tuple(replace(held, entered=True) if held.visit == self.visit else held for held in seat.visits)
        first = not all(held.entered for held in seat.visits if held.visit == self.visit)
        seat = replace(seat, visits=visits, receptions=seat.receptions + first)
        return replace(board, sequence=sequence, seats=_swapped(board, seat))


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
        return replace(board, sequence=sequence, seats=_swapped(board, seat))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(Entry):
    """T7: the consultant declines. The turn is lost, she is suspended for the day, the pointer stays past her."""

    kind: ClassVar[str] = "declined"

    visit: str
    seat: str
    turn: Turn

    def applied(self, board: Board, sequence: int) -> Board:
        """No longer counted, and no make-up for it."""
        seat = _uncounted(_released(_holding(board, self.seat, self.visit), self.visit), self.turn)
        return replace(board, sequence=sequence, seats=_swapped(board, replace(seat, suspended=True)))


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
        seat = _released(_holding(board, self.seat, self.visit), self.visit)
        owed = board.owed
        if self.returned and self.turn is not None:
            seat = _uncounted(seat, self.turn)
            owed = (*owed, Owed(self.seat, sequence, 0, "left", self.visit))
        return replace(board, seats=_swapped(board, seat), owed=owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Entry):
    """K1, K2: found out in consultation that it is not to be done. The visit is `other` from now on, and free.

    `turn` is what it had used; `returned`: no longer counted, a make-up is owed.
    """

    kind: ClassVar[str] = "corrected"

    rule: str
    visit: str
    seat: str
    turn: Turn
    returned: bool = False

    def applied(self, board: Board, sequence: int) -> Board:
        """She keeps the visit until it is finished; a turn given back is not given back twice."""
        seat = _holding(board, self.seat, self.visit)
        if not self.returned:
            return replace(board, sequence=sequence)
        visits = tuple(replace(held, turn=Turn.FREE) if held.visit == self.visit else held for held in seat.visits)
        seat = _uncounted(replace(seat, visits=visits), self.turn)
        owed = (*board.owed, Owed(self.seat, sequence, 0, self.rule, self.visit))
        return replace(board, sequence=sequence, seats=_swapped(board, seat), owed=owed)


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
        Opened, CheckedIn, SeatState, Allocated, Named, Escalated, OwnerAsked,
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


def _swapped(board: Board, seat: Seat) -> tuple[Seat, ...]:
    return tuple([seat if other.consultant == seat.consultant else other for other in board.seats])


def _released(seat: Seat, visit: str) -> Seat:
    return replace(
        seat,
        visits=tuple(held for held in seat.visits if held.visit != visit),
        waited_by=None if seat.waited_by == visit else seat.waited_by,
    )


def _uncounted(seat: Seat, turn: Turn) -> Seat:
    return replace(seat, counted=seat.counted - (turn is Turn.COUNTED), make_ups=seat.make_ups - (turn is Turn.MAKE_UP))


def _present(board: Board, name: str) -> Board:
    """She is there. Coming for the first time she goes last, and a pointer at her goes on to the seat after her."""
    seat = _seat(board, name)
    here = replace(seat, presence=Presence.ON, came=True, until=None)
    if seat.came:
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
