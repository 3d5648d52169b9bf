"""Who is with somebody at a department at midnight is there afterwards, on its pages and by the register."""

from datetime import datetime, timedelta

import pytest

from clinic.models import Staff
from consultations.models import Treatment
from consultations.selectors.desk_cases import own_cases
from consultations.selectors.desks import desk_day
from reception import services as reception
from reception.models import Visit
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import case_of, planned
from tests.consultations.test_ended_with_the_treatment import visit_of
from tests.consultations.test_services_course import go

pytestmark = pytest.mark.django_db


@pytest.fixture
def operated(desk: Desk) -> Treatment:
    nurse: Staff = desk.people[2]
    return go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())


@pytest.fixture
def night(desk: Desk) -> datetime:
    moment = desk.now + timedelta(hours=16)
    assert desk.branch.today(moment) > desk.board.day
    return moment


def test_her_doctor_and_the_desk_still_see_her(desk: Desk, operated: Treatment, night: datetime) -> None:
    case = case_of(operated)
    assert own_cases(desk.people[0], night).inside == [case]
    assert desk_day(desk.department, night).with_staff == [case]
    go(operated, "done", by=desk.people[2], now=night)
    assert own_cases(desk.people[0], night).inside == [] and desk_day(desk.department, night).with_staff == []


def test_the_register_does_not_say_that_she_left(desk: Desk, operated: Treatment, night: datetime) -> None:
    waits = go(planned(desk, desk.people[1]), "arrived", by=desk.people[2], now=desk.later())
    ended = reception.end_forgotten_visits(branch=desk.branch, day=desk.board.day, staff=desk.clerk, now=night)
    assert {visit.visitor_id: visit.state for visit in ended} == {
        operated.visitor_id: Visit.State.FINISHED,
        waits.visitor_id: Visit.State.LEFT,
    }
    go(operated, "done", by=desk.people[2], now=night)
    assert case_of(operated).state == "done" and visit_of(operated).state == Visit.State.FINISHED
