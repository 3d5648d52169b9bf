"""Calls fall on days the branch works: its week, its holidays, the days it works in exchange (R8)."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, BranchDay
from clinic.services.calendar import forget_branch_day, set_branch_days
from clinic.services.places import set_hours
from followups import tasks
from followups.models import CallBack, CallDay
from followups.services import build_call_backs, record_attempt, write_call_days
from tests.conftest import MakeStaff
from tests.factories.followups import OperationFactory, a_call
from tests.followups.reckoning import call_on, due_on

pytestmark = pytest.mark.django_db

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
OPEN = (time(9), time(18))


def week_of(branch: Branch, *weekdays: int) -> None:
    """Open the branch on these weekdays only (0 = Monday)."""
    branch.hours.all().delete()
    for weekday in weekdays:
        branch.hours.create(weekday=weekday, opens_at=OPEN[0], closes_at=OPEN[1])


def called_on(branch: Branch, day: date) -> date:
    """Return when a call due on a day is made, as the table says."""
    return CallDay.objects.filter(branch=branch, day=day).values_list("call_on", flat=True).first() or day


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    week=st.frozensets(st.integers(0, 6)),
    closed=st.frozensets(DAYS, max_size=12),
    worked=st.frozensets(DAYS, max_size=12),
    long_rest=st.tuples(DAYS, st.integers(1, 90)),
)
def test_r8_every_day_of_seven_years_is_as_reckoned_by_hand(
    branch: Branch, week: frozenset[int], closed: frozenset[date], worked: frozenset[date], long_rest: tuple[date, int]
) -> None:
    week_of(branch, *week)
    closed |= {long_rest[0] + timedelta(days=number) for number in range(long_rest[1])}
    closed -= worked
    branch.days.all().delete()
    BranchDay.objects.bulk_create(
        [BranchDay(branch=branch, day=day, kind="closed", name="x") for day in closed]
        + [BranchDay(branch=branch, day=day, kind="worked", name="x") for day in worked]
    )
    write_call_days(branch)
    assert write_call_days(branch) == 0
    moved = dict(CallDay.objects.filter(branch=branch).values_list("day", "call_on"))
    for number in range((date(2031, 3, 1) - date(2024, 1, 1)).days):
        day = date(2024, 1, 1) + timedelta(days=number)
        assert moved.get(day, day) == call_on(day, week=week, closed=closed, worked=worked), day


def test_a_house_open_every_day_moves_nothing(branch: Branch) -> None:
    week_of(branch, *range(7))
    assert write_call_days(branch) == 0
    week_of(branch)
    assert write_call_days(branch) == 0


@pytest.mark.parametrize(
    ("treated_on", "offset", "unit", "due", "made"),
    [
        (date(2026, 9, 29), 2, "days", date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 9, 30), 2, "days", date(2026, 10, 2), date(2026, 10, 8)),
        (date(2026, 8, 31), 1, "months", date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 8, 10), 2, "months", date(2026, 10, 10), date(2026, 10, 10)),
        (date(2026, 9, 25), 2, "days", date(2026, 9, 27), date(2026, 9, 28)),
        (date(2027, 12, 31), 2, "months", date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_r8_the_national_holiday_and_the_sundays(
    branch: Branch, now: datetime, treated_on: date, offset: int, unit: str, due: date, made: date
) -> None:
    """Closed on Sundays and from 1 to 7 October 2026; Saturday the tenth is worked in exchange."""
    week_of(branch, *range(6))
    for number in range(1, 8):
        BranchDay.objects.create(branch=branch, day=date(2026, 10, number), kind="closed", name="国庆节")
    BranchDay.objects.create(branch=branch, day=date(2026, 10, 10), kind="worked", name="国庆节调休")
    write_call_days(branch)
    assert due_on(treated_on, offset, unit) == due  # type: ignore[arg-type]
    assert called_on(branch, due) == made


def test_an_open_call_follows_the_holidays_until_somebody_gave_it_another_day(
    branch: Branch, now: datetime, staff_with: MakeStaff
) -> None:
    operation = OperationFactory.create(branch=branch, treated_on=date(2026, 3, 16))
    build_call_backs(now=now)
    manager = staff_with()
    set_branch_days(
        branch=branch,
        first=date(2026, 3, 18),
        last=date(2026, 3, 19),
        kind="closed",
        name="停业装修",
        staff=manager,
        now=now,
    )
    tasks.follow_branch_days(branch.pk)
    call = CallBack.objects.get(treatment=operation, step__code="day-2")
    assert (call.due_on, call.call_on, call.as_planned) == (date(2026, 3, 18), date(2026, 3, 20), True)
    tasks.follow_branch_days(branch.pk)
    assert CallBack.objects.get(pk=call.pk).version == call.version

    record_attempt(call_back=call, result="later", call_on=date(2026, 3, 25), staff=manager, now=now)
    forget_branch_day(said=branch.days.get(day=date(2026, 3, 18)), staff=manager, now=now)
    tasks.follow_branch_days(branch.pk)
    call.refresh_from_db()
    assert (call.call_on, call.as_planned) == (date(2026, 3, 25), False)

    operation.treated_on = date(2026, 3, 17)
    operation.save()
    build_call_backs(now=now)
    call.refresh_from_db()
    assert (call.due_on, call.call_on, call.as_planned) == (date(2026, 3, 19), date(2026, 3, 20), True)


def test_a_call_built_on_a_holiday_is_made_afterwards(branch: Branch, now: datetime) -> None:
    BranchDay.objects.create(branch=branch, day=date(2026, 3, 18), kind="closed", name="停业")
    write_call_days(branch)
    OperationFactory.create(branch=branch, treated_on=date(2026, 3, 16))
    build_call_backs(now=now)
    assert CallBack.objects.get(step__code="day-2").call_on == date(2026, 3, 19)


def test_a_weekly_rest_moves_the_calls(branch: Branch, now: datetime, staff_with: MakeStaff) -> None:
    call = a_call(branch, now=now)
    hours = {day: OPEN for day in range(7) if day != call.call_on.weekday()}
    set_hours(branch=branch, hours=hours, staff=staff_with(), now=now)
    tasks.build_nightly()
    moved = CallBack.objects.get(pk=call.pk).call_on
    assert moved == call.call_on + timedelta(days=1)


def test_another_branch_keeps_its_days(branch: Branch, other_branch: Branch, now: datetime) -> None:
    BranchDay.objects.create(branch=other_branch, day=date(2026, 3, 18), kind="closed", name="停业")
    write_call_days(other_branch)
    OperationFactory.create(branch=branch, treated_on=date(2026, 3, 16))
    build_call_backs(now=now)
    assert CallBack.objects.get(step__code="day-2").call_on == date(2026, 3, 18)
