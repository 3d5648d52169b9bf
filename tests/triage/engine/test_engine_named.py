"""Other visits, arrangements, divisions, designations, referrals: C5, C6, A1-A5, A10, A13, T3, T5, K1, K2."""

import pytest

from tests.triage.engine.desk import Desk, asks, brought_by, left, line, passed
from triage.engine.decision import Refused
from triage.engine.facts import Consultant, OtherReason, Referral, ReferralBy, VisitType
from triage.engine.policy import Policy, policy_from_json, preset

TEAMS = preset("teams")

# C5, A1, T5: other visits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["paid_treatment", "refund", "product", "companion"])
def test_a1_these_need_no_consultant(reason: str) -> None:
    desk = Desk()
    assert line(desk.arrive("v", other=OtherReason(reason))) == "A1 none"
    assert line(desk.arrive("w")) == "A12 A counted T1"


@pytest.mark.parametrize("reason", ["for_friend", "minor", "elder", "free_trial", "not_offered", "cannot_do"])
def test_t5_other_visits_go_round_in_their_own_lane(reason: str) -> None:
    desk = Desk("AB", pointer="B").knows("v", "A", "paid")
    decision = desk.arrive("v", other=OtherReason(reason))
    assert (line(decision), decision.owner) == ("A12 A free T5", "A")  # her lane begins at the first seat
    assert (desk.pointer, desk.turns()) == ("B", {"A": 0, "B": 0})
    desk.finish("v")
    assert line(desk.arrive("w", other=OtherReason(reason))) == "A12 B free T5"
    assert line(desk.proposes("x")) == "A12 A counted T1"  # B, at the pointer, is busy


def test_t5_the_lane_has_no_make_ups() -> None:
    desk = Desk("AB", Consultant("A", excluded=("eyes",)), owed="B")
    decision = desk.arrive("v", other=OtherReason.ELDER)
    assert (line(decision), passed(decision), desk.owed) == ("A12 B free T5", "A scope", "B")


def test_other_makes_nobody_an_owner() -> None:
    assert Desk().arrive("v", other=OtherReason.MINOR).owner is None


@pytest.mark.parametrize("reason", list(OtherReason))
def test_other_in_rotation_takes_first_visit_turns(reason: OtherReason) -> None:
    desk = Desk(policy=Policy(other_in_rotation=True), pointer="C")
    assert line(desk.arrive("v", other=reason)) == "A12 C counted T1"
    assert desk.pointer == "D"


def test_a_stated_other_visit_goes_round_in_its_lane() -> None:
    decision = Desk().arrive("v", stated_type=VisitType.OTHER, stated_reason="came for a friend")
    assert (line(decision), decision.type_rule) == ("A12 A free T5", "C5")


def test_an_escalated_other_visit_is_free_when_named() -> None:
    desk = Desk("A").says("A", "busy")
    desk.arrive("v", other=OtherReason.ELDER)
    decision = desk.name("v", "A")
    assert (decision.rule, decision.turn, decision.owner) == ("A14", "free", None)


def test_k8_the_other_lane_is_as_before() -> None:
    desk = Desk()
    before = desk.board
    desk.arrive("v", other=OtherReason.ELDER)
    desk.undo("v")
    assert desk.board.pointers == before.pointers


def test_c6_an_emergency_goes_round_like_anyone_and_is_noted() -> None:
    desk = Desk()
    decision = desk.arrive("v", emergency=True)
    assert (line(decision), decision.type_rule) == ("A12 A counted T1", "C1")
    assert "C6" in [one.rule for one in decision.trace]


# A2, A3, A4: somebody is named --------------------------------------------------------------------------------------

NAMED = [
    # by, turn, what it says of a free consultant
    ("management", "free", "A2 C free T2"),
    ("management", "counted", "A2 C counted A2"),  # management may say so
    ("division", "free", "A3 C counted T3"),
    ("visitor", "free", "A4 C free A4"),
]


@pytest.mark.parametrize(("by", "turn", "expected"), NAMED)
def test_named_and_free(by: str, turn: str, expected: str) -> None:
    desk = Desk("ABCD", Consultant("C", scope=("skin",)))  # scope does not keep a visitor from a designation
    decision = desk.arrive("v", "nose", designation=asks("C", by, turn))
    assert (line(decision), decision.owner, desk.pointer) == (expected, "C", "A")
    assert desk.turns()["C"] == ("counted" in expected)


@pytest.mark.parametrize("by", ["management", "division", "visitor"])
@pytest.mark.parametrize("free_in", [45, None])
def test_named_and_busy_waits_however_long(by: str, free_in: int | None) -> None:
    desk = Desk().says("C", "busy", free_in)
    decision = desk.arrive("v", designation=asks("C", by))
    assert (decision.decision, decision.consultant, decision.wait_minutes) == ("wait", "C", free_in)


@pytest.mark.parametrize("by", ["management", "division", "visitor"])
@pytest.mark.parametrize("state", ["off", "out", "late"])
def test_named_and_absent_goes_round(by: str, state: str) -> None:
    desk = Desk(C=state)
    assert line(desk.arrive("v", designation=asks("C", by))) == "A12 A counted T1"


def test_a4_a_refused_wait_goes_round() -> None:
    desk = Desk().says("C", "busy", 20)
    assert line(desk.arrive("v", designation=asks("C", refuses_wait=True))) == "A12 A counted T1"


def test_a4_counted_where_the_policy_says_so() -> None:
    desk = Desk(policy=Policy(designation="counted"))
    assert line(desk.arrive("v", designation=asks("C"))) == "A4 C counted A4"
    assert (desk.turns()["C"], desk.pointer) == (1, "A")


def test_a4_another_than_the_owner_is_a_designation_today() -> None:
    desk = Desk().knows("v", "B")
    decision = desk.arrive("v", designation=asks("C"))
    assert (line(decision), decision.owner) == ("A4 C free A4", "C")


def test_a4_the_owner_stays_when_credit_stays_with_the_first() -> None:
    desk = Desk(policy=policy_from_json({"change_credit": "first"})).knows("v", "B")
    decision = desk.arrive("v", designation=asks("C"))
    assert (line(decision), decision.owner) == ("A4 C free A4", "B")


def test_a4_naming_the_owner_is_a6() -> None:
    desk = Desk(policy=Policy(designation="counted")).knows("v", "B")
    assert line(desk.arrive("v", designation=asks("B"))) == "A6 B free T2"


def test_a4_a_designated_consultant_who_declines_is_not_asked_twice() -> None:
    desk = Desk()
    desk.arrive("v", designation=asks("C"))
    assert line(desk.decline("v")) == "A12 A counted T1"


def test_a4_suspended_she_still_receives_who_asks_for_her() -> None:
    desk = Desk()
    desk.arrive("v")
    desk.decline("v")
    assert line(desk.arrive("w", designation=asks("A"))) == "A4 A free A4"


# A5, A13: set aside -------------------------------------------------------------------------------------------------


def test_a5_a_third_party_names_nobody() -> None:
    decision = Desk().arrive("v", designation=asks("C", "third_party"))
    assert (line(decision), decision.ignored) == ("A12 A counted T1", ("A5",))


@pytest.mark.parametrize("by", ["staff", "department"])
def test_a13_introductions_by_policy(by: str) -> None:
    ignored = Desk().arrive("v", designation=asks("C", by))
    assert (line(ignored), ignored.ignored) == ("A12 A counted T1", ("A13",))
    treated = Desk(policy=Policy(staff_introduction="designation")).arrive("v", designation=asks("C", by))
    assert (line(treated), treated.ignored) == ("A4 C free A4", ())


# A6 with return_to: named -------------------------------------------------------------------------------------------


def test_a6_named_only_when_she_asks_for_her() -> None:
    desk = Desk(policy=TEAMS).knows("v", "C").knows("w", "C")
    assert line(desk.arrive("v", designation=asks("C"))) == "A6 C free T2"
    decision = desk.arrive("w")
    assert (line(decision), decision.owner) == ("A12 A counted T1", "C")


def test_a6_named_a_successor_is_not_sent_for_either() -> None:
    desk = Desk("ABCD", left("X", "C"), policy=TEAMS).knows("v", "X")
    assert line(desk.arrive("v")) == "A12 A counted T1"


# A10: referrals -----------------------------------------------------------------------------------------------------


def test_a10_goes_to_the_referrers_owner() -> None:
    decision = Desk().arrive("v", referral=brought_by("C"))
    assert (line(decision), decision.owner) == ("A10 C free T2", "C")


def test_a10_only_first_visitors_are_referred() -> None:
    assert line(Desk().knows("v", "B").arrive("v", referral=brought_by("C"))) == "A6 B free T2"


def test_a10_waits_for_an_owner_who_is_free_soon() -> None:
    decision = Desk().says("C", "busy", 6).arrive("v", referral=brought_by("C"))
    assert (line(decision), decision.owner) == ("A10 wait 6 C free T2", "C")


def test_a10_busy_is_stood_in_for_and_stays_the_owner() -> None:
    decision = Desk().says("C", "busy").arrive("v", referral=brought_by("C"))
    assert (line(decision), decision.owner) == ("A10 A free T2", "C")


def test_a10_a_declining_owner_is_stood_in_for() -> None:
    desk = Desk()
    desk.arrive("v", referral=brought_by("C"))
    decision = desk.decline("v")
    assert (line(decision), decision.owner) == ("A10 A free T2", "C")


def test_a10_absent_the_stand_in_named_beforehand() -> None:
    desk = Desk("ABCD", Consultant("C", stand_in="D"), C="off")
    decision = desk.arrive("v", referral=brought_by("C"))
    assert (line(decision), decision.owner) == ("A10 D free T2", "C")


@pytest.mark.parametrize("stand_in", [None, "B", "Z"])
def test_a10_absent_without_a_stand_in_here_goes_round(stand_in: str | None) -> None:
    desk = Desk("ABCD", Consultant("C", stand_in=stand_in), C="off").says("B", "busy")
    decision = desk.arrive("v", referral=brought_by("C"))
    assert (line(decision), decision.owner) == ("A12 A counted T1", "A")


GONE_ROUND = [
    Referral(ReferralBy.SLIP, None),  # nobody of that name
    brought_by("C", "B", "C"),  # two consultants received her
    brought_by(None),  # she belongs to nobody
    brought_by("X"),  # her owner left, and nobody took over
]


@pytest.mark.parametrize("referral", GONE_ROUND)
def test_a10_goes_round_and_the_receiver_is_the_owner(referral: Referral) -> None:
    decision = Desk("ABCD", left("X")).arrive("v", referral=referral)
    assert (line(decision), decision.owner) == ("A12 A counted T1", "A")


def test_a10_a_successor_is_the_referrers_owner() -> None:
    assert line(Desk("ABCD", left("X", "D")).arrive("v", referral=brought_by("X"))) == "A10 D free T2"


def test_a10_received_twice_by_the_same_is_one_consultant() -> None:
    assert line(Desk().arrive("v", referral=brought_by("C", "C", "C"))) == "A10 C free T2"


def test_a10_nobody_to_stand_in_escalates() -> None:
    desk = Desk("AC", A="off").says("C", "busy")
    assert line(desk.arrive("v", referral=brought_by("C"))) == "A14 escalate"


# K1, K2 -------------------------------------------------------------------------------------------------------------

CORRECTIONS = [
    # rule, policy, turns of A after, owed after
    ("not_offered", Policy(), 0, "A"),
    ("not_offered", Policy(not_offered_returns=False), 1, ""),
    ("cannot_do", Policy(), 1, ""),
    ("cannot_do", Policy(cannot_do_returns=True), 0, "A"),
]


@pytest.mark.parametrize(("rule", "policy", "turns", "owed"), CORRECTIONS)
def test_k1_k2_return_the_turn_by_policy(rule: str, policy: Policy, turns: int, owed: str) -> None:
    desk = Desk(policy=policy)
    desk.arrive("v")
    desk.enter("v")
    getattr(desk, rule)("v")
    assert (desk.turns()["A"], desk.owed, desk.pointer) == (turns, owed, "B")
    assert desk.board.seats[0].busy  # she is still with her


def test_k1_a_turn_is_not_given_back_twice() -> None:
    desk = Desk()
    desk.arrive("v")
    desk.not_offered("v")
    desk.leave("v")  # before she went in: T8 alone would return the turn too
    assert (desk.turns()["A"], desk.owed) == (0, "A")


def test_k1_a_free_turn_stays_free() -> None:
    desk = Desk().knows("v", "A")
    desk.arrive("v")
    desk.not_offered("v")
    assert (desk.turns()["A"], desk.owed) == (0, "")


def test_k1_a_visit_that_is_with_nobody() -> None:
    desk = Desk()
    desk.proposes("v")
    with pytest.raises(Refused, match="K1: not_allocated"):
        desk.not_offered("v")
