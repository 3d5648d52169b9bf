"""Two nurses at one treatment, two desks at one package, two of the laboratory at one test: it happens once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic.roles import Role
from consultations import services
from consultations.models import StageEntry, Treatment, TreatmentStep
from tests.at_once import AT_ONCE, at_once
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.treatments import make_package

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_step_of_many_nurses_is_one_step(morning: Morning, staff_with: MakeStaff) -> None:
    nurses = [staff_with(Role.NURSE) for _number in range(AT_ONCE)]
    treatment = go(treatment_of(morning), "arrived", "preparing", by=nurses[0], now=morning.now)

    def begin(number: int) -> Callable[[], object]:
        return lambda: services.advance_treatment(
            treatment=treatment,
            stage="in_theatre",
            expected_version=treatment.version,
            staff=nurses[number],
            now=morning.now,
        )

    assert at_once(*map(begin, range(AT_ONCE))) == ["changed"] * (AT_ONCE - 1) + ["ok"]
    assert StageEntry.objects.filter(treatment=treatment, stage="in_theatre").count() == 1


def test_the_last_session_of_a_package_is_given_once(morning: Morning) -> None:
    line = make_package(morning.enter(morning.arrive()), morning.nose, sessions=2)

    def file(day: int) -> Callable[[], object]:
        return lambda: services.file_treatment(
            visitor=line.deal.visitor,
            project=line.project,
            doctor=morning.doctor,
            treated_on=morning.board.day + timedelta(days=day + 1),
            state="planned",
            deal_line=line,
            staff=morning.doctor,
            branch=morning.branch,
            now=morning.now,
        )

    assert at_once(*map(file, range(AT_ONCE))) == ["ok"] * 2 + ["package_used"] * (AT_ONCE - 2)
    assert list(Treatment.objects.order_by("session").values_list("session", flat=True)) == [1, 2]


def test_a_test_is_answered_once(morning: Morning, staff_with: MakeStaff) -> None:
    laboratory = staff_with(Role.LABORATORY)
    step = services.order_step(treatment=treatment_of(morning), kind="tests_1", staff=morning.doctor, now=morning.now)

    def answer(result: str) -> Callable[[], object]:
        return lambda: services.answer_step(step=step, result=result, words="异常", staff=laboratory, now=morning.now)

    answers = at_once(*(answer(result) for result in ("normal", "abnormal") * (AT_ONCE // 2)))
    assert answers == ["already_answered"] * (AT_ONCE - 1) + ["ok"]
    step.refresh_from_db()
    assert step.result and step.notices.count() == (1 if step.result == "abnormal" else 0)


def test_the_same_step_is_ordered_once(morning: Morning) -> None:
    treatment = treatment_of(morning)

    def order() -> object:
        return services.order_step(treatment=treatment, kind="tests_2", staff=morning.doctor, now=morning.now)

    assert at_once(*[order] * AT_ONCE) == ["already_ordered"] * (AT_ONCE - 1) + ["ok"]
    assert TreatmentStep.objects.count() == 1
