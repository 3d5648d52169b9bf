"""Calls follow treatments: the same rows however often, whenever and by how many at once they are built (R6–R8)."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, Department, OutboxEvent
from consultations.models import Treatment
from followups import tasks
from followups.due import Unit
from followups.models import CallAttempt, CallBack, Plan
from followups.services import build_call_backs, ensure_plans, record_attempt
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_call, a_project
from tests.followups.reckoning import due_on

pytestmark = pytest.mark.django_db


def dates(treatment: Treatment) -> list[tuple[str, date, str]]:
    calls = CallBack.objects.filter(treatment=treatment).order_by("step__position")
    return [(call.step.code, call.due_on, call.state) for call in calls.select_related("step")]


def test_the_surgery_plan_stands_in_every_database() -> None:
    plan = Plan.objects.get(department_kind=Department.Kind.SURGERY)
    assert [(step.code, step.offset, step.unit) for step in plan.steps.all()] == [
        ("day-2", 2, "days"),
        ("month-1", 1, "months"),
        ("month-3", 3, "months"),
        ("month-6", 6, "months"),
        ("year-1", 12, "months"),
        ("year-2", 24, "months"),
    ]
    assert set(plan.steps.filter(tracked_only=True).values_list("code", flat=True)) == {"year-1", "year-2"}
    ensure_plans()
    assert sorted(Plan.objects.values_list("department_kind", "version")) == [
        ("laser", 1), ("non_invasive", 1), ("surgery", 1),
    ]  # fmt: skip


def test_an_operation_has_four_calls(branch: Branch, now: datetime) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=date(2026, 8, 31))
    assert build_call_backs(treatment_ids=[operation.pk], now=now) == 4
    assert dates(operation) == [
        ("day-2", date(2026, 9, 2), "open"),
        ("month-1", date(2026, 9, 30), "open"),
        ("month-3", date(2026, 11, 30), "open"),
        ("month-6", date(2027, 2, 28), "open"),
    ]
    assert list(OutboxEvent.objects.values_list("topics", flat=True)) == [
        [f"call-backs-{branch.pk}", f"visitor-{operation.visitor_id}"]
    ]


def test_building_again_changes_nothing(branch: Branch, now: datetime) -> None:
    OperationFactory.create_batch(3, branch=branch)
    assert build_call_backs(now=now) == 12
    before = list(CallBack.objects.order_by("pk").values())
    assert build_call_backs(now=now + timedelta(days=7)) == 0
    assert list(CallBack.objects.order_by("pk").values()) == before


def test_built_a_week_late_nothing_is_dropped(branch: Branch, now: datetime) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=date(2026, 3, 2))
    build_call_backs(now=now + timedelta(days=7))
    first = CallBack.objects.get(treatment=operation, step__code="day-2")
    assert (first.call_on, first.state) == (date(2026, 3, 4), "open")


def test_only_what_was_asked_for_is_built(branch: Branch, other_branch: Branch, now: datetime) -> None:
    here, there = OperationFactory.create(branch=branch), OperationFactory.create(branch=other_branch)
    assert build_call_backs(treatment_ids=[], now=now) == 0
    assert build_call_backs(branch=other_branch, now=now) == 4
    assert dates(here) == [] and len(dates(there)) == 4


def test_departments_without_a_plan_have_no_calls(branch: Branch, now: datetime) -> None:
    OperationFactory.create(branch=branch, project=a_project(branch, Department.Kind.CONSULTING))
    assert build_call_backs(now=now) == 0


def test_open_calls_move_with_the_operation_and_made_ones_stay(
    branch: Branch, now: datetime, staff_with: MakeStaff
) -> None:
    call = a_call(branch, now=now)
    record_attempt(call_back=call, result="reached", recovery="normal", staff=staff_with(), now=now)
    operation = call.treatment
    operation.treated_on = date(2026, 3, 20)
    operation.save()
    assert build_call_backs(treatment_ids=[operation.pk], now=now) == 3
    assert dates(operation) == [
        ("day-2", date(2026, 3, 11), "done"),
        ("month-1", date(2026, 4, 20), "open"),
        ("month-3", date(2026, 6, 20), "open"),
        ("month-6", date(2026, 9, 20), "open"),
    ]
    assert not CallBack.objects.filter(treatment=operation, state="open").exclude(call_on=F("due_on")).exists()


def test_a_cancelled_operation_cancels_its_calls_and_brings_them_back(branch: Branch, now: datetime) -> None:
    operation = a_call(branch, now=now).treatment
    operation.state, operation.cancel_reason = Treatment.State.CANCELLED, "感冒发烧"
    operation.save()
    assert build_call_backs(treatment_ids=[operation.pk], now=now) == 4
    assert set(CallBack.objects.values_list("state", "state_reason", "closed_at")) == {
        ("cancelled", "treatment_cancelled", now)
    }
    assert build_call_backs(now=now) == 0
    operation.state, operation.stage = Treatment.State.PLANNED, "ordered"
    operation.cancel_reason, operation.treated_on = "", date(2026, 4, 1)
    operation.save()
    assert build_call_backs(now=now) == 4
    assert dates(operation)[0] == ("day-2", date(2026, 4, 3), "open")
    assert set(CallBack.objects.values_list("closed_at", flat=True)) == {None}


def test_another_department_means_another_plan(branch: Branch, now: datetime) -> None:
    operation = a_call(branch, now=now).treatment
    surgery, laser = operation.project, a_project(branch, Department.Kind.LASER)
    operation.project = laser
    operation.save()
    assert build_call_backs(now=now) == 5
    assert set(CallBack.objects.exclude(code="experience").values_list("state", "state_reason")) == {
        ("cancelled", "treatment_changed")
    }
    assert CallBack.objects.get(code="experience").state == "open"
    operation.project = surgery
    operation.save()
    assert build_call_backs(now=now) == 5
    assert set(CallBack.objects.filter(state="open").values_list("code", flat=True)) == {
        "day-2", "month-1", "month-3", "month-6",
    }  # fmt: skip


def test_who_asked_not_to_be_called_gets_closed_calls(branch: Branch, now: datetime, staff_with: MakeStaff) -> None:
    call = a_call(branch, now=now)
    record_attempt(call_back=call, result="do_not_call", staff=staff_with(), now=now)
    again = OperationFactory.create(branch=branch, visitor=call.visitor, treated_on=date(2026, 5, 5))
    assert build_call_backs(now=now) == 4
    assert {state for _code, _due, state in dates(again)} == {"cancelled"}
    assert build_call_backs(now=now) == 0
    assert CallAttempt.objects.count() == 1


DAYS: list[tuple[date, int, Unit, date]] = [
    (date(2026, 3, 9), 2, "days", date(2026, 3, 11)),
    (date(2026, 2, 27), 2, "days", date(2026, 3, 1)),  # February has 28 days
    (date(2028, 2, 27), 2, "days", date(2028, 2, 29)),  # a leap year has 29
    (date(2026, 12, 30), 2, "days", date(2027, 1, 1)),  # over the year end
    (date(2026, 3, 9), 1, "months", date(2026, 4, 9)),
    (date(2026, 1, 31), 1, "months", date(2026, 2, 28)),  # clamped
    (date(2028, 1, 31), 1, "months", date(2028, 2, 29)),  # clamped to the leap day
    (date(2026, 1, 31), 3, "months", date(2026, 4, 30)),  # clamped once, not step by step
    (date(2026, 8, 31), 6, "months", date(2027, 2, 28)),  # clamped over the year end
    (date(2028, 2, 29), 6, "months", date(2028, 8, 29)),  # from the leap day
    (date(2026, 12, 15), 1, "months", date(2027, 1, 15)),  # December + 1 month is January
    (date(2026, 11, 30), 3, "months", date(2027, 2, 28)),
    (date(2026, 6, 30), 6, "months", date(2026, 12, 30)),  # December must not become month 0
]


@pytest.mark.parametrize(("treated_on", "offset", "unit", "expected"), DAYS)
def test_the_day_of_a_step(branch: Branch, treated_on: date, offset: int, unit: Unit, expected: date) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=treated_on)
    build_call_backs(treatment_ids=[operation.pk], now=datetime.fromisoformat("2026-03-11T02:30:00+00:00"))
    call = CallBack.objects.get(treatment=operation, step__offset=offset, step__unit=unit)
    assert call.due_on == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_the_database_reckons_as_due_does(branch: Branch, day: date) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=day)
    build_call_backs(treatment_ids=[operation.pk], now=datetime.fromisoformat("2026-03-11T02:30:00+00:00"))
    calls = CallBack.objects.filter(treatment=operation).select_related("step")
    assert len(calls) == 4
    for call in calls:
        assert call.due_on == due_on(day, call.step.offset, call.step.unit)  # type: ignore[arg-type]


def test_tasks_build(branch: Branch) -> None:
    one, other = OperationFactory.create_batch(2, branch=branch)
    tasks.build_for_treatment(treatment_id=one.pk)
    assert (len(dates(one)), len(dates(other))) == (4, 0)
    tasks.build_nightly()
    assert len(dates(other)) == 4


@pytest.mark.django_db(transaction=True)
def test_eight_builders_at_once_make_each_call_once(branch: Branch, now: datetime) -> None:
    OperationFactory.create_batch(60, branch=branch)
    start, built, wrong = threading.Barrier(8), [], []

    def build() -> None:
        try:
            start.wait()
            built.append(build_call_backs(now=now))
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sorted(built) == [0] * 7 + [240]
    assert CallBack.objects.count() == 240


@pytest.mark.django_db(transaction=True)
def test_calls_made_while_building_stay_made(branch: Branch, now: datetime, staff_with: MakeStaff) -> None:
    OperationFactory.create_batch(20, branch=branch)
    build_call_backs(now=now)
    calls, agent = list(CallBack.objects.filter(code="day-2")), staff_with()
    # All move while they are being made.
    Treatment.objects.update(treated_on=date(2026, 3, 20))
    jobs = [
        lambda call=call: record_attempt(call_back=call, result="reached", recovery="normal", staff=agent, now=now)
        for call in calls
    ]
    at_once(*jobs, *[lambda: build_call_backs(now=now) for _number in range(2)])
    assert set(CallBack.objects.filter(code="day-2").values_list("state", "state_reason")) == {("done", "reached")}
