"""Whom a desk expected or let wait on a day that is over: ended by themselves, and no treatment of today is theirs."""

from datetime import datetime, timedelta

import pytest
import time_machine

from clinic.models import AuditEntry, Branch, Staff
from consultations import services, tasks
from consultations.models import DeskCase, Treatment
from reception.models import Visit
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk, open_desk, state
from tests.consultations.test_at_desk import TO_BE_TREATED, busy, case_of, planned
from tests.consultations.test_ended_with_the_treatment import called, held
from tests.consultations.test_services_course import go
from tests.factories.triage import VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def next_morning(desk: Desk) -> datetime:
    moment = desk.now + timedelta(hours=24)
    assert desk.branch.today(moment) > desk.board.day
    return moment


def end_all(now: datetime) -> int:
    return sum(services.end_forgotten_case(case=one, now=now) for one in services.forgotten_cases(now))


def sent_on(desk: Desk, morning: Morning) -> DeskCase:
    """Send a visitor on from a room; at the front desk that is the end of her visit."""
    consultation = morning.enter(morning.arrive("甲"))
    case = services.send_to_desk(
        consultation=consultation, department=desk.department, staff=consultation.consultant, now=morning.now
    )
    morning.part(consultation)
    return case


def test_who_waits_or_is_expected_since_yesterday_is_ended_once(desk: Desk, morning: Morning, nurse: Staff) -> None:
    sent = sent_on(desk, morning)
    waits = case_of(go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later()))
    review = desk.take_in(treatment=desk.operated(desk.people[1]))
    called_in = case_of(called(desk, nurse))
    visits = set(Visit.objects.values_list("pk", "state"))
    night = next_morning(desk)
    assert end_all(desk.later()) == 0, "the day is not over"
    assert end_all(night) == 4
    assert end_all(night) == 0
    for case in (sent, waits, review, called_in):
        assert state(case) == "left"
    assert held(desk) == [] and desk.holds()
    assert AuditEntry.objects.filter(action="consultations.leave_case", staff=None, branch=desk.branch).count() == 4
    assert set(Visit.objects.values_list("pk", "state")) == visits, "the front desk ends what it forgot by itself"


def test_the_task_ends_them(desk: Desk, morning: Morning) -> None:
    case = sent_on(desk, morning)
    assert tasks.end_forgotten_cases() == 0
    with time_machine.travel(next_morning(desk), tick=False):
        assert tasks.end_forgotten_cases() == 1
        assert tasks.end_forgotten_cases() == 0
    assert state(case) == "left"


def test_who_is_with_somebody_or_in_theatre_is_not_forgotten(desk: Desk, nurse: Staff) -> None:
    inside = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(desk.people[1]))))
    desk.say(desk.people[0], "out", reason="meal")
    operated = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    assert case_of(operated).state == "waiting", "nobody of the board has her"
    night = next_morning(desk)
    assert end_all(night) == 0 and state(inside) == "with_staff"
    go(operated, "done", by=nurse, now=night)
    assert case_of(operated).state == "done"


def test_in_the_small_hours_nobody_is_forgotten(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", by=nurse, now=desk.later())
    night = desk.now + timedelta(hours=15)
    assert desk.branch.today(night) > desk.board.day
    assert end_all(night) == 0
    go(treatment, "in_theatre", by=nurse, now=night)
    assert case_of(treatment).state == "with_staff" and busy(desk) == [desk.people[0].display_name]


def test_a_treatment_of_today_is_not_that_of_a_case_forgotten_before(branch: Branch, now: datetime) -> None:
    desk = open_desk(branch, now, kind="non_invasive")
    doctor, _second, nurse = desk.people
    treatment: Treatment = go(planned(desk, doctor), "arrived", by=nurse, now=desk.later())
    # At the front desk she was done, and nobody looked at the department's desk again.
    Visit.objects.update(state=Visit.State.FINISHED, finished_at=desk.now)
    today = next_morning(desk)
    VisitFactory.create(
        branch=branch,
        day=branch.today(today),
        visitor=treatment.visitor,
        registered_by=desk.clerk,
        arrived_at=today,
        **TO_BE_TREATED,
    )
    treatment = go(treatment, "in_theatre", by=nurse, now=today)
    assert case_of(treatment).state == "waiting" and busy(desk) == []
    go(treatment, "done", by=nurse, now=today + timedelta(minutes=30))
    assert case_of(treatment).state == "waiting"
