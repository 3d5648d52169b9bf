"""C rules, as a table."""

import pytest

from triage.engine.classify import classify
from triage.engine.facts import Arrival, OtherReason, Person, Purpose, Standing, VisitType
from triage.engine.policy import Policy

STANDARD, SIMPLE = Policy(), Policy(typing="simple")

CASES = [
    # purpose, standing (None: no record), policy, type, rule
    ("consult", None, STANDARD, "first", "C1"),  # nobody of that name
    ("consult", "new", STANDARD, "first", "C1"),  # registered today, never consulted: still a first visit
    ("consult", "no_deal", STANDARD, "return", "C2"),  # consulted, did not buy
    ("consult", "deposit", STANDARD, "repurchase", "C4"),  # comes to pay the balance
    ("consult", "paid", STANDARD, "repurchase", "C4"),  # bought, asks about something else
    ("consult", "treated", STANDARD, "repurchase", "C4"),  # treated, asks about something else
    ("review", "treated", STANDARD, "review", "C3"),  # stitches out
    ("review", None, STANDARD, "review", "C3"),  # what the visitor says at the desk decides
    ("consult", None, SIMPLE, "first", "C10"),  # simple: not found
    ("consult", "new", SIMPLE, "first", "C10"),
    ("consult", "no_deal", SIMPLE, "return", "C10"),  # simple: found
    ("consult", "treated", SIMPLE, "return", "C10"),  # simple replaces C4 too
    ("review", "treated", SIMPLE, "review", "C3"),  # but not C3
]


OTHERS = [
    # reason, pre-reported, type, rule
    *((reason.value, False, "other", "C5") for reason in OtherReason),  # the closed list
    ("product", True, "first", "C5"),  # collecting a product she was announced for
    ("refund", True, "other", "C5"),  # being announced changes nothing else
]


@pytest.mark.parametrize(("reason", "pre_reported", "visit_type", "rule"), OTHERS)
@pytest.mark.parametrize("policy", [STANDARD, SIMPLE])
def test_c5_other(reason: str, pre_reported: bool, visit_type: str, rule: str, policy: Policy) -> None:
    person = Person("p", Standing.TREATED, owner="A")
    typing = classify(Arrival("v", other=OtherReason(reason), pre_reported=pre_reported), person, policy)
    assert (typing.visit_type, typing.rule) == (visit_type, rule)


STATED = [("first", "C1"), ("return", "C2"), ("review", "C3"), ("repurchase", "C4"), ("other", "C5")]


@pytest.mark.parametrize(("visit_type", "rule"), STATED)
def test_what_the_clerk_states_stands(visit_type: str, rule: str) -> None:
    arrival = Arrival("v", purpose=Purpose.REVIEW, stated_type=VisitType(visit_type), stated_reason="she says so")
    typing = classify(arrival, None, STANDARD)
    assert (typing.visit_type, typing.rule, typing.verdict.params) == (visit_type, rule, {"reason": "she says so"})


@pytest.mark.parametrize(("purpose", "standing", "policy", "visit_type", "rule"), CASES)
def test_type(purpose: str, standing: str | None, policy: Policy, visit_type: str, rule: str) -> None:
    person = Person("p", Standing(standing)) if standing else None
    typing = classify(Arrival("v", ("eyes",), Purpose(purpose)), person, policy)
    assert (typing.visit_type, typing.rule) == (visit_type, rule)
