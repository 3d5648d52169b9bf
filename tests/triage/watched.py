"""A day that is looked at after everything that happens on it: what always holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reception.models import Visit
from tests.triage.compared import (
    differing,
    register,
    standing,
    written,
)
from tests.triage.live_day import Happening, LiveDay
from triage.engine import facts, ledger
from triage.engine.fairness import fairness_of
from triage.models import Decision


@dataclass
class Watched:
    """A day that is looked at after everything that happens on it."""

    live: LiveDay
    # How the board and the visit stood before the newest decision, while nothing has happened since.
    undoes_to: tuple[dict[str, Any], dict[str, Any]] | None = None

    def happen(self, happening: Happening) -> None:
        """Let something happen, and see that all that always holds does."""
        live, before = self.live, self.live.board
        rows = register(live.visits)
        decisions = Decision.objects.filter(board=live.morning.board).count()
        happened = live.happen(happening)
        after = live.board
        if not happened:
            assert after == before, "what is refused changes nothing"
            return
        entries = live.entries_since(before.sequence)
        nobody_twice(after)
        the_pointer_moves_past_who_was_given_a_turn(before, after, entries)
        owed_turns_are_used_or_stay(before, after, entries)
        visits_say_what_the_board_says(live, after)
        if happening.word == "undo" and self.undoes_to is not None and live.last is not None:
            board, visit = self.undoes_to
            assert differing(standing(after), board) == {}, "undone is as before"
            assert differing(written(live.last), visit) == {}, "undone is as before, in the register too"
        self.undoes_to = None
        decided = Decision.objects.filter(board=live.morning.board).count() - decisions
        if decided and happening.word != "decline" and live.last is not None and live.last.pk in rows:
            self.undoes_to = standing(before), rows[live.last.pk]


def nobody_twice(board: facts.Board) -> None:
    """No visit is with two consultants, or with one and asked about; nothing is counted below nothing."""
    held = [one.visit for seat in (*board.seats, *board.guests) for one in seat.visits]
    assert len(held) == len(set(held))
    assert not set(held) & {one.visit for one in board.pending}
    for seat in (*board.seats, *board.guests):
        assert min(seat.counted, seat.make_ups, seat.receptions) >= 0


def the_pointer_moves_past_who_was_given_a_turn(
    before: facts.Board, after: facts.Board, entries: Sequence[ledger.Entry]
) -> None:
    """By a counted turn of rotation and by nothing else, but undo and who comes for the first time and sits last."""
    comes = {one.consultant for one in before.seats} - {one.consultant for one in before.seats if one.came}
    first = before.pointer() if before.seats else None
    if any(isinstance(one, ledger.Undone) for one in entries) or first in comes:
        return
    if any(isinstance(one, ledger.Reordered) for one in entries):
        assert after.pointer() == first
        assert all(after.pointers[lane] == seat for lane, seat in before.pointers.items())
        return
    given = [one for one in entries if isinstance(one, ledger.Allocated) and one.lane == facts.FIRST_LANE]
    counted = [one for one in given if one.turn is facts.Turn.COUNTED]
    assert len(counted) <= 1
    if not counted:
        assert after.pointer() == first or not before.pointers
        return
    turn = counted[0]
    keys = list(before.keys)
    seat = turn.debt.debtor if turn.debt is not None else turn.seat
    following = seat if turn.used_after else keys[(keys.index(seat) + 1) % len(keys)]
    assert after.pointer() == following


def owed_turns_are_used_or_stay(before: facts.Board, after: facts.Board, entries: Sequence[ledger.Entry]) -> None:
    """An owed turn goes when its seat makes it up, and comes by a pass that deserves one or a turn returned."""
    if any(isinstance(one, ledger.Undone) for one in entries):
        return
    used = {one.make_up for one in entries if isinstance(one, ledger.Allocated) and one.make_up is not None}
    assert set(before.owed) - set(after.owed) == used
    new = sum(sum(passed.owed for passed in one.passed) for one in entries if isinstance(one, ledger.Allocated))
    for one in entries:
        match one:
            case ledger.Moved() | ledger.Released():
                new += one.fate is facts.Fate.RETURNED and one.held.turn is not facts.Turn.FREE
            case ledger.Returned():
                new += one.turn is not facts.Turn.FREE
            case ledger.Corrected() | ledger.Left():
                new += one.returned
    assert len(after.owed) == len(before.owed) - len(used) + new
    assert len({(one.given, one.order) for one in after.owed}) == len(after.owed)


def visits_say_what_the_board_says(live: LiveDay, board: facts.Board) -> None:
    """What the register shows of each visit is what the board holds."""
    held = {int(one.visit): (seat, one) for seat in (*board.seats, *board.guests) for one in seat.visits}
    asked = {int(one.visit) for one in board.pending}
    rooms: list[int] = []
    for visit in Visit.objects.filter(pk__in=[one.pk for one in live.visits]):
        with_her = visit.state in (Visit.State.WAITING, Visit.State.ACCEPTED, Visit.State.IN_ROOM)
        assert with_her == (visit.pk in held)
        assert visit.pk not in asked or (visit.state == Visit.State.REGISTERED and visit.rule not in ("", "A1"))
        if not with_her:
            continue
        seat, one = held[visit.pk]
        assert str(visit.consultant_id) == seat.consultant
        assert (str(visit.owner_id) if visit.owner_id else None, visit.turn) == (one.owner, one.turn)
        assert (visit.state == Visit.State.IN_ROOM) == one.entered
        rooms += [visit.consultant_id] if one.entered and visit.consultant_id else []
    assert len(rooms) == len(set(rooms)), "two visitors in one room"


def fairness_says_what_the_board_says(live: LiveDay) -> None:
    """The report recounts the ledger and comes to the board's figures."""
    board = live.board
    entries = live.entries_since(0)
    for seat in fairness_of(entries).seats:
        figures, hers = seat.figures, board.seat(seat.seat)
        assert hers is not None
        assert (figures.counted, figures.make_up, figures.receptions) == (hers.counted, hers.make_ups, hers.receptions)
        assert figures.owed_carried + figures.owed_given - figures.owed_paid == len(board.owed_to(seat.seat))
