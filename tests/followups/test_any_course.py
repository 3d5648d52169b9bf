"""R6, R8: whatever happens to treatments, plans and visitors, calls built at every step, or once a week late, are those
that can be reckoned by hand from what is true at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, BranchDay, Department, Project, Staff
from consultations.models import Treatment
from followups.due import Unit
from followups.models import CallBack, CallBar, CallRules, Plan, Tracking
from followups.plans import Step, Words
from followups.plans.words import Anchor
from followups.services import (
    bar_calls,
    build_call_backs,
    end_tracking,
    lift_bar,
    pause_calls,
    publish_plan,
    resume_calls,
    track_visitor,
    write_call_days,
)
from tests.conftest import make_branch
from tests.factories.followups import FollowedVisitorFactory, a_doctor, another_project
from tests.followups.reckoning import call_on, due_on

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
SAID = Words("某次", "{visitor}{project}", "好", "坏")
ANCHORS: tuple[Anchor, ...] = ("operation", "discharge", "effect", "next_visit")
EFFECT = 10
DAYS = st.dates(FIRST, LAST)
COUNTED: dict[str, int] = {}


@dataclass
class World:
    """A branch with two visitors, three projects of its surgery, and what is known by hand."""

    branch: Branch
    staff: Staff
    projects: list[Project]
    visitors: list[Any]
    now: datetime
    plans: dict[int | None, list[tuple[date, tuple[Step, ...] | None]]]
    treatments: list[Treatment] = field(default_factory=list)
    closed: set[date] = field(default_factory=set)
    operation_day: int = 0

    def steps_of(self, treatment: Treatment) -> tuple[Step, ...]:
        for key in (treatment.project_id, None):
            holding = [steps for starts_on, steps in self.plans.get(key, []) if starts_on <= treatment.treated_on]
            if holding and holding[-1] is not None:
                return holding[-1]
        return ()

    def again_on(self, treatment: Treatment) -> date | None:
        days = [
            other.treated_on
            for other in self.treatments
            if other.state != "cancelled"
            and (other.visitor_id, other.project_id) == (treatment.visitor_id, treatment.project_id)
            and other.treated_on > treatment.treated_on
        ]
        return min(days, default=None)


def _anchor(treatment: Treatment, step: Step, world: World) -> date | None:
    if step.anchor == "discharge" and treatment.discharged_at:
        return treatment.discharged_at.astimezone(world.branch.zone).date()
    if step.anchor == "effect":
        return treatment.treated_on + timedelta(days=EFFECT)
    return treatment.next_visit_on if step.anchor == "next_visit" else treatment.treated_on


def expected(world: World) -> dict[tuple[int, str], tuple[date, date]]:
    """Return the calls that are to be made: treatment and step → due, and to be called on."""
    barred = set(CallBar.objects.filter(ended_at=None).values_list("visitor_id", flat=True))
    tracked = set(Tracking.objects.filter(ended_at=None).values_list("visitor_id", flat=True))
    found = {}
    for place, treatment in enumerate(world.treatments):
        if treatment.state == "cancelled" or treatment.visitor_id in barred:
            continue
        again = world.again_on(treatment)
        for step in world.steps_of(treatment):
            start = _anchor(treatment, step, world)
            if start is None or (step.tracked_only and treatment.visitor_id not in tracked):
                continue
            less = world.operation_day if step.anchor == "operation" and step.offset > 0 and step.unit == "days" else 0
            due = due_on(start, step.offset - less, step.unit)
            if again is None or due < again:
                called = call_on(due, week=frozenset(), closed=frozenset(world.closed), worked=frozenset())
                found[place, step.code] = (due, called)
    return found


def standing(world: World) -> dict[tuple[int, str], tuple[date, date]]:
    """Return the open calls as they are built."""
    place = {treatment.pk: number for number, treatment in enumerate(world.treatments)}
    rows = CallBack.objects.filter(state="open").values_list("treatment_id", "code", "due_on", "call_on")
    return {(place[treatment], code): (due, on) for treatment, code, due, on in rows}


# --- what may happen: each takes the world, and three numbers that say which and when ---


def _file(world: World, which: int, day: date, other: int) -> None:
    visitor, project = world.visitors[which % 2], world.projects[other % 3]
    taken = Treatment.objects.filter(visitor=visitor, project=project, treated_on=day).exclude(state="cancelled")
    if not taken.exists():
        made = Treatment.objects.create(
            visitor=visitor,
            project=project,
            treated_on=day,
            branch=world.branch,
            doctor=world.staff,
            recorded_by=world.staff,
            recorded_at=world.now,
        )
        world.treatments.append(made)


def _one(world: World, which: int) -> Treatment | None:
    return world.treatments[which % len(world.treatments)] if world.treatments else None


def _free(treatment: Treatment, day: date) -> bool:
    same = Treatment.objects.filter(visitor=treatment.visitor, project=treatment.project, treated_on=day)
    return not same.exclude(state="cancelled").exclude(pk=treatment.pk).exists()


def _move(world: World, which: int, day: date, _other: int) -> None:
    treatment = _one(world, which)
    if treatment is not None and _free(treatment, day):
        treatment.treated_on = day
        treatment.save()


def _cancel_or_bring_back(world: World, which: int, _day: date, _other: int) -> None:
    treatment = _one(world, which)
    if treatment is None:
        return
    if treatment.state == "cancelled":
        if _free(treatment, treatment.treated_on):
            treatment.state, treatment.cancel_reason = "planned", ""
    else:
        treatment.state, treatment.cancel_reason = "cancelled", "感冒"
    treatment.save()


def _discharge(world: World, which: int, day: date, _other: int) -> None:
    treatment = _one(world, which)
    if treatment is not None:
        treatment.discharged_at = datetime(day.year, day.month, day.day, 17, 30, tzinfo=UTC)
        treatment.save()


def _next_visit(world: World, which: int, day: date, other: int) -> None:
    treatment = _one(world, which)
    if treatment is not None:
        treatment.next_visit_on = day if other % 3 else None
        treatment.save()


def _change_project(world: World, which: int, _day: date, other: int) -> None:
    treatment = _one(world, which)
    if treatment is None:
        return
    before, treatment.project = treatment.project, world.projects[other % 3]
    if _free(treatment, treatment.treated_on):
        treatment.save()
    else:
        treatment.project = before


def _publish(world: World, which: int, day: date, other: int) -> None:
    key = None if which % 3 == 0 else world.projects[which % 3].pk
    last = world.plans.setdefault(key, [])
    starts_on = max([day, *(starts for starts, _steps in last)])
    steps: tuple[Step, ...] | None = None
    if key is None or other % 4:
        steps = tuple(
            Step(
                f"s{number}",
                (other + number) % 5,
                units,
                number,
                SAID,
                SAID,
                anchor=ANCHORS[(other + number) % 4],
                tracked_only=number == 3,
            )
            for number, units in enumerate(_units(other))
        )
    publish_plan(
        department_kind="surgery" if key is None else "",
        project=None if key is None else next(one for one in world.projects if one.pk == key),
        steps=steps,
        starts_on=starts_on,
        staff=world.staff,
        # On its first day: no version is published long before it begins.
        now=datetime.combine(starts_on, time(4), UTC),
    )
    last.append((starts_on, steps))


def _units(other: int) -> Sequence[Unit]:
    units: tuple[Unit, ...] = ("days", "months", "days", "months")
    return units[: 1 + other % 4]


def _track(world: World, which: int, _day: date, _other: int) -> None:
    visitor = world.visitors[which % 2]
    standing = Tracking.objects.filter(visitor=visitor, ended_at=None).first()
    if standing is None:
        track_visitor(visitor=visitor, reason="修复", branch=world.branch, staff=world.staff, now=world.now)
    else:
        end_tracking(tracking=standing, staff=world.staff, now=world.now)


def _bar(world: World, which: int, _day: date, other: int) -> None:
    visitor = world.visitors[which % 2]
    reason = ("do_not_call", "deceased")[other % 2]
    standing = CallBar.objects.filter(visitor=visitor, reason=reason, ended_at=None).first()
    if standing is None:
        bar_calls(visitor=visitor, reason=reason, branch=world.branch, staff=world.staff, now=world.now)
    else:
        lift_bar(bar=standing, staff=world.staff, now=world.now)


def _complain(world: World, which: int, _day: date, other: int) -> None:
    about, branch, by = f"C2026-000{other % 3}", world.branch, world.staff
    standing = CallBar.objects.filter(about=about, ended_at=None).first()
    if standing is None:
        pause_calls(visitor=world.visitors[which % 2], about=about, branch=branch, staff=by, now=world.now)
    else:
        resume_calls(about=about, branch=branch, staff=by, now=world.now)


def _holiday(world: World, which: int, day: date, _other: int) -> None:
    for ahead in range(1 + which % 7):
        closed = day + timedelta(days=ahead)
        BranchDay.objects.get_or_create(branch=world.branch, day=closed, defaults={"kind": "closed", "name": "假"})
        world.closed.add(closed)
    write_call_days(world.branch)


def _count_from(world: World, which: int, _day: date, _other: int) -> None:
    world.operation_day = which % 2
    CallRules.objects.update_or_create(branch=world.branch, defaults={"operation_day": world.operation_day})


HAPPENINGS = [
    _file, _file, _file, _move, _cancel_or_bring_back, _discharge, _next_visit, _change_project, _publish, _track, _bar,
    _complain, _holiday, _count_from,
]  # fmt: skip
COURSE = st.lists(
    st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 11), DAYS, st.integers(0, 11), st.booleans()),
    min_size=4,
    max_size=16,
)


def _live(course: list[Any], *, at_once: bool) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Let a course happen in a house of its own, built at each step or late; return what stands, and what should."""
    now = datetime(2024, 1, 1, 2, 30, tzinfo=UTC)
    branch = make_branch("course")
    department = Department.objects.get(branch=branch, kind="surgery")
    projects = [another_project(branch, number) for number in range(3)]
    Project.objects.filter(department=department).update(effect_days=EFFECT)
    visitors = [FollowedVisitorFactory.create(registered_in=branch) for _number in range(2)]
    starting = [
        (plan.starts_on, tuple(_as_step(one) for one in plan.steps.all()))
        for plan in Plan.objects.filter(department_kind="surgery")
    ]
    world = World(branch, a_doctor(branch), projects, visitors, now, {None: list(starting)})
    for happening, which, day, other, nightly in course:
        happening(world, which, day, other)
        if at_once:
            touched = world.treatments[which % len(world.treatments)].pk if world.treatments else 0
            build_call_backs(treatment_ids=None if nightly else [touched], now=now)
    late = now if at_once else now + timedelta(days=7)
    build_call_backs(now=late)
    assert build_call_backs(now=late) == 0
    return standing(world), expected(world)


def _as_step(one: Any) -> Step:
    return Step(one.code, one.offset, one.unit, one.risk, SAID, SAID, anchor=one.anchor, tracked_only=one.tracked_only)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(course=COURSE)
def test_calls_built_at_every_step_or_a_week_late_are_those_reckoned_by_hand(course: list[Any]) -> None:
    stood = []
    for at_once in (True, False):
        with transaction.atomic():
            stands, due = _live(course, at_once=at_once)
            assert stands == due
            stood.append(stands)
            transaction.set_rollback(True)
    assert stood[0] == stood[1]
    COUNTED["courses"] = COUNTED.get("courses", 0) + 1
    COUNTED["calls compared"] = COUNTED.get("calls compared", 0) + len(stood[0])
    COUNTED["happenings"] = COUNTED.get("happenings", 0) + len(course)


@pytest.fixture(scope="module", autouse=True)
def counted() -> Any:
    """Say at the end how much was compared."""
    yield
    print(f"\nR6/R8: {COUNTED}")
