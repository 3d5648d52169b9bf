"""T7 declined, T8 left, K8 undo: what becomes of the turn and of the board."""

from collections.abc import Callable

import pytest

from tests.triage.engine.desk import Desk, line
from triage.engine.corrections import undo
from triage.engine.decision import Refused
from triage.engine.facts import Board, Consultant
from triage.engine.policy import preset

# T7 -----------------------------------------------------------------------------------------------------------------


def test_t7_the_turn_is_lost_and_the_visit_goes_on_from_the_pointer() -> None:
    desk = Desk("ABC")
    desk.arrive("v")
    decision = desk.decline("v")
    assert (line(decision), decision.owner) == ("A12 B counted T1", "B")
    assert (desk.turns(), desk.owed, desk.pointer) == ({"A": 0, "B": 1, "C": 0}, "", "C")


def test_t7_she_is_suspended_for_the_day() -> None:
    desk = Desk("AB")
    desk.arrive("v")
    desk.decline("v")
    desk.finish("v")
    decision = desk.arrive("w")
    assert line(decision) == "A12 B counted T1"
    assert [(one.seat, one.cause, one.owed) for one in decision.passed] == [("A", "suspended", False)]


def test_t7_a_declined_make_up_is_lost_too() -> None:
    desk = Desk("AB", owed="B")
    assert line(desk.arrive("v")) == "A12 B make_up T1"
    desk.decline("v")
    assert (desk.turns()["B"], desk.owed) == (0, "")


def test_t7_an_owner_who_declines_her_own_is_stood_in_for() -> None:
    desk = Desk("AB").knows("v", "A")
    desk.arrive("v")
    decision = desk.decline("v")
    assert (line(decision), decision.owner) == ("A7 B free T2", "A")


def test_t7_forbidden_by_policy() -> None:
    desk = Desk("AB", policy=preset("strict"))
    desk.arrive("v")
    with pytest.raises(Refused, match="T7: forbidden"):
        desk.decline("v")


def test_t7_not_once_she_is_in_the_room() -> None:
    desk = Desk("AB")
    desk.arrive("v")
    desk.enter("v")
    with pytest.raises(Refused, match="T7: in_room"):
        desk.decline("v")


# T8 -----------------------------------------------------------------------------------------------------------------

LEAVES = [
    # minutes after allocation, entered, turns of A after, owed after
    (0, False, 0, "A"),  # at once: returned
    (5, False, 0, "A"),  # exactly the limit: returned
    (6, False, 1, ""),  # later: stays counted
    (1, True, 1, ""),  # she went in: stays counted
]


@pytest.mark.parametrize(("minutes", "entered", "turns", "owed"), LEAVES)
def test_t8_left(minutes: int, entered: bool, turns: int, owed: str) -> None:
    desk = Desk("AB")
    desk.arrive("v")
    if entered:
        desk.enter("v")
    desk.at(minutes).leave("v")
    assert (desk.turns()["A"], desk.owed, desk.pointer) == (turns, owed, "B")
    assert not desk.board.seats[0].busy


def test_t8_a_free_turn_stays_free() -> None:
    desk = Desk("AB").knows("v", "A")
    desk.arrive("v")
    desk.leave("v")
    assert (desk.turns()["A"], desk.owed) == (0, "")


def test_t8_a_returned_make_up_is_owed_again() -> None:
    desk = Desk("AB", owed="B")
    desk.arrive("v")
    desk.leave("v")
    assert (desk.turns()["B"], desk.owed) == (0, "B")
    assert line(desk.arrive("w")) == "A12 B make_up T1"


def test_t8_a_pass_stands_even_if_that_visitor_leaves() -> None:
    desk = Desk("ABC", Consultant("A", scope=("skin",)))
    desk.arrive("v", "eyes")
    desk.leave("v")
    assert desk.owed == "AB"  # A was passed for v, B gets her turn back


def test_t8_a_visit_nobody_had_leaves_the_question_closed() -> None:
    desk = Desk("A").says("A", "busy")
    desk.arrive("v")
    desk.leave("v")
    assert desk.board.pending == ()


def test_t8_a_visitor_who_is_not_here_cannot_leave() -> None:
    with pytest.raises(Refused, match="T8: not_allocated"):
        Desk().leave("v")


# K8 -----------------------------------------------------------------------------------------------------------------


def shape(board: Board) -> Board:
    """The board without the number of entries, which undo does not turn back."""
    return Board(0, board.seats, board.pointers, board.owed, board.pending, board.closed)


def rotation(desk: Desk) -> None:
    desk.says("A", "busy").arrive("v")  # passes A: a pointer, a count and an owed turn to put back


def make_up(desk: Desk) -> None:
    desk.arrive("v", "nose")


def wait(desk: Desk) -> None:
    desk.says("A", "busy", 5).arrive("v", "skin")


def own(desk: Desk) -> None:
    desk.knows("v", "C").arrive("v")


def escalation(desk: Desk) -> None:
    for seat in "ABCD":
        desk.says(seat, "busy")
    desk.arrive("v")


def naming(desk: Desk) -> None:
    escalation(desk)
    desk.name("v", "C")


@pytest.mark.parametrize("event", [rotation, make_up, wait, own, escalation, naming])
@pytest.mark.parametrize("owed", ["", "BDB"])
def test_k8_pointer_counts_and_owed_turns_are_exactly_as_before(event: Callable[[Desk], None], owed: str) -> None:
    desk = Desk("ABCD", Consultant("B", scope=("skin",)), owed=owed)
    event(desk)
    before = Desk("ABCD", owed=owed)
    before.record(*desk.entries[1:-1])
    desk.undo("v")
    assert shape(desk.board) == shape(before.board)
    if event is not naming:
        desk.arrive("v")  # and the visit can be given out again


def test_k8_what_happened_elsewhere_since_stays() -> None:
    desk = Desk("ABC").knows("w", "C")
    desk.arrive("v")
    desk.arrive("w")
    desk.says("B", "busy", 20).undo("v")
    assert (desk.pointer, desk.turns()["A"], desk.with_whom("w")) == ("A", 0, "C")
    assert desk.board.seats[1].stated_busy


def test_k8_two_in_a_row_backwards() -> None:
    desk = Desk("ABC")
    desk.arrive("v")
    desk.arrive("w")
    desk.undo("w").undo("v")
    assert (desk.pointer, set(desk.turns().values())) == ("A", {0})


def later_turn(desk: Desk) -> None:
    desk.arrive("w")


def entered(desk: Desk) -> None:
    desk.enter("v")


def next_visit(desk: Desk) -> None:
    desk.says("A", "busy", 5).knows("w", "A").arrive("w")


def undone(desk: Desk) -> None:
    desk.record(undo(desk.entries, 2, at=desk.now, by="desk"))


DEPENDENTS = [
    (later_turn, "later_turn"),  # B has the turn after: the pointer cannot go back past her
    (entered, "visit_went_on"),
    (next_visit, "seat_has_next"),
    (undone, "undone_already"),
]


@pytest.mark.parametrize(("event", "said"), DEPENDENTS)
def test_k8_is_refused_when_a_later_entry_depends_on_it(event: Callable[[Desk], None], said: str) -> None:
    desk = Desk("ABC")
    desk.arrive("v")
    event(desk)
    with pytest.raises(Refused, match=f"K8: {said}"):
        undo(desk.entries, 2, at=desk.now, by="desk")


def test_k8_is_refused_when_the_order_changed_under_the_pointer() -> None:
    desk = Desk("ABC", pointer="B", B="late")
    desk.arrive("v")  # passes B, C takes it
    desk.check_in("B")  # B is last now; going back to a pointer at B would put her first
    with pytest.raises(Refused, match="K8: depends"):
        undo(desk.entries, 2, at=desk.now, by="desk")


def test_k8_is_refused_when_the_seat_was_passed_because_of_it() -> None:
    desk = Desk("AB").knows("v", "A")
    desk.arrive("v")
    desk.arrive("w")  # A is with v: passed, a turn owed
    with pytest.raises(Refused, match="K8: seat_was_passed"):
        undo(desk.entries, 2, at=desk.now, by="desk")


@pytest.mark.parametrize(("corrects", "said"), [(0, "no_such_entry"), (9, "no_such_entry"), (1, "not_an_allocation")])
def test_k8_only_an_allocation_can_be_undone(corrects: int, said: str) -> None:
    desk = Desk()
    with pytest.raises(Refused, match=f"K8: {said}"):
        undo(desk.entries, corrects, at=desk.now, by="desk")
