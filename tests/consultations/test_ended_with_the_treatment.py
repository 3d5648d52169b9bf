"""What a desk has a visitor for ends with the treatment, however far the desk had come with her."""

from datetime import timedelta

import pytest

from clinic.models import Staff
from consultations import services
from consultations.models import Treatment
from consultations.selectors.numbing import numbing_nudges
from reception.models import Visit
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_services_course import go
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def held(desk: Desk) -> list[str]:
    desk.board.refresh_from_db()
    return [one.visit for seat in state_of(desk.board).seats for one in seat.visits]


def visit_of(treatment: Treatment) -> Visit:
    return Visit.objects.get(visitor=treatment.visitor)


def called(desk: Desk, nurse: Staff) -> Treatment:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    assert desk.give(case_of(treatment)).state == "called"
    return treatment


def cancel(desk: Desk, treatment: Treatment) -> Treatment:
    return services.cancel_treatment(treatment=treatment, reason="血压高", staff=desk.clerk, now=desk.later())


def test_done_while_she_waits(desk: Desk, nurse: Staff) -> None:
    desk.say(desk.people[0], "out", reason="meal")
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.now)
    case = case_of(treatment)
    assert (case.state, case.staff, desk.waiting()) == ("done", desk.people[0], [])
    assert visit_of(treatment).state == Visit.State.FINISHED


def test_done_while_the_department_has_no_open_board(desk: Desk, nurse: Staff) -> None:
    triage.close_board(board=desk.board, staff=desk.clerk, now=desk.later())
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", "done", by=nurse, now=desk.now)
    assert case_of(treatment).state == "done" and visit_of(treatment).state == Visit.State.FINISHED


def test_cancelled_before_the_desk_took_her_in(desk: Desk, morning: Morning, nurse: Staff) -> None:
    consultation = morning.enter(morning.arrive())
    treatment = desk.operated(desk.people[0], visitor=consultation.visitor, days=0, state="planned")
    services.send_to_desk(
        consultation=consultation, department=desk.department, staff=consultation.consultant, now=morning.now
    )
    cancel(desk, treatment)
    assert case_of(treatment).state == "left" and desk.expected() == []
    taken = desk.take_in(consultation.visit, purpose="consult")
    assert (taken.treatment, taken.doctor) == (None, None)


def test_cancelled_while_she_is_called(desk: Desk, nurse: Staff) -> None:
    treatment = cancel(desk, called(desk, nurse))
    case = case_of(treatment)
    assert (case.state, case.left_reason, held(desk)) == ("left", "血压高", [])
    assert visit_of(treatment).state == Visit.State.FINISHED and desk.holds()


def test_cancelled_while_she_is_numbed(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    desk.work(services.start_numbing, case_of(treatment), minutes=30)
    cancel(desk, treatment)
    assert numbing_nudges(desk.clerk, desk.later(29)).due == []


def test_cancelled_in_theatre_is_done(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    assert busy(desk) == ["赵医生"]
    assert case_of(cancel(desk, treatment)).state == "done" and busy(desk) == []


def test_done_after_midnight(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    night = desk.now + timedelta(hours=16)
    assert desk.branch.today(night) > desk.board.day
    treatment = go(treatment, "done", by=nurse, now=night)
    assert case_of(treatment).state == "done" and busy(desk) == []
    assert visit_of(treatment).state == Visit.State.FINISHED


def test_done_after_the_front_desk_said_that_she_left(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    triage.record_leave(visit=visit_of(treatment), staff=desk.clerk, now=desk.later())
    go(treatment, "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done" and busy(desk) == []
