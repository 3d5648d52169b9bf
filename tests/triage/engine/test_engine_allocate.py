"""A rules, T1, T2 and T4: who receives a visit, at what turn, and what becomes of the board."""

import pytest

from tests.triage.engine.desk import Desk, left, line, passed
from triage.engine.decision import Refused
from triage.engine.facts import Consultant, Employment
from triage.engine.policy import Policy

ROTATE = Policy(owner_absent="rotate")
EYES = ("eyes", "skin")


# A1 ---------------------------------------------------------------------------------------------------------------


def test_a1_a_review_goes_to_no_consultant() -> None:
    desk = Desk().knows("v", "B", "treated")
    decision = desk.arrive("v", purpose="review")
    assert line(decision) == "A1 none"
    assert decision.owner == "B"  # she is told, and stays the owner
    assert desk.board.sequence == 1  # nothing on the board but its opening
    assert {one.says for one in decision.seats} == {"no_consultant"}


# A6, A7, A8, A9: the owner ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", ["no_deal", "deposit", "paid", "treated"])
def test_a6_return_and_repurchase_go_to_the_owner(standing: str) -> None:
    desk = Desk().knows("v", "C", standing)
    decision = desk.arrive("v")
    assert line(decision) == "A6 C free T2"
    assert (desk.pointer, desk.turns()["C"], decision.owner) == ("A", 0, "C")  # free: nothing moves


def test_a6_scope_does_not_keep_a_visitor_from_her_owner() -> None:
    desk = Desk("ABCD", Consultant("C", scope=EYES, excluded=("breast",))).knows("v", "C")
    assert line(desk.arrive("v", "breast")) == "A6 C free T2"


def test_a6_a_new_person_with_an_owner_on_file_is_a_first_visit() -> None:
    desk = Desk().knows("v", "C", "new")
    assert line(desk.arrive("v")) == "A12 A counted T1"


def test_a7_waits_for_an_owner_who_is_free_soon() -> None:
    desk = Desk().knows("v", "B").says("B", "busy", 10)
    decision = desk.arrive("v")
    assert line(decision) == "A7 wait 10 B free T2"  # exactly the limit still waits


def test_a7_minutes_are_counted_from_when_she_said_so() -> None:
    desk = Desk().knows("v", "B").says("B", "busy", 25).at(18)
    assert line(desk.arrive("v")) == "A7 wait 7 B free T2"


def test_a7_an_overdue_statement_counts_as_any_minute() -> None:
    desk = Desk().knows("v", "B").says("B", "busy", 5).at(40)
    assert line(desk.arrive("v")) == "A7 wait 0 B free T2"


@pytest.mark.parametrize("free_in", [11, None])
def test_a7_stand_in_is_the_first_seat_from_the_pointer(free_in: int | None) -> None:
    desk = Desk(pointer="C").knows("v", "B").says("B", "busy", free_in)
    decision = desk.arrive("v")
    assert line(decision) == "A7 C free T2"
    assert decision.owner == "B"  # a stand-in takes no credit
    assert (desk.pointer, desk.owed, desk.turns()["C"], passed(decision)) == ("C", "", 0, "")


def test_a7_stand_in_must_have_the_project_in_scope() -> None:
    desk = Desk("ABCD", Consultant("A", scope=EYES)).knows("v", "B").says("B", "busy")
    decision = desk.arrive("v", "nose")
    assert line(decision) == "A7 C free T2"  # A: scope, B: herself
    assert desk.owed == ""  # nobody is passed over for a stand-in


def test_a7_one_visit_only_for_each_statement() -> None:
    desk = Desk().knows("v", "B").knows("w", "B").says("B", "busy", 5)
    assert line(desk.arrive("v")) == "A7 wait 5 B free T2"
    assert line(desk.arrive("w")) == "A7 A free T2"  # her five minutes are promised
    desk.says("B", "busy", 8).leave("w")
    assert line(desk.arrive("w")) == "A7 wait 8 B free T2"  # a new statement, a new visit


def test_a7_nobody_to_stand_in_escalates() -> None:
    desk = Desk("AB", A="out").knows("v", "B").says("B", "busy", 30)
    decision = desk.arrive("v")
    assert line(decision) == "A14 escalate"
    assert decision.owner == "B"
    assert [(one.seat, one.minutes) for one in decision.waits] == [("B", 30)]


@pytest.mark.parametrize("state", ["off", "out", "late"])
def test_a8_asks_for_a_stand_in(state: str) -> None:
    desk = Desk(B=state).knows("v", "B")
    decision = desk.arrive("v")
    assert (line(decision), decision.owner) == ("A8 ask_owner", "B")
    assert line(desk.name("v", "D", by="owner")) == "A8 D free T2"
    assert desk.pointer == "A"


def test_a8_an_owner_without_a_seat_here_is_absent() -> None:
    desk = Desk("ACD", Consultant("B")).knows("v", "B")
    assert line(desk.arrive("v")) == "A8 ask_owner"


def test_a8_the_supervisor_names_when_the_owner_cannot_be_reached() -> None:
    desk = Desk(B="off").knows("v", "B")
    desk.arrive("v")
    decision = desk.name("v", "C", by="supervisor")
    assert (line(decision), decision.owner) == ("A8 C free T2", "B")


@pytest.mark.parametrize("state", ["off", "out", "late"])
def test_a8_rotate_takes_a_stand_in(state: str) -> None:
    desk = Desk(policy=ROTATE, pointer="B", B=state).knows("v", "B")
    decision = desk.arrive("v")
    assert (line(decision), decision.owner) == ("A8 C free T2", "B")
    assert (desk.pointer, desk.owed) == ("B", "")


def test_a8_a_suspended_owner_still_receives_her_own() -> None:
    desk = Desk().knows("v", "A")
    desk.arrive("w")
    assert line(desk.decline("w")) == "A12 B counted T1"
    assert line(desk.arrive("v")) == "A6 A free T2"


@pytest.mark.parametrize("employment", [Employment.LEFT, Employment.MOVED])
def test_a9_the_successor_is_the_owner(employment: Employment) -> None:
    desk = Desk("ABCD", Consultant("X", employment=employment, successor="C")).knows("v", "X")
    decision = desk.arrive("v")
    assert (line(decision), decision.owner) == ("A9 C free T2", "C")


def test_a9_a_busy_successor_is_waited_for_like_an_owner() -> None:
    desk = Desk("ABCD", left("X", "C")).knows("v", "X").says("C", "busy", 4)
    decision = desk.arrive("v")
    assert (line(decision), decision.owner) == ("A7 wait 4 C free T2", "C")


def test_a9_an_absent_successor_is_asked_like_an_owner() -> None:
    desk = Desk("ABCD", left("X", "C"), C="off").knows("v", "X")
    assert line(desk.arrive("v")) == "A8 ask_owner"


def test_a9_follows_a_chain_of_successors() -> None:
    desk = Desk("ABCD", left("X", "Y"), left("Y", "D")).knows("v", "X")
    assert line(desk.arrive("v")) == "A9 D free T2"


@pytest.mark.parametrize("gone", [[left("X")], [left("X", "Y"), left("Y", "X")], [left("X", "Y"), left("Y")]])
def test_a9_without_a_successor_the_receiver_becomes_the_owner(gone: list[Consultant]) -> None:
    desk = Desk("ABCD", *gone).knows("v", "X")
    decision = desk.arrive("v")
    assert (line(decision), decision.owner) == ("A12 A counted T1", "A")


# A12, T1: rotation --------------------------------------------------------------------------------------------------


def test_a12_goes_round_and_the_receiver_is_the_owner() -> None:
    desk = Desk("ABC")
    decisions = [desk.arrive(visit) for visit in ("v1", "v2", "v3")]
    assert [line(one) for one in decisions] == ["A12 A counted T1", "A12 B counted T1", "A12 C counted T1"]
    assert [one.owner for one in decisions] == ["A", "B", "C"]
    assert desk.pointer == "A"


def test_a12_a_return_visitor_without_owner_goes_round() -> None:
    desk = Desk().knows("v", None)
    decision = desk.arrive("v")
    assert (line(decision), decision.visit_type, decision.owner) == ("A12 A counted T1", "return", "A")


PASSES = [
    # how B stands, what is wanted, policy, the pass, is a turn owed
    ({"B": "off"}, (), "eyes", Policy(), "B off"),  # a rest day earns nothing
    ({"B": "late"}, (), "eyes", Policy(), "B off"),  # late counts as off
    ({"B": "out"}, (), "eyes", Policy(), "B out"),  # an errand earns nothing
    ({}, ("busy", None), "eyes", Policy(), "B busy+"),  # busy, did not say for how long
    ({}, ("busy", 11), "eyes", Policy(), "B busy+"),  # a minute over the limit
    ({}, ("busy", 6), "eyes", Policy(busy_wait_minutes=5), "B busy+"),  # the limit is the policy's
    ({}, (), "nose", Policy(), "B scope+"),  # B does eyes and skin
    ({}, ("busy", None), "nose", Policy(), "B scope+"),  # out of scope and busy: scope is named first
    ({}, ("busy", None), "eyes", Policy(make_up=("scope",)), "B busy"),  # strict: busy earns nothing
    ({}, (), "nose", Policy(make_up=("busy",)), "B scope"),
    ({"B": "out"}, (), "eyes", Policy(make_up=("out",)), "B out+"),  # causes are the policy's
    ({"B": "off"}, (), "nose", Policy(), "B off"),  # off is named before scope
]


@pytest.mark.parametrize(("states", "says", "project", "policy", "expected"), PASSES)
def test_a12_a_pass_and_what_it_earns(
    states: dict[str, str], says: tuple[str, int | None] | tuple[()], project: str, policy: Policy, expected: str
) -> None:
    desk = Desk("ABC", Consultant("B", scope=EYES), policy=policy, pointer="B", **states)
    if says:
        desk.says("B", *says)
    decision = desk.arrive("v", project)
    assert line(decision) == "A12 C counted T1"
    assert passed(decision) == expected
    assert desk.owed == ("B" if expected.endswith("+") else "")
    assert desk.pointer == "A"  # just past C


def test_a12_a_seat_with_a_visit_not_finished_is_busy() -> None:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.arrive("v2")
    desk.finish("v2")
    decision = desk.arrive("v3")
    assert (line(decision), passed(decision)) == ("A12 B counted T1", "A busy+")


def test_a12_excluded_projects_are_passed_as_scope() -> None:
    desk = Desk("AB", Consultant("A", excluded=("eyes",)))
    assert passed(desk.arrive("v", "eyes")) == "A scope+"


def test_a12_the_most_major_project_is_judged() -> None:
    desk = Desk("AB", Consultant("A", scope=EYES))
    assert line(desk.arrive("v", "eyes", "breast")) == "A12 B counted T1"


def test_a12_of_equal_ranks_the_first_named_is_judged() -> None:
    desk = Desk("AB", Consultant("A", excluded=("liposuction",)))
    assert line(desk.proposes("v", "nose", "liposuction")) == "A12 A counted T1"
    assert line(desk.proposes("w", "liposuction", "nose")) == "A12 B counted T1"


def test_a12_waits_for_the_seat_in_turn_when_it_is_free_soon() -> None:
    desk = Desk("ABC").says("A", "busy", 5)
    first, second = desk.arrive("v1"), desk.arrive("v2")
    assert line(first) == "A12 wait 5 A counted T1"
    assert desk.turns()["A"] == 1
    assert line(second) == "A12 B counted T1"


def test_a12_one_visit_for_each_statement() -> None:
    desk = Desk("AB").says("A", "busy", 5).says("B", "busy", 5)
    assert line(desk.arrive("v1")) == "A12 wait 5 A counted T1"
    assert line(desk.arrive("v2")) == "A12 wait 5 B counted T1"
    assert line(desk.arrive("v3")) == "A14 escalate"  # both statements are used


def test_a12_finish_ends_the_statement() -> None:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.says("A", "busy", 30).finish("v1")
    desk.arrive("v2")
    assert line(desk.arrive("v3")) == "A12 A counted T1"


def test_a12_free_ends_the_statement_but_not_a_visit() -> None:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.says("A", "busy", 5).says("A", "free")
    desk.arrive("v2")
    assert line(desk.arrive("v3")) == "A14 escalate"  # an unfinished visit keeps her, whatever she says


def test_a12_oldest_make_up_first_and_the_pointer_stays() -> None:
    desk = Desk("ABC", owed="CB")
    decision = desk.arrive("v1")
    assert line(decision) == "A12 C make_up T1"
    assert (desk.pointer, desk.owed, desk.turns()) == ("A", "B", {"A": 0, "B": 0, "C": 1})
    assert decision.passed == ()


def test_a12_a_make_up_needs_a_free_seat_in_scope() -> None:
    desk = Desk("ABCD", Consultant("B", scope=("skin",)), owed="CBD", pointer="A").says("C", "busy", 3)
    # C is owed the oldest but only soon free; B does not do eyes; D is free and in scope
    assert line(desk.arrive("v", "eyes")) == "A12 D make_up T1"
    assert desk.owed == "CB"


def test_a12_a_late_comer_takes_the_last_seat_and_the_pointer_does_not_follow_her() -> None:
    desk = Desk("ABC", pointer="B", B="late")
    desk.check_in("B")
    assert [seat.consultant for seat in desk.board.seats] == ["A", "C", "B"]
    assert line(desk.arrive("v")) == "A12 C counted T1"


def test_a12_back_from_out_she_has_her_own_seat() -> None:
    desk = Desk("ABC").says("A", "out").says("A", "on")
    assert [seat.consultant for seat in desk.board.seats] == ["A", "B", "C"]
    assert line(desk.arrive("v")) == "A12 A counted T1"


def test_a12_who_checks_in_without_a_seat_gets_the_last() -> None:
    desk = Desk("AB").check_in("X")
    assert [seat.consultant for seat in desk.board.seats] == ["A", "B", "X"]


def test_a12_every_seat_is_judged_in_the_order_walked() -> None:
    desk = Desk("ABCDEF", Consultant("D", scope=EYES), pointer="C", C="out", E="late").says("F", "busy", 20)
    decision = desk.arrive("v", "nose")
    assert [(one.seat, one.says) for one in decision.seats] == [
        ("C", "out"),
        ("D", "scope"),
        ("E", "late"),
        ("F", "busy_until"),
        ("A", "takes"),
        ("B", "later"),
    ]


# A14, T4: nobody ----------------------------------------------------------------------------------------------------


def test_a14_escalates_and_passes_nobody() -> None:
    desk = Desk("ABCD", Consultant("D", scope=("skin",)), C="out").says("A", "busy", 40).says("B", "busy", 15)
    decision = desk.arrive("v")
    assert line(decision) == "A14 escalate"
    assert (decision.passed, decision.owner, desk.owed, desk.pointer) == ((), None, "", "A")
    assert [(one.seat, one.minutes) for one in decision.waits] == [("B", 15), ("A", 40)]  # out and scope never free


def test_a14_an_empty_board_escalates() -> None:
    assert line(Desk("").arrive("v")) == "A14 escalate"


def test_a14_waits_list_an_unstated_wait_last() -> None:
    desk = Desk("AB").says("A", "busy").says("B", "busy", 50)
    assert [one.seat for one in desk.arrive("v").waits] == ["B", "A"]


def test_a14_later_arrivals_are_not_held_up() -> None:
    desk = Desk("A").says("A", "busy")
    desk.arrive("v1")
    desk.says("A", "free")
    assert line(desk.arrive("v2")) == "A12 A counted T1"
    assert desk.board.pending_for("v1") is not None


def test_t4_a_first_visit_named_is_counted_and_the_pointer_stays() -> None:
    desk = Desk("ABC").says("A", "busy").says("B", "busy", 30).says("C", "busy")
    desk.arrive("v")
    decision = desk.name("v", "B")
    assert (line(decision), decision.owner) == ("A14 wait 30 B counted T4", "B")
    assert (desk.turns()["B"], desk.pointer, desk.board.pending) == (1, "A", ())


def test_a14_a_return_visit_named_is_free() -> None:
    desk = Desk("AB").knows("v", "A").says("A", "busy").says("B", "busy")
    desk.arrive("v")
    decision = desk.name("v", "B")
    assert (line(decision), decision.owner) == ("A14 wait None B free T2", "A")


def test_a14_a_return_visitor_without_owner_belongs_to_whoever_is_named() -> None:
    desk = Desk("A").knows("v", None).says("A", "busy")
    desk.arrive("v")
    assert desk.name("v", "A").owner == "A"


# K9 -----------------------------------------------------------------------------------------------------------------


def test_k9_a_first_visit_is_counted_by_default() -> None:
    desk = Desk()
    desk.proposes("v")
    assert line(desk.name("v", "C", reason="speaks her dialect")) == "K9 C counted K9"
    assert desk.pointer == "A"


def test_k9_the_supervisor_says_the_turn() -> None:
    desk = Desk()
    desk.proposes("v")
    assert line(desk.name("v", "C", reason="a relative", turn="free")) == "K9 C free K9"


def test_k9_a_return_visit_is_free_by_default() -> None:
    desk = Desk().knows("v", "A")
    desk.proposes("v")
    decision = desk.name("v", "C", reason="owner asked for it")
    assert (line(decision), decision.owner) == ("K9 C free K9", "A")


REFUSALS = [
    # by, consultant, options, what is said
    ("supervisor", "B", {}, "A14: nobody_asked"),  # nobody asked, and no reason is given
    ("owner", "B", {"reason": "I want to"}, "A14: nobody_asked"),  # an override is not the owner's
    ("supervisor", "D", {"reason": "why not"}, "K9: named_absent"),  # D is off
    ("supervisor", "Z", {"reason": "why not"}, "K9: named_absent"),  # no such seat
    ("supervisor", "B", {"reason": "why not", "turn": "make_up"}, "K9: make_up_is_not_named"),
]


@pytest.mark.parametrize(("by", "consultant", "options", "said"), REFUSALS)
def test_naming_is_refused(by: str, consultant: str, options: dict[str, str], said: str) -> None:
    desk = Desk(D="off")
    desk.proposes("v")
    with pytest.raises(Refused, match=said):
        desk.name("v", consultant, by=by, **options)


def test_an_owner_does_not_answer_for_the_supervisor() -> None:
    desk = Desk("A").says("A", "busy")
    desk.arrive("v")
    with pytest.raises(Refused, match="A14: supervisor_names"):
        desk.name("v", "A", by="owner")


def test_a_visit_has_one_consultant_at_a_time() -> None:
    desk = Desk()
    desk.arrive("v")
    with pytest.raises(ValueError, match="with a seat already"):
        desk.proposes("v")


def test_an_unknown_consultant_is_a_mistake_of_the_caller() -> None:
    desk = Desk().knows("v", "nobody")
    with pytest.raises(LookupError, match="nobody"):
        desk.arrive("v")
