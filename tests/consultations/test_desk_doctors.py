"""Whose doctor is here, in theatre, absent or gone: to whom a review goes, and when another takes her."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.problems import Refused, Stale
from consultations import services
from tests.consultations.desk_scenes import ABSENT, BUSY, GONE, HERE, Desk, stand, state
from triage.models import Decision
from triage.selectors.decisions import replayed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("how", "agrees", "outcome"),
    [
        (HERE, False, ("called", 0)),
        (HERE, True, ("called", 0)),
        (BUSY, False, ("waiting", 0)),
        (BUSY, True, ("called", 1)),
        (ABSENT, False, "doctor_absent"),
        (ABSENT, True, ("called", 1)),
        (GONE, False, "doctor_absent"),
        (GONE, True, ("called", 1)),
    ],
)
def test_a_review_and_its_doctor(desk: Desk, how: str, agrees: bool, outcome: Any) -> None:
    """`outcome`: the state it comes to and how many turns it uses, or why it is refused."""
    doctor = desk.people[0]
    treatment = desk.operated(doctor)
    stand(desk, doctor, how)
    case = desk.take_in(treatment=treatment)
    if agrees:
        case = desk.work(services.agree_to_another, case, expected_version=case.version)
        assert case.agreed_noted_by == desk.clerk
    if isinstance(outcome, str):
        with pytest.raises(Refused) as refused:
            desk.give(case)
        assert refused.value.code == outcome and state(case) == "waiting"
        return
    case = desk.give(case)
    assert (case.state, sum(desk.turns())) == outcome
    assert (case.staff == doctor) is (outcome[1] == 0)
    assert desk.holds()
    decision = Decision.objects.order_by("-pk")[0]
    assert replayed(decision).to_json() == decision.answer
    assert decision.rule == ("A12" if outcome[1] else "A1")


def test_in_theatre_she_waits_with_a_time_and_then_agrees_to_another(desk: Desk) -> None:
    doctor = desk.people[0]
    stand(desk, doctor, BUSY)
    desk.later(5)
    other = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    case = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    assert (case.state, case.staff) == ("waiting", doctor)
    row = next(one for one in desk.waiting() if one.case.pk == case.pk)
    assert (row.receiving.word, row.receiving.free_in, row.expectation.ahead) == ("in_theatre", 5, 1)
    assert row.expectation.minutes == 15 and case.expected_at == desk.now + timedelta(minutes=15)
    case = desk.work(services.agree_to_another, case, expected_version=case.version)
    assert (case.state, case.staff) == ("called", desk.people[1])
    assert desk.turns() == [0, 1, 0] and desk.holds()
    case = desk.work(services.undo_case, case)
    assert (case.state, case.staff, case.agreed_at) == ("waiting", doctor, None)
    assert desk.turns() == [0, 0, 0] and desk.holds()
    assert state(other) == "waiting"


def test_nobody_else_free_she_goes_on_waiting(desk: Desk) -> None:
    doctor = desk.people[0]
    stand(desk, doctor, BUSY)
    case = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    for one in desk.people[1:]:
        desk.say(one, "out")
    with pytest.raises(Refused) as refused:
        desk.work(services.agree_to_another, case, expected_version=case.version)
    assert refused.value.code == "nobody_free"
    case.refresh_from_db()
    assert (case.staff, case.agreed_at) == (doctor, None)


def test_she_waits_for_a_doctor_who_is_out(desk: Desk) -> None:
    doctor = desk.people[0]
    desk.say(doctor, "out", until=desk.now + timedelta(minutes=38))
    case = desk.take_in(treatment=desk.operated(doctor))
    case = desk.work(services.wait_for_doctor, case, expected_version=case.version)
    assert case.expected_at == desk.now + timedelta(minutes=40)
    again = desk.work(services.wait_for_doctor, case, expected_version=1)
    assert again.version == case.version
    with pytest.raises(Stale):
        desk.work(services.agree_to_another, case, expected_version=1)
    desk.later(38)
    desk.say(doctor, "on")
    assert desk.give(case).staff == doctor and desk.turns() == [0, 0, 0]


def test_who_came_for_nobody_in_particular_has_nobody_to_wait_for(desk: Desk) -> None:
    case = desk.take_in()
    for service in (services.agree_to_another, services.wait_for_doctor):
        with pytest.raises(Refused) as refused:
            desk.work(service, case, expected_version=case.version)
        assert refused.value.code == "no_doctor"
