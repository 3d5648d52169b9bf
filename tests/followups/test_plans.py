"""Which plan holds for a treatment, its versions, what the days are counted from, and who gets which of its calls."""

from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from clinic.models import AuditEntry, Branch, Department, OutboxEvent, Project, Staff
from clinic.problems import Refused
from consultations.models import Treatment
from followups.models import CallBack, CallRules, Plan
from followups.plans import PLANS, Step, Words
from followups.plans.words import Anchor
from followups.services import build_call_backs, end_tracking, publish_plan, record_attempt, track_visitor
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_project

pytestmark = pytest.mark.django_db
SAID = Words("某次", "{visitor}{project}", "好", "坏")


def step(code: str, offset: int, *, anchor: Anchor = "operation", tracked_only: bool = False) -> Step:
    return Step(code, offset, "days", 1, SAID, SAID, anchor=anchor, tracked_only=tracked_only)


def calls(treatment: Treatment) -> dict[str, tuple[date, str]]:
    rows = CallBack.objects.filter(treatment=treatment).order_by("step__position")
    return {row.code: (row.due_on, row.state_reason or row.state) for row in rows}


@pytest.fixture
def author(staff_with: MakeStaff) -> Staff:
    return staff_with()


def _days(*days: int) -> list[Step]:
    return [step(f"d{day}", day) for day in days]


def test_the_most_specific_plan_holds(branch: Branch, now: datetime, author: Staff) -> None:
    today = branch.today(now)
    plain, mine = a_project(branch), Project.objects.create(
        code="nose", department=a_project(branch).department, name="鼻", name_en="Nose", rank=2
    )  # fmt: skip
    publish_plan(project=mine, steps=_days(1, 5), starts_on=today, staff=author, now=now)
    general = OperationFactory.create(branch=branch, project=plain, treated_on=today)
    special = OperationFactory.create(branch=branch, project=mine, treated_on=today)
    before = OperationFactory.create(branch=branch, project=mine, treated_on=today - timedelta(days=1))
    alone = OperationFactory.create(branch=branch, project=mine, treated_on=today - timedelta(days=9))
    publish_plan(treatment=alone, steps=_days(30), staff=author, now=now)
    build_call_backs(now=now)
    assert list(calls(general)) == list(calls(before)) == ["day-2", "month-1", "month-3", "month-6"]
    assert calls(special) == {"d1": (today + timedelta(days=1), "open"), "d5": (today + timedelta(days=5), "open")}
    assert list(calls(alone)) == ["d30"]
    publish_plan(treatment=alone, steps=None, staff=author, now=now)
    build_call_backs(now=now)
    assert calls(alone)["d30"][1] == "plan_changed" and calls(alone)["day-2"][1] == "open"


def test_a_version_holds_from_its_day_on_and_doubles_nothing(branch: Branch, now: datetime, author: Staff) -> None:
    today = branch.today(now)
    early, late = (OperationFactory.create(branch=branch, treated_on=today + timedelta(days=days)) for days in (4, 5))
    build_call_backs(now=now)
    kept = PLANS["surgery"][:2]
    publish_plan(
        department_kind="surgery", steps=[*kept, step("d9", 9)], starts_on=late.treated_on, staff=author, now=now
    )
    assert build_call_backs(now=now) == 5
    assert build_call_backs(now=now) == 0
    assert list(calls(early)) == ["day-2", "month-1", "month-3", "month-6"]
    assert {code: said for code, (_day, said) in calls(late).items()} == {
        "day-2": "open", "month-1": "open", "month-3": "plan_changed", "month-6": "plan_changed", "d9": "open",
    }  # fmt: skip
    newer = Plan.objects.get(department_kind="surgery", version=2)
    assert CallBack.objects.get(treatment=late, code="day-2").step.plan == newer
    assert CallBack.objects.get(treatment=early, code="day-2").step.plan != newer


def test_what_was_called_keeps_the_version_it_was_called_by(
    branch: Branch, now: datetime, author: Staff, staff_with: MakeStaff
) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=branch.today(now))
    build_call_backs(now=now)
    first = CallBack.objects.get(treatment=operation, code="day-2")
    record_attempt(call_back=first, result="reached", recovery="normal", staff=staff_with(), now=now)
    publish_plan(department_kind="surgery", steps=PLANS["surgery"], starts_on=branch.today(now), staff=author, now=now)
    build_call_backs(now=now)
    versions = dict(CallBack.objects.filter(treatment=operation).values_list("code", "step__plan__version"))
    assert versions == {"day-2": 1, "month-1": 2, "month-3": 2, "month-6": 2}


def test_a_plan_without_calls_and_the_general_plan_again(branch: Branch, now: datetime, author: Staff) -> None:
    today, project = branch.today(now), a_project(branch)
    publish_plan(project=project, steps=[], starts_on=today, staff=author, now=now)
    publish_plan(project=project, steps=None, starts_on=today + timedelta(days=10), staff=author, now=now)
    silent = OperationFactory.create(branch=branch, treated_on=today + timedelta(days=9))
    again = OperationFactory.create(branch=branch, treated_on=today + timedelta(days=10))
    build_call_backs(now=now)
    assert calls(silent) == {} and len(calls(again)) == 4


def test_a_later_version_of_the_same_day_replaces_it(branch: Branch, now: datetime, author: Staff) -> None:
    today = branch.today(now)
    operation = OperationFactory.create(branch=branch, treated_on=today)
    for days in (3, 4):
        publish_plan(department_kind="surgery", steps=_days(days), starts_on=today, staff=author, now=now)
    build_call_backs(now=now)
    assert list(calls(operation)) == ["d4"]


def test_what_days_are_counted_from(branch: Branch, now: datetime, author: Staff) -> None:
    today = branch.today(now)
    project = a_project(branch)
    project.effect_days = 10
    project.save()
    anchors: tuple[Anchor, ...] = ("operation", "discharge", "filing", "effect", "next_visit")
    plan = [step(anchor.replace("_", "-"), 2, anchor=anchor) for anchor in anchors]
    publish_plan(department_kind="surgery", steps=plan, starts_on=today, staff=author, now=now)
    operation = OperationFactory.create(branch=branch, treated_on=today, recorded_at=now)
    build_call_backs(now=now)
    after = {code: (day - today).days for code, (day, _said) in calls(operation).items()}
    assert after == {"operation": 2, "discharge": 2, "filing": 2, "effect": 12}
    operation.discharged_at = now + timedelta(days=3)
    operation.done_at = now + timedelta(days=1)
    operation.next_visit_on = today + timedelta(days=30)
    operation.save()
    build_call_backs(now=now)
    after = {code: (day - today).days for code, (day, _said) in calls(operation).items()}
    assert after == {"operation": 2, "discharge": 5, "filing": 3, "effect": 12, "next-visit": 32}
    operation.next_visit_on = None
    operation.save()
    build_call_backs(now=now)
    assert calls(operation)["next-visit"][1] == "no_day"
    operation.next_visit_on = today + timedelta(days=40)
    operation.save()
    build_call_backs(now=now)
    assert calls(operation)["next-visit"] == (today + timedelta(days=42), "open")


def test_a_branch_counts_the_day_of_the_operation_as_day_one(
    branch: Branch, other_branch: Branch, now: datetime
) -> None:
    here, there = (OperationFactory.create(branch=one, treated_on=date(2026, 1, 31)) for one in (branch, other_branch))
    rules = CallRules.objects.create(branch=branch, operation_day=1)
    build_call_backs(now=now)
    assert calls(here)["day-2"][0] == date(2026, 2, 1) and calls(there)["day-2"][0] == date(2026, 2, 2)
    assert calls(here)["month-1"][0] == calls(there)["month-1"][0] == date(2026, 2, 28)
    rules.operation_day = 0
    rules.save()
    assert build_call_backs(now=now) == 1
    assert calls(here)["day-2"][0] == date(2026, 2, 2)


def test_who_is_tracked_has_calls_of_her_own(branch: Branch, now: datetime, author: Staff) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=date(2026, 2, 28))
    build_call_backs(now=now)
    tracked = track_visitor(visitor=operation.visitor, reason="二次修复", branch=branch, staff=author, now=now)
    assert track_visitor(visitor=operation.visitor, reason="又一次", branch=branch, staff=author, now=now) == tracked
    assert calls(operation)["year-1"] == (date(2027, 2, 28), "open")
    end_tracking(tracking=tracked, staff=author, now=now)
    assert {calls(operation)[code][1] for code in ("year-1", "year-2")} == {"not_tracked"}
    assert calls(operation)["month-6"][1] == "open"
    assert build_call_backs(now=now) == 0
    track_visitor(visitor=operation.visitor, reason="还是要", branch=branch, staff=author, now=now)
    assert calls(operation)["year-2"] == (date(2028, 2, 28), "open")


def test_treated_again_the_calls_of_the_earlier_time_end_where_those_of_the_later_begin(
    branch: Branch, now: datetime
) -> None:
    first = OperationFactory.create(branch=branch, treated_on=date(2026, 3, 9))
    build_call_backs(now=now)
    again = OperationFactory.create(branch=branch, visitor=first.visitor, treated_on=date(2026, 4, 20))
    assert build_call_backs(treatment_ids=[again.pk], now=now) == 6
    assert {code: said for code, (_day, said) in calls(first).items()} == {
        "day-2": "open", "month-1": "open", "month-3": "treatment_repeated", "month-6": "treatment_repeated",
    }  # fmt: skip
    assert {said for _day, said in calls(again).values()} == {"open"}
    again.state, again.cancel_reason, again.stage = Treatment.State.CANCELLED, "改期", "ordered"
    again.save()
    build_call_backs(treatment_ids=[again.pk], now=now)
    assert {said for _day, said in calls(first).values()} == {"open"}
    assert {said for _day, said in calls(again).values()} == {"treatment_cancelled"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"steps": [], "starts_on": date(2026, 3, 10), "department_kind": "surgery"}, "day_past"),
        ({"steps": [], "department_kind": "surgery"}, "no_day"),
        ({"steps": None, "starts_on": date(2026, 5, 1), "department_kind": "surgery"}, "nothing_above"),
        ({"steps": [], "starts_on": date(2026, 5, 1)}, "one_thing"),
        (
            {"steps": [step("a", 1), step("a", 2)], "starts_on": date(2026, 5, 1), "department_kind": "surgery"},
            "code_twice",
        ),
    ],
)
def test_a_plan_that_cannot_be(
    branch: Branch, now: datetime, author: Staff, said: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        publish_plan(staff=author, now=now, **said)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert Plan.objects.count() == 3


def test_a_version_does_not_begin_before_the_one_there_is(branch: Branch, now: datetime, author: Staff) -> None:
    def publish(day: date) -> Plan:
        return publish_plan(department_kind="laser", steps=[], starts_on=day, staff=author, now=now)

    assert publish(date(2026, 6, 1)).version == 2
    with pytest.raises(Refused, match="before_last"):
        publish(date(2026, 5, 31))
    assert publish(date(2026, 6, 1)).version == 3
    assert AuditEntry.objects.filter(action="followups.publish_plan").count() == 2
    assert OutboxEvent.objects.filter(event="call_plan_changed").count() == 2


def test_what_ran_cannot_be_written_over(branch: Branch) -> None:
    plan = Plan.objects.get(department_kind="surgery")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        plan.steps.update(offset=3)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Plan.objects.update(starts_on=date(2027, 1, 1))
    with pytest.raises(IntegrityError, match="plan_of_one_thing"), transaction.atomic():
        Plan.objects.create(
            department_kind="surgery",
            project=a_project(branch),
            version=9,
            starts_on=plan.starts_on,
            made_at=plan.made_at,
        )


def test_departments_of_the_starting_plans_are_those_that_treat(branch: Branch) -> None:
    kinds = {Department.Kind.SURGERY.value, Department.Kind.LASER.value, Department.Kind.NON_INVASIVE.value}
    assert set(Plan.objects.values_list("department_kind", flat=True)) == kinds == set(PLANS)
