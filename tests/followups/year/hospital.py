"""The hospital of the simulated year: who works there, what is done there, and on which days it calls."""

from datetime import date, time, timedelta

from django.contrib.auth.models import Group

from clinic.models import Branch, BranchDay, BranchHours, Department, Project, Staff
from clinic.roles import Role
from followups.models import Plan, PlanStep
from followups.plans import PLANS, Step, Words
from followups.services import write_call_days
from tests.conftest import make_branch
from tests.followups.year.reckoning import Known, Plans

# Three in six treatments are operations, two laser, one neither.
KINDS = ("surgery", "surgery", "surgery", "laser", "laser", "non_invasive")
# Holidays as they are announced in autumn: the days off, and the Sundays that are worked for them.
HOLIDAYS = ((1, 1, 1), (1, 25, 7), (4, 4, 3), (5, 1, 5), (6, 8, 1), (10, 1, 7))
_SAID = Words("某次", "{visitor}您好", "好", "坏")


def somebody(branch: Branch, role: Role, name: str) -> Staff:
    """Return somebody new with a role."""
    staff = Staff.objects.create_user(
        f"{branch.code}-{name}", display_name=name, branch=branch, active_from=date(2020, 1, 1)
    )
    staff.groups.set([Group.objects.get_or_create(name=role.value)[0]])
    return staff


def a_step(code: str, offset: int, unit: str, *, tracked_only: bool = False) -> Step:
    """Return a step of a plan that is written during the year."""
    return Step(code, offset, unit, 1, _SAID, _SAID, tracked_only=tracked_only)  # type: ignore[arg-type]


def open_house(code: str, first: date, last: date) -> tuple[Branch, list[Project], Known]:
    """Open a branch that rests on Sundays; return it with its projects and what is known of it by hand."""
    branch = make_branch(code)
    BranchHours.objects.filter(branch=branch, weekday=6).delete()
    BranchHours.objects.filter(branch=branch).update(opens_at=time(9), closes_at=time(20))
    projects = [
        Project.objects.create(
            code=f"{code}-{kind}-{number}",
            name=f"项目{number}",
            name_en=f"Project {number}",
            department=Department.objects.get(branch=branch, kind=kind),
            rank=number + 1,
        )
        for kind in ("surgery", "laser", "non_invasive")
        for number in range(4)
    ]
    plans: Plans = {kind: [(Plan.FIRST_DAY, steps)] for kind, steps in PLANS.items()}
    known = Known(
        branch=branch,
        kind_of={one.pk: one.department.kind for one in projects},
        plans=plans,
        week=frozenset(range(6)),
    )
    for year in range(first.year, last.year + 2):
        for month, day, days in HOLIDAYS:
            for ahead in range(days):
                close(known, date(year, month, day) + timedelta(days=ahead))
            # The Sunday after a long holiday is worked.
            if days >= 5:
                after = date(year, month, day) + timedelta(days=days)
                work(known, after + timedelta(days=(6 - after.weekday()) % 7))
    write_call_days(branch)
    return branch, projects, known


def close(known: Known, day: date) -> None:
    """Close the branch on a day."""
    BranchDay.objects.get_or_create(branch=known.branch, day=day, defaults={"kind": "closed", "name": "休"})
    known.closed.add(day)
    known.worked.discard(day)


def work(known: Known, day: date) -> None:
    """Work on a day of rest."""
    if day not in known.closed:
        BranchDay.objects.get_or_create(branch=known.branch, day=day, defaults={"kind": "worked", "name": "补班"})
        known.worked.add(day)


def starting_codes() -> set[str]:
    """Return the codes of the steps of the plans as they stand in the database, to see that they are those known."""
    return set(PlanStep.objects.filter(plan__version=1, plan__treatment=None).values_list("code", flat=True))
