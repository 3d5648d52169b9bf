"""Who may not do what a visitor comes to a department for: not asked, not passed over, owed nothing."""

from dataclasses import replace

import pytest

from tests.triage.engine.desk import NINE, RANKS
from triage.engine.allocate import allocate, entries_for
from triage.engine.decision import Decision, Namer, Outcome, Refused, Situation, facts_to_json, situation_from_json
from triage.engine.explain import explain, refusal
from triage.engine.facts import Arrival, AtDesk, Board, Consultant, DeskPurpose, Presence, Seat
from triage.engine.ledger import apply
from triage.engine.naming import name
from triage.engine.policy import Policy


def situation(board: Board, *barred: str, consultants: tuple[Consultant, ...] = ()) -> Situation:
    arrival = Arrival("v1", ("eyes",), at_desk=AtDesk(DeskPurpose.CONSULT, barred=barred))
    everybody = {seat.consultant: Consultant(seat.consultant) for seat in board.seats}
    return Situation(NINE, arrival, None, board, everybody | {one.id: one for one in consultants}, Policy(), RANKS)


def seats(names: str, **states: str) -> Board:
    return Board(seats=tuple(Seat(one, Presence(states.get(one, "on"))) for one in names))


def said(decision: Decision) -> dict[str, str]:
    return {one.seat: one.says for one in decision.seats}


def test_the_next_in_turn_has_her_and_nobody_is_passed() -> None:
    known = situation(seats("ABC"), "A")
    decision = allocate(known)
    assert (decision.consultant, decision.passed, said(decision)["A"]) == ("B", (), "barred")
    board = known.board
    for entry in entries_for(decision, at=NINE, by="desk"):
        board = apply(board, entry)
    assert board.owed == () and board.pointer() == "C"
    assert allocate(situation_from_json(facts_to_json(known), Policy())) == decision
    assert "may not" in explain(decision, "en").seats[0].text and "不能" in explain(decision, "zh").seats[0].text


def test_nobody_else_is_nobody() -> None:
    decision = allocate(situation(seats("AB", B="off"), "A"))
    assert decision.decision is Outcome.ESCALATE and decision.waits == ()


def test_a_project_dedicated_to_her_goes_round() -> None:
    dedicated = Consultant("A", dedicated=("eyes",))
    assert allocate(situation(seats("ABC"), "A", consultants=(dedicated,))).rule == "A12"
    both = (dedicated, Consultant("C", dedicated=("eyes",)))
    decision = allocate(situation(seats("ABC"), "A", consultants=both))
    assert (decision.consultant, decision.rule, decision.passed) == ("C", "A11", ())


@pytest.mark.parametrize(
    ("barred", "off", "taker", "passed"),
    [("A", "", "B", []), ("AB", "", "C", []), ("A", "B", "C", [("A", "off")])],
)
def test_of_a_team_another_has_her(barred: str, off: str, taker: str, passed: list[tuple[str, str]]) -> None:
    board = seats("ABCD", **dict.fromkeys(off, "off"))._replace(teams=(("A", "B"), ("C", "D")))
    decision = allocate(situation(board, *barred))
    assert decision.consultant == taker
    assert [(one.seat, one.cause.value) for one in decision.passed] == passed


@pytest.mark.parametrize(("consultant", "refused"), [("A", True), ("B", False)])
def test_naming_her_is_refused_in_words(consultant: str, refused: bool) -> None:
    known = situation(seats("AB"), "A")
    if not refused:
        assert name(known, consultant=consultant, by=Namer.SUPERVISOR, reason="x").consultant == consultant
        return
    with pytest.raises(Refused) as error:
        name(known, consultant=consultant, by=Namer.SUPERVISOR, reason="x")
    assert "周美容 is a beautician" in refusal(error.value, "en", consultants={"A": "周美容"})
    assert "周美容是美容师" in refusal(error.value, "zh", consultants={"A": "周美容"})


def test_the_doctor_she_came_for_has_her_all_the_same() -> None:
    known = situation(seats("AB"), "A")
    wish = replace(known.arrival, at_desk=AtDesk(DeskPurpose.REVIEW, "B", barred=("A",)))
    decision = allocate(replace(known, arrival=wish))
    assert (decision.consultant, decision.rule) == ("B", "A1")
    assert said(decision) == {"A": "barred", "B": "takes"}
