"""An abnormal test holds the treatment until the doctor who treats her has seen it, whoever that is by then."""

import pytest

from clinic.models import Staff
from clinic.problems import Refused
from consultations import services
from consultations.models import Treatment, TreatmentNotice, TreatmentStep
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import case_of, planned
from tests.consultations.test_services_course import codes, go

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


@pytest.fixture
def bad(desk: Desk, nurse: Staff) -> TreatmentStep:
    """An abnormal test before a treatment of the first doctor's; she is being prepared."""
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", by=nurse, now=desk.later())
    step = services.order_step(treatment=treatment, kind="tests_1", staff=nurse, now=desk.later())
    return services.answer_step(step=step, result="abnormal", words="凝血异常", staff=nurse, now=desk.later())


def held(desk: Desk, step: TreatmentStep) -> list[str]:
    with pytest.raises(Refused, match="unready") as refused:
        go(Treatment.objects.get(pk=step.treatment_id), "in_theatre", by=desk.people[2], now=desk.later())
    return codes(refused)


def see(desk: Desk, doctor: Staff) -> None:
    notice = TreatmentNotice.objects.get(staff=doctor, seen_at=None)
    services.see_notice(notice=notice, staff=doctor, now=desk.later())


@pytest.mark.parametrize("seen", [False, True])
def test_the_new_doctor_is_told_and_has_to_see_it(desk: Desk, nurse: Staff, bad: TreatmentStep, seen: bool) -> None:
    first, second = desk.people[:2]
    if seen:
        see(desk, first)
    services.change_treatment(treatment=bad.treatment, doctor=second, staff=nurse, now=desk.later())
    assert held(desk, bad) == ["tests_abnormal"]
    see(desk, second)
    treatment = go(Treatment.objects.get(pk=bad.treatment_id), "in_theatre", by=nurse, now=desk.later())
    assert treatment.stage == "in_theatre"


def test_given_back_to_who_knows_of_it_nobody_is_told_twice(desk: Desk, nurse: Staff, bad: TreatmentStep) -> None:
    first, second = desk.people[:2]
    see(desk, first)
    for doctor in (second, first, second):
        services.change_treatment(treatment=bad.treatment, doctor=doctor, staff=nurse, now=desk.later())
    assert TreatmentNotice.objects.filter(staff=second).count() == 1
    services.change_treatment(treatment=bad.treatment, doctor=first, staff=nurse, now=desk.later())
    assert TreatmentNotice.objects.filter(staff=first).count() == 1
    go(Treatment.objects.get(pk=bad.treatment_id), "in_theatre", by=nurse, now=desk.later())


def test_who_treats_in_the_place_of_another_is_told_and_has_to_see_it(desk: Desk, bad: TreatmentStep) -> None:
    second = desk.people[1]
    case = desk.work(services.name_for_case, case_of(bad.treatment), consultant=second, reason="换", turn=None)
    desk.work(services.enter_case, case)
    assert Treatment.objects.get(pk=bad.treatment_id).doctor == second
    assert held(desk, bad) == ["tests_abnormal"]
    see(desk, second)
    go(Treatment.objects.get(pk=bad.treatment_id), "in_theatre", by=desk.people[2], now=desk.later())


@pytest.mark.parametrize(("result", "missing"), [("not_needed", ["tests_abnormal"]), ("normal", [])])
def test_only_a_retest_that_came_back_repeats_it(
    desk: Desk, nurse: Staff, bad: TreatmentStep, result: str, missing: list[str]
) -> None:
    again = services.order_step(treatment=bad.treatment, kind="tests_1", retest_of=bad, staff=nurse, now=desk.later())
    assert held(desk, bad) == ["tests_out"]
    services.answer_step(step=again, result=result, staff=nurse, now=desk.later())
    if missing:
        assert held(desk, bad) == missing
        see(desk, desk.people[0])
    go(Treatment.objects.get(pk=bad.treatment_id), "in_theatre", by=nurse, now=desk.later())
