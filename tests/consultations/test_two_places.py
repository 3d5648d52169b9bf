"""Nobody is in two places at once: no visitor with two people, no doctor in theatre with two visitors."""

from datetime import datetime, timedelta

import pytest

from clinic.models import Branch, Staff
from clinic.problems import Refused
from consultations import services
from reception.models import Visit
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk, open_desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_services_course import go

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def test_a_visitor_is_with_one_department_at_a_time(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser", names=("周医生", "吴医生", "郑护士"))
    visit = desk.arrive()
    first = desk.give(desk.take_in(visit, purpose="consult"))
    second = laser.give(laser.take_in(visit, purpose="consult"))
    desk.work(services.enter_case, first)
    with pytest.raises(Refused, match="elsewhere") as refused:
        laser.work(services.enter_case, second)
    assert "赵医生" in str(refused.value.message) and busy(laser) == []
    desk.work(services.enter_case, first)
    desk.work(services.finish_case, first)
    assert laser.work(services.enter_case, second).state == "with_staff"


def test_who_is_in_a_room_does_not_go_in_to_a_doctor(desk: Desk, morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    case = desk.give(desk.take_in(held.visit, purpose="consult"))
    with pytest.raises(Refused, match="elsewhere") as refused:
        desk.work(services.enter_case, case)
    assert held.consultant.display_name in str(refused.value.message)
    morning.part(held)
    assert desk.work(services.enter_case, case).state == "with_staff"


def test_who_is_with_a_doctor_does_not_go_into_a_room(desk: Desk, morning: Morning) -> None:
    accepted = morning.take(morning.arrive())
    case = desk.give(desk.take_in(accepted.visit, purpose="consult"))
    case = desk.work(services.enter_case, case)
    with pytest.raises(Refused, match="elsewhere"):
        services.enter_room(consultation=accepted, staff=accepted.consultant, now=morning.now)
    assert Visit.objects.get(pk=accepted.visit_id).state == Visit.State.ACCEPTED
    desk.work(services.finish_case, case)
    services.enter_room(consultation=accepted, staff=accepted.consultant, now=morning.now)


def test_a_doctor_is_in_theatre_with_one_visitor(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    first = go(planned(desk, doctor), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    second = go(planned(desk, doctor), "arrived", "preparing", by=nurse, now=desk.later())
    with pytest.raises(Refused, match="doctor_in_theatre") as refused:
        go(second, "in_theatre", by=nurse, now=desk.later())
    assert first.visitor.name in str(refused.value.message) and doctor.display_name in str(refused.value.message)
    go(first, "done", by=nurse, now=desk.later())
    second.refresh_from_db()
    assert go(second, "in_theatre", by=nurse, now=desk.later()).stage == "in_theatre"


def test_whom_the_desk_gave_to_another_is_not_held_up(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    go(planned(desk, first), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    treatment = go(planned(desk, first), "arrived", by=nurse, now=desk.later())
    desk.work(services.name_for_case, case_of(treatment), consultant=second, reason="换", turn=None)
    treatment.refresh_from_db()
    assert go(treatment, "preparing", "in_theatre", by=nurse, now=desk.later()).doctor == second


def test_what_was_forgotten_yesterday_holds_nobody_up(desk: Desk, nurse: Staff) -> None:
    doctor = desk.people[0]
    first = go(planned(desk, doctor), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    first.started_at = desk.now - timedelta(hours=25)
    first.save(update_fields=["started_at"])
    second = go(planned(desk, doctor), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    assert second.stage == "in_theatre"
