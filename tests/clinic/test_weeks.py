"""ISO weeks in a time zone, and what makes a frozen report whole."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.weeks import Week, change, digest, weeks_due

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 3, 8), Week(2026, 10)),
        (date(2026, 3, 9), Week(2026, 11)),
        (date(2026, 1, 1), Week(2026, 1)),
        (date(2027, 1, 3), Week(2026, 53)),  # 2026 has 53 weeks
        (date(2024, 12, 30), Week(2025, 1)),  # December days in week 1 of the next year
    ],
)
def test_week_of_a_day(day: date, week: Week) -> None:
    assert Week.of(day) == week
    assert week.first <= day <= week.last


def test_a_year_without_week_53() -> None:
    with pytest.raises(ValueError, match="53"):
        Week(2025, 53)


def test_bounds_are_midnights_of_the_branch() -> None:
    assert Week(2026, 10).bounds(SHANGHAI) == (
        datetime(2026, 3, 1, 16, tzinfo=UTC),
        datetime(2026, 3, 8, 16, tzinfo=UTC),
    )


def test_a_week_with_a_changed_clock_has_an_hour_less() -> None:
    start, end = Week(2026, 13).bounds(ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(days=7, hours=-1)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_weeks_follow_each_other_without_gap(day: date) -> None:
    week = Week.of(day)
    assert week.moved(1).first == week.last + timedelta(days=1)
    assert week.moved(-1).moved(1) == week
    assert week.bounds(SHANGHAI)[1] == week.moved(1).bounds(SHANGHAI)[0]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 9, 5, 59, tzinfo=SHANGHAI), [Week(2026, 9)]),  # Monday, too early
        (datetime(2026, 3, 9, 6, 0, tzinfo=SHANGHAI), [Week(2026, 9), Week(2026, 10)]),
        (datetime(2026, 3, 15, 23, 0, tzinfo=SHANGHAI), [Week(2026, 9), Week(2026, 10)]),
        (datetime(2026, 2, 27, 12, 0, tzinfo=SHANGHAI), []),
    ],
)
def test_weeks_that_are_due(now: datetime, due: list[Week]) -> None:
    assert weeks_due(date(2026, 2, 25), now) == due


@pytest.mark.parametrize(
    ("this", "before", "shown"),
    [
        (23, [19, 19, 19, 19], "+4"),
        (5, [6, 7, 5, 8], "−1.5"),
        (4, [4, 4, 4, 4], "±0"),
        (4, [4, 5, 5, 3], "−0.3"),  # a half is rounded away from zero
        (1, [], ""),
        (3, [1, 1, 2], "+1.7"),
    ],
)
def test_change_to_the_weeks_before(this: int, before: list[int], shown: str) -> None:
    assert change(this, before) == shown


def test_digest_sees_content_not_order() -> None:
    assert digest({"a": 1, "b": ["投诉"]}) == digest({"b": ["投诉"], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
