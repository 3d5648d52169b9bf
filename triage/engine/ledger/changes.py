"""The changes of a board that entries are made of. Each returns a new board and raises LedgerError where it cannot."""

from ..facts.board import Board, Held, Owed, Pending, Seat
from ..facts.words import Fate, Presence, Turn
from .entry import LedgerError

# Turns owed by the walk are numbered from 0 in their entry; the one a correction returns stands before them.
_BY_FATE = -1


def known_seat(board: Board, name: str) -> Seat:
    """The seat of that name."""
    seat = board.seat(name)
    if seat is None:
        raise LedgerError(f"no seat {name!r} on this board")
    return seat


def seat_holding(board: Board, name: str, visit: str) -> tuple[Seat, Held]:
    """The seat of that name, which has the visit, and the visit as it holds it."""
    seat = known_seat(board, name)
    held = seat.holds(visit)
    if held is None:
        raise LedgerError(f"visit {visit!r} is not with {name!r}")
    return seat, held


def held_by(board: Board, name: str, visit: str) -> Held:
    """The visit as the seat of that name holds it."""
    return seat_holding(board, name, visit)[1]


def swapped(board: Board, seat: Seat) -> tuple[Seat, ...]:
    """The seats with this one in its place."""
    return _in_place(board.seats, seat) or board.seats


def put_seat(board: Board, seat: Seat) -> tuple[tuple[Seat, ...], tuple[Seat, ...]]:
    """The seats and the guests, with this one in its place."""
    seats = _in_place(board.seats, seat)
    if seats is not None:
        return seats, board.guests
    return board.seats, _in_place(board.guests, seat) or board.guests


def _in_place(seats: tuple[Seat, ...], seat: Seat) -> tuple[Seat, ...] | None:
    """The seats with this one in its place; None when it has none among them."""
    name = seat.consultant
    for place, other in enumerate(seats):
        if other.consultant == name:
            return (*seats[:place], seat, *seats[place + 1 :])
    return None


def with_seat(board: Board, seat: Seat, sequence: int | None = None) -> Board:
    """The board with this seat, or this guest, in its place; `sequence`: the number of the entry that put it there."""
    seats, guests = put_seat(board, seat)
    return board._replace(seats=seats, guests=guests, sequence=board.sequence if sequence is None else sequence)


def come(board: Board, name: str) -> Board:
    """She is there. Coming for the first time she goes last, and a pointer at her goes on to the seat after her."""
    seat = known_seat(board, name)
    if seat.came and seat.presence is Presence.ON and seat.until is None:
        return board
    here = seat._replace(presence=Presence.ON, came=True, until=None)
    # A team keeps its place whoever of it comes first.
    if seat.came or board.teams:
        return board._replace(seats=swapped(board, here))
    index = board.place_of(name)
    following = board.seats[(index + 1) % len(board.seats)].consultant
    last = index == len(board.seats) - 1
    pointers = (
        board.pointers
        if last
        else {lane: following if target == name else target for lane, target in board.pointers.items()}
    )
    others = tuple(other for other in board.seats if other is not seat)
    return board._replace(seats=(*others, here), pointers=pointers)


def freed(board: Board, name: str, visit: str) -> Board:
    """The seat without the visit; her statement is free to be waited for again."""
    seat, _ = seat_holding(board, name, visit)
    return with_seat(
        board,
        seat._replace(
            visits=tuple([held for held in seat.visits if held.visit != visit]),
            waited_by=None if seat.waited_by == visit else seat.waited_by,
        ),
    )


def uncounted(board: Board, key: str, turn: Turn) -> Board:
    """The turn no longer counts for the seat; a free one never did."""
    if turn is Turn.FREE:
        return board
    seat = known_seat(board, key)
    return with_seat(
        board,
        seat._replace(counted=seat.counted - (turn is Turn.COUNTED), make_ups=seat.make_ups - (turn is Turn.MAKE_UP)),
    )


def settled(board: Board, key: str, turn: Turn, fate: Fate, sequence: int, cause: str, visit: str) -> Board:
    """The turn as its fate says: returned is uncounted and owed, lost, exchanged and undone are uncounted."""
    if turn is Turn.FREE or fate.value == turn.value:
        return board
    board = uncounted(board, key, turn)
    if fate is not Fate.RETURNED:
        return board
    return board._replace(owed=(*board.owed, Owed(key, sequence, _BY_FATE, cause, visit)))


def unsettled(board: Board, key: str, turn: Turn, fate: Fate, sequence: int) -> Board:
    """The turn as it was before `settled`."""
    if turn is Turn.FREE or fate.value == turn.value:
        return board
    seat = known_seat(board, key)
    board = with_seat(
        board,
        seat._replace(counted=seat.counted + (turn is Turn.COUNTED), make_ups=seat.make_ups + (turn is Turn.MAKE_UP)),
    )
    return board._replace(owed=tuple([one for one in board.owed if (one.given, one.order) != (sequence, _BY_FATE)]))


def taken_back(board: Board, name: str, held: Held, fate: Fate, sequence: int, cause: str) -> Board:
    """The visit leaves its seat, and the turn it used is settled."""
    if held_by(board, name, held.visit) != held:
        raise LedgerError(f"visit {held.visit!r} is not with {name!r} as it was")
    board = freed(board, name, held.visit)
    return settled(board, held.team or name, held.turn, fate, sequence, cause, held.visit)


def given_back(board: Board, name: str, place: int, held: Held, waited: bool, fate: Fate, sequence: int) -> Board:
    """The visit is with its seat as it was before `taken_back`."""
    seat = known_seat(board, name)
    visits = (*seat.visits[:place], held, *seat.visits[place:])
    waited_by = held.visit if waited else seat.waited_by
    board = with_seat(board, seat._replace(visits=visits, waited_by=waited_by))
    return unsettled(board, held.team or name, held.turn, fate, sequence)


def with_turn(board: Board, name: str, visit: str, turn: Turn) -> Board:
    """The seat holds the visit at another turn."""
    return holding_as(board, name, held_by(board, name, visit)._replace(turn=turn))


def holding_as(board: Board, name: str, held: Held) -> Board:
    """The seat holds the visit as `held` says."""
    seat = known_seat(board, name)
    visits = tuple([held if one.visit == held.visit else one for one in seat.visits])
    return with_seat(board, seat._replace(visits=visits))


def without_question(pending: tuple[Pending, ...], visit: str) -> tuple[Pending, ...]:
    """The open questions without that about the visit."""
    return tuple([one for one in pending if one.visit != visit]) if pending else pending


def asked(board: Board, sequence: int, question: Pending) -> Board:
    """The question is open, in the place of an earlier one about the same visit."""
    if board.seat_of(question.visit) is not None:
        raise LedgerError(f"visit {question.visit!r} is with a seat already")
    pending = (*without_question(board.pending, question.visit), question)
    return board._replace(sequence=sequence, pending=pending)


def unasked(board: Board, visit: str) -> Board:
    """The question about the visit is not open any more."""
    if board.pending_for(visit) is None:
        raise LedgerError(f"nobody is asked about visit {visit!r}")
    return board._replace(pending=without_question(board.pending, visit))
