"""Birthdays of any year: the day, whom they concern, and when they are over (R8)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Branch, BranchDay, Staff
from followups.models import OwnerCall
from followups.services import bar_calls, build_owner_calls, record_owner_try, write_call_days
from followups.services.owner_building import PASSES_AFTER
from tests.factories.consultations import make_deal
from tests.factories.followups import (
    FollowedVisitorFactory,
    OperationFactory,
    no_deal,
)
from tests.followups.owner_scenes import LONG_AGO, standing, treated
from tests.followups.owner_scenes import consultant as consultant
from tests.followups.reckoning import call_on

pytestmark = pytest.mark.django_db


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "today", "due_on"),
    [
        (date(1990, 3, 11), date(2026, 3, 11), date(2026, 3, 11)),
        (date(2000, 2, 29), date(2028, 2, 20), date(2028, 2, 29)),
        (date(2000, 2, 29), date(2026, 2, 20), date(2026, 2, 28)),
        (date(1990, 1, 1), date(2026, 12, 31), date(2027, 1, 1)),
        (date(1990, 12, 31), date(2027, 1, 1), date(2026, 12, 31)),
        (date(1990, 7, 1), date(2026, 3, 11), None),
    ],
)
def test_the_day_of_a_birthday(branch: Branch, born: date, today: date, due_on: date | None) -> None:
    visitor = treated(branch, born)
    build_owner_calls(now=at_noon(today))
    calls = list(OwnerCall.objects.filter(kind="birthday").values_list("about", "due_on"))
    assert calls == ([] if due_on is None else [(f"{visitor.pk} {due_on.year}", due_on)])


def by_hand(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    born=st.dates(date(1930, 1, 1), date(2010, 12, 31)) | st.sampled_from([date(1988, 2, 29), date(2004, 2, 29)]),
    today=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    closed=st.sets(st.integers(-5, 40), max_size=20),
    late=st.integers(0, 7),
)
def test_birthdays_of_any_year_with_any_holidays(
    branch: Branch, born: date, today: date, closed: set[int], late: int
) -> None:
    """Built every day from a week before, or once and up to a week late: the same rows, those reckoned by hand."""
    away = frozenset(by_hand(born, today.year) + timedelta(days=ahead) for ahead in closed)
    found = []
    for days in (range(-7, late + 1), [late]):
        with transaction.atomic():
            for holiday in away:
                BranchDay.objects.create(branch=branch, day=holiday, kind="closed", name="假")
            write_call_days(branch)
            visitor = treated(branch, born)
            for day in days:
                build_owner_calls(now=at_noon(today + timedelta(days=day)))
            end = today + timedelta(days=late)
            rows = OwnerCall.objects.filter(kind="birthday", due_on__range=(end - timedelta(days=31), end))
            found.append(sorted(rows.values_list("due_on", "call_on", "state", "state_reason")))
            assert all(row.visitor_id == visitor.pk for row in rows)
            transaction.set_rollback(True)
    expected = []
    for year in (today.year - 1, today.year, today.year + 1):
        due = by_hand(born, year)
        if end - timedelta(days=31) <= due <= end:
            called = call_on(due, week=frozenset(), closed=away, worked=frozenset())
            over = end > called + timedelta(days=PASSES_AFTER)
            expected.append((due, called, "cancelled" if over else "open", "passed" if over else ""))
    assert found == [expected, expected]


def test_only_who_was_treated_or_bought_here_and_lets_us_call(branch: Branch, consultant: Staff, now: datetime) -> None:
    born = date(1990, 3, 11)
    FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    later = FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    OperationFactory.create(branch=branch, visitor=later, treated_on=date(2026, 3, 12))
    planned = FollowedVisitorFactory.create(registered_in=branch, birth_on=born)
    OperationFactory.create(branch=branch, visitor=planned, treated_on=LONG_AGO, state="planned")
    bought = FollowedVisitorFactory.create(registered_in=branch, birth_on=born, owner=consultant)
    make_deal(no_deal(consultant, again_on=None, at=now, visitor=bought))
    barred = treated(branch, born)
    bar_calls(visitor=barred, reason="do_not_call", branch=branch, staff=consultant, now=now)
    build_owner_calls(now=now)
    found = {(call.visitor_id, call.state, call.state_reason, call.owner_id) for call in OwnerCall.objects.all()}
    assert found == {(bought.pk, "open", "", consultant.pk), (barred.pk, "cancelled", "barred", None)}


def test_a_birthday_passes_after_a_week_unless_she_was_promised_a_later_call(
    branch: Branch, consultant: Staff, now: datetime
) -> None:
    silent, promised = (treated(branch, date(1990, 3, 11), owner=consultant) for _number in range(2))
    build_owner_calls(now=now)
    record_owner_try(
        call=OwnerCall.objects.get(visitor=promised),
        result="later",
        call_on=date(2026, 3, 25),
        staff=consultant,
        now=now,
    )
    assert build_owner_calls(now=now + timedelta(days=7)) == 0
    assert build_owner_calls(now=now + timedelta(days=8)) == 1
    assert standing(visitor=silent) == [("birthday", "cancelled", "passed")]
    assert build_owner_calls(now=now + timedelta(days=21)) == 0
    assert build_owner_calls(now=now + timedelta(days=22)) == 1
    assert standing(visitor=promised) == [("birthday", "cancelled", "passed")]
    assert build_owner_calls(now=now + timedelta(days=200)) == 0


def test_the_next_year_has_its_own_call(branch: Branch, now: datetime) -> None:
    visitor = treated(branch, date(1990, 3, 11))
    build_owner_calls(now=now)
    build_owner_calls(now=now + timedelta(days=365))
    abouts = OwnerCall.objects.order_by("due_on").values_list("about", "state")
    assert list(abouts) == [(f"{visitor.pk} 2026", "cancelled"), (f"{visitor.pk} 2027", "open")]
