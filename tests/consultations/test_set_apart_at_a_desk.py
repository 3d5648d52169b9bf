"""Who is set apart as a suspected infection while she waits at a department goes to nobody until she is cleared."""

from decimal import Decimal

import pytest

from clinic.models import Staff
from clinic.problems import Stale
from consultations import services
from consultations.models import Treatment
from reception import services as reception
from reception.infections import Answers
from reception.models import Visit
from tests.consultations.desk_scenes import BUSY, Desk, stand, state
from tests.consultations.test_at_desk import case_of, planned
from tests.consultations.test_services_course import go

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


@pytest.fixture
def here(desk: Desk, nurse: Staff) -> Treatment:
    return go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())


def set_apart(desk: Desk, treatment: Treatment) -> Visit:
    visit = Visit.objects.get(visitor=treatment.visitor)
    answers = Answers(temperature=Decimal("38.6"), fever=True, cough=False, contact=False, travel=False)
    reception.record_pre_check(visit=visit, answers=answers, staff=desk.clerk, now=desk.later())
    return Visit.objects.get(pk=visit.pk)


def test_the_treatment_goes_no_further_until_she_is_cleared(desk: Desk, nurse: Staff, here: Treatment) -> None:
    visit = set_apart(desk, here)
    with pytest.raises(Stale, match="isolated"):
        go(here, "preparing", by=nurse, now=desk.later())
    reception.end_isolation(visit=visit, reason="复测正常", staff=desk.clerk, now=desk.later())
    assert go(here, "preparing", "in_theatre", by=nurse, now=desk.later()).stage == "in_theatre"


def test_nobody_takes_her_into_theatre(desk: Desk, nurse: Staff, here: Treatment) -> None:
    here = go(here, "preparing", by=nurse, now=desk.later())
    set_apart(desk, here)
    with pytest.raises(Stale, match="isolated"):
        go(here, "in_theatre", by=nurse, now=desk.later())
    assert state(case_of(here)) == "waiting"


def test_what_was_done_is_still_written_down(desk: Desk, nurse: Staff, here: Treatment) -> None:
    here = go(here, "preparing", "in_theatre", by=nurse, now=desk.later())
    set_apart(desk, here)
    assert go(here, "done", by=nurse, now=desk.later()).stage == "done"


def test_who_is_called_already_does_not_go_in(desk: Desk, here: Treatment) -> None:
    case = desk.give(case_of(here))
    set_apart(desk, here)
    with pytest.raises(Stale, match="isolated"):
        desk.work(services.enter_case, case)
    assert state(case) == "called"


def test_who_waits_for_a_busy_doctor_is_not_called_nor_given_to_another(desk: Desk, here: Treatment) -> None:
    stand(desk, desk.people[0], BUSY)
    case = desk.give(case_of(here))
    assert case.state == "waiting"
    set_apart(desk, here)
    with pytest.raises(Stale, match="isolated"):
        desk.work(services.call_case, case)
    with pytest.raises(Stale, match="isolated"):
        desk.work(services.agree_to_another, case, expected_version=case.version)
    assert state(case) == "waiting"
