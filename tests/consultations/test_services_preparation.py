"""The check list before a treatment: tests with their time, abnormal ones and who is told, retests."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import Department, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Treatment, TreatmentNotice, TreatmentStep
from consultations.tasks import nudge_overdue_steps
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.photograph_scenes import by_form
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.consultations import TreatmentFactory
from tests.factories.treatments import StepFactory

pytestmark = pytest.mark.django_db


def order(morning: Morning, treatment: Treatment, kind: str = "tests_1", **said: object) -> TreatmentStep:
    return services.order_step(treatment=treatment, kind=kind, staff=morning.doctor, now=morning.now, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [("tests_1", 15), ("tests_2", 40), ("tests_3", 40), ("photographs", None), ("payment", None)],
)
def test_each_step_runs_its_time_or_is_done_at_once(morning: Morning, kind: str, minutes: int | None) -> None:
    step = order(morning, treatment_of(morning), kind)
    if minutes is None:
        assert (step.expected_at, step.result) == (None, "done")
    else:
        assert (step.expected_at, step.result) == (morning.now + timedelta(minutes=minutes), "")
    with pytest.raises(Stale, match="already_ordered"):
        order(morning, step.treatment, kind)


def test_photographs_she_refused_are_never_ticked_as_taken(morning: Morning) -> None:
    treatment = treatment_of(morning)
    by_form(morning, treatment.visitor, "refused")
    with pytest.raises(Refused, match="photographs_refused"):
        order(morning, treatment, "photographs")
    by_form(morning, treatment.visitor, "signed", minutes=1)
    assert order(morning, treatment, "photographs").result == "done"


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        ("blood", {}, "kind_unknown"),
        ("other", {"note": " "}, "note_missing"),
    ],
)
def test_a_step_that_says_nothing_is_refused(morning: Morning, kind: str, said: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        order(morning, treatment_of(morning), kind, **said)


def test_nothing_is_prepared_for_what_is_done(morning: Morning) -> None:
    treatment = go(treatment_of(morning), "done", by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="over"):
        order(morning, treatment)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.LABORATORY, True),
        (Role.NURSE, True),
        (Role.BEAUTICIAN, False),
        (Role.DEPARTMENT_DESK, False),
        (Role.CONSULTANT, False),
    ],
)
def test_who_writes_results_of_tests_down(morning: Morning, staff_with: MakeStaff, role: Role, may: bool) -> None:
    step, somebody = order(morning, treatment_of(morning)), staff_with(role)
    if may:
        services.answer_step(step=step, result="normal", staff=somebody, now=morning.now)
        with pytest.raises(Stale, match="already_answered"):
            services.answer_step(step=step, result="abnormal", words="x", staff=somebody, now=morning.now)
    else:
        with pytest.raises(Refused, match="not_yours"):
            services.answer_step(step=step, result="normal", staff=somebody, now=morning.now)


@pytest.mark.parametrize(
    ("kind", "result", "words", "code"),
    [
        ("tests_1", "abnormal", " ", "words_missing"),
        ("tests_1", "done", "", "result_unknown"),
        ("tests_1", "", "", "result_unknown"),
    ],
)
def test_a_result_must_fit_its_step(morning: Morning, kind: str, result: str, words: str, code: str) -> None:
    step = order(morning, treatment_of(morning), kind)
    with pytest.raises(Refused, match=code):
        services.answer_step(step=step, result=result, words=words, staff=morning.doctor, now=morning.now)


def abnormal(morning: Morning, treatment: Treatment, laboratory: Staff) -> TreatmentStep:
    step = order(morning, treatment)
    return services.answer_step(
        step=step, result="abnormal", words="凝血酶原时间延长", staff=laboratory, now=morning.now
    )


def test_an_abnormal_test_tells_doctor_and_consultant_and_holds_until_seen(
    morning: Morning, staff_with: MakeStaff
) -> None:
    laboratory = staff_with(Role.LABORATORY)
    treatment = treatment_of(morning)
    treatment.visitor.owner = morning.first
    treatment.visitor.save()
    treatment = go(treatment, "arrived", "preparing", by=morning.doctor, now=morning.now)
    step = abnormal(morning, treatment, laboratory)
    assert set(step.notices.values_list("staff_id", flat=True)) == {morning.doctor.pk, morning.first.pk}
    told = {topic for event in OutboxEvent.objects.all() for topic in event.topics}
    assert {f"staff-{morning.doctor.pk}", f"staff-{morning.first.pk}"} <= told
    with pytest.raises(Refused, match="unready") as refused:
        go(treatment, "in_theatre", by=morning.doctor, now=morning.now)
    assert refused.value.detail["missing"] == ["tests_abnormal"]
    hers = TreatmentNotice.objects.get(staff=morning.first)
    services.see_notice(notice=hers, staff=morning.first, now=morning.now)
    with pytest.raises(Refused, match="unready"):
        go(treatment, "in_theatre", by=morning.doctor, now=morning.now)
    services.see_notice(notice=TreatmentNotice.objects.get(staff=morning.doctor), staff=morning.doctor, now=morning.now)
    assert go(treatment, "in_theatre", by=morning.doctor, now=morning.now).stage == "in_theatre"


def test_a_retest_is_a_new_line_that_names_the_old_one(morning: Morning, staff_with: MakeStaff) -> None:
    treatment, laboratory = treatment_of(morning), staff_with(Role.LABORATORY)
    treatment = go(treatment, "arrived", "preparing", by=morning.doctor, now=morning.now)
    first = abnormal(morning, treatment, laboratory)
    again = order(morning, treatment, retest_of=first)
    assert again.retest_of == first
    with pytest.raises(Refused, match="unready") as refused:
        go(treatment, "in_theatre", by=morning.doctor, now=morning.now)
    assert refused.value.detail["missing"] == ["tests_out"]
    services.answer_step(step=again, result="normal", staff=laboratory, now=morning.now)
    with pytest.raises(Stale, match="already_repeated"):
        order(morning, treatment, retest_of=first)
    with pytest.raises(Refused, match="not_abnormal"):
        order(morning, treatment, retest_of=again)
    assert go(treatment, "in_theatre", by=morning.doctor, now=morning.now).stage == "in_theatre"


def test_the_guide_is_nudged_once_and_only_of_what_is_late(morning: Morning) -> None:
    treatment = treatment_of(morning)
    late = StepFactory.create(treatment=treatment, expected_at=morning.now - timedelta(minutes=1))
    StepFactory.create(treatment=treatment, kind="tests_2", expected_at=morning.now + timedelta(hours=1))
    cancelled = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.eyes, state="cancelled", cancel_reason="x"
    )
    StepFactory.create(treatment=cancelled, expected_at=morning.now - timedelta(minutes=1))
    assert nudge_overdue_steps() == 1
    assert nudge_overdue_steps() == 0
    late.refresh_from_db()
    assert late.nudged_at is not None
    assert OutboxEvent.objects.filter(topics=[f"treatments-{morning.branch.pk}"]).exists()


def test_of_care_and_surgery_the_same_list(morning: Morning) -> None:
    for kind in (Department.Kind.SURGERY, Department.Kind.NON_INVASIVE, Department.Kind.LASER):
        assert order(morning, treatment_of(morning, kind), "other", note="卸妆").result == "done"


def test_a_beautician_prepares_and_orders_no_tests(morning: Morning, staff_with: MakeStaff) -> None:
    beautician = staff_with(Role.BEAUTICIAN)
    treatment = treatment_of(morning)
    step = services.order_step(treatment=treatment, kind="photographs", staff=beautician, now=morning.now)
    assert step.result == "done" and step.result_by == beautician
    with pytest.raises(Refused, match="not_yours"):
        services.order_step(treatment=treatment, kind="tests_1", staff=beautician, now=morning.now)
    with pytest.raises(Refused, match="not_yours"):
        services.answer_step(step=order(morning, treatment), result="not_needed", staff=beautician, now=morning.now)


def test_a_beautician_sees_no_button_she_may_not_press(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    treatment = treatment_of(morning)
    order(morning, treatment)
    page = reverse("consultations:treatment_work", args=[treatment.pk])
    at_work = client_as(staff_with(Role.BEAUTICIAN, department=treatment.project.department)).get(page).content.decode()
    nurses = client_as(staff_with(Role.NURSE, department=treatment.project.department)).get(page).content.decode()
    for word, seen in (('id="add-tests_2"', False), ('value="not_needed"', False), ('id="add-payment"', True)):
        assert (word in at_work) is seen
        assert word in nurses
