"""R8: every day of the years 2024 to 2030, in time zones with and without summer time, beside a reckoning by hand."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.models import Branch, BranchDay, BranchHours, Department
from consultations.models import Treatment
from followups.models import CallBack, CallRules
from followups.plans import PLANS
from followups.services import build_call_backs, write_call_days
from reception.models import Visitor
from tests.conftest import make_branch
from tests.factories.followups import a_doctor, a_project
from tests.followups.reckoning import call_on, due_on

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
# A branch on either side of the date line, with and without summer time.
ZONES = ["Asia/Shanghai", "America/New_York", "Pacific/Auckland"]


@pytest.mark.parametrize("operation_day", [0, 1])
@pytest.mark.parametrize("zone", ZONES)
def test_every_day_of_seven_years(zone: str, operation_day: int) -> None:
    branch = make_branch("calendar")
    Branch.objects.filter(pk=branch.pk).update(time_zone=zone)
    branch.refresh_from_db()
    BranchHours.objects.filter(branch=branch, weekday=6).delete()
    CallRules.objects.create(branch=branch, operation_day=operation_day)
    closed = {day for year in range(2024, 2032) for day in _holidays(year)}
    worked = {day + timedelta(days=(6 - day.weekday()) % 7) for day in (date(y, 10, 8) for y in range(2024, 2032))}
    worked -= closed
    BranchDay.objects.bulk_create(BranchDay(branch=branch, day=day, kind="closed", name="休") for day in closed)
    BranchDay.objects.bulk_create(BranchDay(branch=branch, day=day, kind="worked", name="补") for day in worked)
    write_call_days(branch)
    doctor, surgery = a_doctor(branch), a_project(branch)
    laser = a_project(branch, Department.Kind.LASER)
    visitors = Visitor.objects.bulk_create(
        Visitor(
            file_number=f"C{number:06d}",
            name="王",
            phone=f"+86136{number:08d}",
            gender="female",
            registered_at=datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")),
            registered_in=branch,
        )
        for number in range(len(DAYS))
    )
    for project in (surgery, laser):
        Treatment.objects.bulk_create(
            Treatment(
                visitor=visitor,
                branch=branch,
                project=project,
                doctor=doctor,
                treated_on=day,
                state="done",
                stage="discharged",
                # Half past eleven at night, which is another day in UTC, written down the day it was done.
                recorded_at=datetime.combine(day, time(23, 30), branch.zone),
                recorded_by=doctor,
                next_visit_on=day + timedelta(days=31),
            )
            for visitor, day in zip(visitors, DAYS, strict=True)
        )
    build_call_backs(branch=branch, now=datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC")))
    week, met = frozenset(range(6)), Counter[str]()
    steps = {step.code: step for kind in ("surgery", "laser") for step in PLANS[kind]}
    calls = CallBack.objects.filter(branch=branch).select_related("treatment")
    for call in calls:
        step, treated_on = steps[call.code], call.treatment.treated_on
        start = call.treatment.next_visit_on if step.anchor == "next_visit" else treated_on
        less = operation_day if step.anchor == "operation" and step.unit == "days" and step.offset > 0 else 0
        due = due_on(start or treated_on, step.offset - less, step.unit)
        assert call.due_on == due, (treated_on, call.code)
        assert call.call_on == call_on(due, week=week, closed=frozenset(closed), worked=frozenset(worked))
        met["moved by rest or holiday"] += call.call_on != due
        met["31st clamped"] += step.unit == "months" and due.day != treated_on.day
        met["29 February"] += (due.month, due.day) == (2, 29)
        met["over the year end"] += due.year != treated_on.year
    assert len(calls) == len(DAYS) * (4 + 2)
    assert min(met.values()) > 5 and len(met) == 4
    counted = f"{len(DAYS):,} days, {len(calls):,} calls, {dict(met)}"
    print(f"\nR8 {zone}, the day of operation is day {operation_day}: {counted}")


def _holidays(year: int) -> list[date]:
    spans = [(1, 1, 1), (2, 10, 8), (5, 1, 5), (10, 1, 7), (12, 31, 1)]
    return [date(year, month, day) + timedelta(days=ahead) for month, day, days in spans for ahead in range(days)]
