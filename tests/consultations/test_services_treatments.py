"""Treatments: filed, moved, done, cancelled; the rooms on the right hear of each."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from clinic.models import OutboxEvent
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Treatment
from reception.models import Standing
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.factories.consultations import TreatmentFactory, make_deal
from tests.factories.treatments import make_ready

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 11)
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)


def file(
    morning: Morning,
    *,
    on: date = TOMORROW,
    state: str = "planned",
    visitor: object = None,
    now: datetime | None = None,
) -> Treatment:
    return services.file_treatment(
        visitor=visitor or morning.register("王美"),  # type: ignore[arg-type]
        project=morning.nose,
        doctor=morning.doctor,
        treated_on=on,
        state=state,
        staff=morning.first,
        branch=morning.branch,
        now=now or morning.now,
    )


def events() -> list[dict[str, int]]:
    return [row.payload for row in OutboxEvent.objects.filter(event="treatment_filed").order_by("pk")]


def test_each_change_is_announced_for_the_call_backs(morning: Morning) -> None:
    treatment = file(morning)
    services.change_treatment(
        treatment=treatment, treated_on=TOMORROW + timedelta(days=1), staff=morning.first, now=morning.now
    )
    services.cancel_treatment(treatment=treatment, reason="ill", staff=morning.first, now=morning.now)
    assert events() == [{"treatment_id": treatment.pk}] * 3


def test_a_done_treatment_makes_the_visitor_treated_and_is_over(morning: Morning) -> None:
    treatment = file(morning, on=YESTERDAY, state="done")
    treatment.visitor.refresh_from_db()
    treatment.refresh_from_db()
    assert treatment.visitor.standing == Standing.TREATED
    assert treatment.stage == Treatment.Stage.DISCHARGED


def test_a_planned_one_does_not_until_it_is_done(morning: Morning) -> None:
    treatment = make_ready(file(morning, on=TODAY))
    treatment.visitor.refresh_from_db()
    assert treatment.visitor.standing == Standing.NEW
    services.advance_treatment(treatment=treatment, stage="done", staff=morning.doctor, now=morning.now)
    treatment.visitor.refresh_from_db()
    assert treatment.visitor.standing == Standing.TREATED


def test_one_filed_as_done_today_passes_the_gate(morning: Morning) -> None:
    with pytest.raises(Refused, match="not_yours"):
        file(morning, on=TODAY, state="done")
    with pytest.raises(Refused, match="unready") as refused:
        services.file_treatment(
            visitor=morning.register("王美"),
            project=morning.nose,
            doctor=morning.doctor,
            treated_on=TODAY,
            state="done",
            staff=morning.doctor,
            branch=morning.branch,
            now=morning.now,
        )
    assert refused.value.detail["missing"] == [
        "no_file",
        "unsigned_treatment",
        "unsigned_anaesthesia",
        "unsigned_photographs",
    ]
    assert not Treatment.objects.exists()


@pytest.mark.parametrize(
    ("on", "state", "code"),
    [
        (TOMORROW, "done", "done_ahead"),
        (TODAY - timedelta(days=1), "planned", "planned_over"),
        (date(2206, 3, 12), "planned", "too_far_ahead"),
        (TODAY, "cancelled", "state_unknown"),
    ],
)
def test_a_day_must_fit_its_state(morning: Morning, on: date, state: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        file(morning, on=on, state=state)
    assert not Treatment.objects.exists()


def test_the_branchs_day_counts_not_utc(morning: Morning) -> None:
    evening = morning.now.replace(hour=17)  # one o'clock of the next day in Shanghai
    with pytest.raises(Refused, match="planned_over"):
        file(morning, on=TODAY, now=evening)
    treatment = services.file_treatment(
        visitor=morning.register("王美"),
        project=morning.nose,
        doctor=morning.doctor,
        treated_on=TODAY,
        state="done",
        staff=morning.first,
        branch=morning.branch,
        now=evening,
    )
    assert treatment.stage == Treatment.Stage.DISCHARGED, "it was yesterday, so it is over"


def test_a_doctor_who_has_left_does_not_operate(morning: Morning, staff_with: MakeStaff) -> None:
    gone = staff_with(Role.DOCTOR, active_until=TODAY)
    with pytest.raises(Refused, match="doctor_away"):
        services.change_treatment(treatment=file(morning), doctor=gone, staff=morning.first, now=morning.now)


def test_filed_twice_is_filed_once(morning: Morning) -> None:
    treatment = file(morning)
    with pytest.raises(Stale, match="already_filed"):
        file(morning, visitor=treatment.visitor)
    assert Treatment.objects.count() == 1
    with pytest.raises(IntegrityError, match="treatment_project_once_a_day"):
        TreatmentFactory.create(
            doctor=morning.doctor, visitor=treatment.visitor, project=morning.nose, treated_on=treatment.treated_on
        )


def test_a_cancelled_one_may_be_filed_again(morning: Morning) -> None:
    treatment = file(morning)
    services.cancel_treatment(treatment=treatment, reason="ill", staff=morning.first, now=morning.now)
    again = file(morning, visitor=treatment.visitor)
    assert again.pk != treatment.pk


def test_an_old_screen_changes_nothing(morning: Morning) -> None:
    treatment = file(morning)
    moved = services.change_treatment(
        treatment=treatment,
        treated_on=TOMORROW + timedelta(days=3),
        expected_version=1,
        staff=morning.first,
        now=morning.now,
    )
    with pytest.raises(Stale, match="changed") as stale:
        services.cancel_treatment(
            treatment=treatment, reason="ill", expected_version=1, staff=morning.doctor, now=morning.now
        )
    assert "15 Mar 2026" in str(stale.value.message)
    moved.refresh_from_db()
    assert moved.state == Treatment.State.PLANNED


def test_cancelling_needs_a_reason_and_happens_once(morning: Morning) -> None:
    treatment = file(morning)
    common: dict[str, Any] = {"treatment": treatment, "staff": morning.first, "now": morning.now}
    with pytest.raises(Refused, match="reason_missing"):
        services.cancel_treatment(reason=" ", **common)
    services.cancel_treatment(reason="ill", **common)
    with pytest.raises(Stale, match="changed"):
        services.cancel_treatment(reason="ill", **common)
    with pytest.raises(Stale, match="changed"):
        services.change_treatment(treated_on=TOMORROW, **common)


def test_a_treatment_recorded_by_mistake_takes_its_standing_with_it(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    make_deal(consultation, kind="deposit")
    treatment = file(morning, on=YESTERDAY, state="done", visitor=consultation.visitor)
    services.cancel_treatment(treatment=treatment, reason="wrong person", staff=morning.first, now=morning.now)
    consultation.visitor.refresh_from_db()
    assert consultation.visitor.standing == Standing.DEPOSIT


@pytest.mark.parametrize("stage", ["observed", "discharged"])
def test_who_was_observed_or_went_home_is_put_back_before_it_is_cancelled(morning: Morning, stage: str) -> None:
    common: dict[str, Any] = {"staff": morning.doctor, "now": morning.now}
    way = ["arrived", "preparing", "in_theatre", "done", "observed", "discharged"]
    treatment = go(treatment_of(morning), *way[: way.index(stage) + 1], by=morning.doctor, now=morning.now)
    with pytest.raises(Refused, match="done_already"):
        services.cancel_treatment(treatment=treatment, reason="x", **common)
    treatment = services.correct_stage(treatment=treatment, stage="done", reason="点错", **common)
    services.cancel_treatment(treatment=treatment, reason="认错人", **common)
    treatment.refresh_from_db()
    assert treatment.state == Treatment.State.CANCELLED


def test_saving_without_a_change_announces_nothing(morning: Morning) -> None:
    treatment = file(morning)
    before = len(events())
    same = services.change_treatment(
        treatment=treatment, treated_on=treatment.treated_on, staff=morning.first, now=morning.now
    )
    assert same.version == 1
    assert len(events()) == before
