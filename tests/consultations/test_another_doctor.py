"""A treatment that is given to another doctor, or to another day, after the desk has dealt with her."""

from datetime import timedelta

import pytest

from clinic.models import Staff
from clinic.problems import Refused
from consultations import services
from consultations.models import Treatment
from consultations.selectors.treatments import in_the_house
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_ended_with_the_treatment import called, held
from tests.consultations.test_services_course import go

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


def give_to(desk: Desk, treatment: Treatment, doctor: Staff) -> Treatment:
    return services.change_treatment(treatment=treatment, doctor=doctor, staff=desk.clerk, now=desk.now)


def test_who_was_called_to_one_is_called_to_the_other(desk: Desk, nurse: Staff) -> None:
    second = desk.people[1]
    treatment = give_to(desk, called(desk, nurse), second)
    case = case_of(treatment)
    assert (case.state, case.staff, case.doctor) == ("called", second, second)
    desk.work(services.enter_case, case)
    treatment.refresh_from_db()
    assert treatment.doctor == second and busy(desk) == [second.display_name] and desk.holds()


def test_a_doctor_who_is_not_here_is_refused_while_she_is_called(desk: Desk, nurse: Staff) -> None:
    treatment = called(desk, nurse)
    desk.say(desk.people[1], "off")
    with pytest.raises(Refused):
        give_to(desk, treatment, desk.people[1])
    treatment.refresh_from_db()
    assert treatment.doctor == desk.people[0] and case_of(treatment).staff == desk.people[0]


def test_another_in_theatre_is_busy_in_the_place_of_the_first(desk: Desk, nurse: Staff) -> None:
    second = desk.people[1]
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    treatment = give_to(desk, treatment, second)
    assert busy(desk) == [second.display_name] and case_of(treatment).staff == second and desk.holds()
    go(treatment, "done", by=nurse, now=desk.later())
    assert busy(desk) == [] and case_of(treatment).state == "done"


def test_another_in_theatre_who_is_on_no_seat_frees_the_first(desk: Desk, nurse: Staff) -> None:
    second = desk.people[1]
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    desk.say(second, "off")
    treatment = give_to(desk, treatment, second)
    assert busy(desk) == [] and (case_of(treatment).staff, case_of(treatment).state) == (second, "with_staff")
    go(treatment, "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done" and desk.holds()


def test_the_giving_out_is_not_taken_back_to_the_doctor_before(desk: Desk, nurse: Staff) -> None:
    second = desk.people[1]
    treatment = give_to(desk, called(desk, nurse), second)
    with pytest.raises(Refused, match="undo_refused"):
        desk.work(services.undo_case, case_of(treatment))
    assert (case_of(treatment).staff, case_of(treatment).doctor) == (second, second)


def test_on_another_day_she_is_not_expected_today(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    treatment = services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)
    assert case_of(treatment).state == "sent"
    tomorrow = desk.board.day + timedelta(days=1)
    treatment = services.change_treatment(treatment=treatment, treated_on=tomorrow, staff=desk.clerk, now=desk.now)
    assert case_of(treatment).state == "left" and desk.expected() == []


def test_put_back_it_goes_to_another_day_and_a_doctor_who_is_not_here_at_once(desk: Desk, nurse: Staff) -> None:
    second = desk.people[1]
    treatment = services.correct_stage(
        treatment=called(desk, nurse), stage="ordered", reason="改期", staff=nurse, now=desk.later()
    )
    desk.say(second, "off")
    tomorrow = desk.board.day + timedelta(days=1)
    treatment = services.change_treatment(
        treatment=treatment, treated_on=tomorrow, doctor=second, staff=desk.clerk, now=desk.now
    )
    assert (treatment.treated_on, treatment.doctor) == (tomorrow, second)
    assert case_of(treatment).state == "left" and held(desk) == [] and desk.holds()


def test_who_is_still_with_the_doctor_stays_there_while_it_moves_to_another_day(desk: Desk, nurse: Staff) -> None:
    first, second = desk.people[:2]
    treatment = go(planned(desk, first), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    treatment = services.correct_stage(
        treatment=treatment, stage="ordered", reason="血压高", staff=nurse, now=desk.later()
    )
    tomorrow = desk.board.day + timedelta(days=1)
    treatment = services.change_treatment(
        treatment=treatment, treated_on=tomorrow, doctor=second, staff=desk.clerk, now=desk.now
    )
    assert case_of(treatment).staff == first and busy(desk) == [first.display_name]
    desk.work(services.finish_case, case_of(treatment))
    assert busy(desk) == [] and desk.holds()


def test_who_leaves_the_department_has_not_arrived(desk: Desk, nurse: Staff) -> None:
    treatment = called(desk, nurse)
    for _twice in range(2):
        desk.work(services.leave_case, case_of(treatment), reason="太累")
    treatment.refresh_from_db()
    assert (treatment.stage, treatment.visit, held(desk)) == ("ordered", None, [])
    assert treatment not in in_the_house(desk.clerk, desk.board.day)
    entry = treatment.course.order_by("-id")[0]
    assert (entry.sort, entry.reason, treatment.course.count()) == ("correction", "太累", 2)
