"""A visitor whom the front desk has gone, or never here, while a department or a room still has her."""

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from clinic.models import OutboxEvent, Staff
from clinic.problems import Stale
from consultations import services
from consultations.models import DeskCase, Treatment
from reception import services as reception
from reception.models import Visit
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_ended_with_the_treatment import called, held, visit_of
from tests.consultations.test_services_course import go
from triage import services as triage

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def leave(desk: Desk | Morning, visit: Visit, *, tell: bool = True) -> None:
    triage.record_leave(visit=visit, staff=desk.clerk, now=desk.now)
    if tell:
        follow("visit_left")


def follow(name: str) -> None:
    """Do what follows an event, twice, as it may be sent twice."""
    event = OutboxEvent.objects.get(event=name)
    for _twice in range(2):
        for task in settings.EVENT_TASKS[name]:
            import_string(task)(**event.payload)


def test_who_waits_at_a_department_waits_no_longer(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    leave(desk, visit_of(treatment))
    assert case_of(treatment).state == "left" and desk.waiting() == []


def test_whoever_she_was_called_to_is_free(desk: Desk, nurse: Staff) -> None:
    treatment = called(desk, nurse)
    leave(desk, visit_of(treatment))
    assert case_of(treatment).state == "left" and held(desk) == [] and desk.holds()


def test_whoever_has_her_for_a_review_is_free(desk: Desk) -> None:
    case = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(desk.people[0]))))
    leave(desk, case.visit)
    assert DeskCase.objects.get().state == "done" and busy(desk) == [] and desk.holds()


def test_who_is_in_theatre_stays_there_until_it_is_done(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    leave(desk, visit_of(treatment))
    assert case_of(treatment).state == "with_staff" and busy(desk) == ["赵医生"]
    go(treatment, "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done" and busy(desk) == []


def test_a_void_entry_is_at_no_department(desk: Desk, nurse: Staff) -> None:
    treatment = called(desk, nurse)
    reception.void_visit(visit=visit_of(treatment), reason="登错人", staff=desk.clerk, now=desk.later())
    follow("visit_void")
    assert case_of(treatment).state == "left" and held(desk) == []


def test_nobody_is_given_out_who_is_gone(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    leave(desk, visit_of(treatment), tell=False)
    with pytest.raises(Stale, match="gone"):
        desk.give(case_of(treatment))


def test_a_visit_that_stands_ends_nothing(desk: Desk, nurse: Staff) -> None:
    treatment: Treatment = called(desk, nurse)
    assert services.end_cases_of_gone(visit=visit_of(treatment), now=desk.now) == []
    assert case_of(treatment).state == "called"


def test_a_consultant_who_accepted_her_waits_for_nobody(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    leave(morning, consultation.visit)
    consultation.refresh_from_db()
    assert consultation.state == "withdrawn"


def test_a_consultant_who_accepted_a_void_entry_waits_for_nobody(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    visit = consultation.visit
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    reception.void_visit(visit=visit, reason="登错人", staff=morning.clerk, now=morning.now)
    follow("visit_void")
    consultation.refresh_from_db()
    assert consultation.state == "withdrawn"
