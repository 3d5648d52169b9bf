"""Days of calls: month ends, leap days, year ends; and when a call that reached nobody is tried again (R8)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.due import CALL_FROM, CALL_UNTIL, MOST_TRIES, Unit, due_on, next_try

SHANGHAI = ZoneInfo("Asia/Shanghai")

DAYS: list[tuple[date, int, Unit, date]] = [
    (date(2026, 3, 9), 2, "days", date(2026, 3, 11)),
    (date(2026, 2, 27), 2, "days", date(2026, 3, 1)),  # February has 28 days
    (date(2028, 2, 27), 2, "days", date(2028, 2, 29)),  # a leap year has 29
    (date(2026, 12, 30), 2, "days", date(2027, 1, 1)),  # over the year end
    (date(2026, 3, 9), 0, "days", date(2026, 3, 9)),
    (date(2026, 3, 9), 1, "months", date(2026, 4, 9)),
    (date(2026, 1, 31), 1, "months", date(2026, 2, 28)),  # clamped
    (date(2028, 1, 31), 1, "months", date(2028, 2, 29)),  # clamped to the leap day
    (date(2026, 1, 31), 3, "months", date(2026, 4, 30)),  # clamped once, not step by step
    (date(2026, 8, 31), 6, "months", date(2027, 2, 28)),  # clamped over the year end
    (date(2028, 2, 29), 6, "months", date(2028, 8, 29)),  # from the leap day
    (date(2028, 2, 29), 12, "months", date(2029, 2, 28)),  # to a year without one
    (date(2026, 12, 15), 1, "months", date(2027, 1, 15)),  # December + 1 month is January
    (date(2026, 11, 30), 3, "months", date(2027, 2, 28)),
    (date(2026, 6, 30), 6, "months", date(2026, 12, 30)),  # December must not become month 0
]


@pytest.mark.parametrize(("treated_on", "offset", "unit", "expected"), DAYS)
def test_day_of_a_step(treated_on: date, offset: int, unit: Unit, expected: date) -> None:
    assert due_on(treated_on, offset, unit) == expected


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 24))
def test_months_keep_the_day_or_take_the_last(treated_on: date, months: int) -> None:
    due = due_on(treated_on, months, "months")
    assert (due.year - treated_on.year) * 12 + due.month - treated_on.month == months
    assert due.day == treated_on.day or ((due + timedelta(days=1)).day == 1 and due.day < treated_on.day)


def at(hour: int, minute: int = 0, day: int = 11) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


TRIES: list[tuple[str, int, datetime, datetime | None]] = [
    ("no_answer", 1, at(10), at(13)),  # later the same day
    ("no_answer", 2, at(13), at(9, 30, 12)),  # the second try of a day waits for the morning
    ("no_answer", 3, at(9, 30), at(12, 30)),
    ("no_answer", 1, at(18), at(9, 30, 12)),  # three hours later nobody is called any more
    ("busy", 1, at(10), at(10, 30)),
    ("busy", 1, at(19, 30), at(20)),  # the last minute counts
    ("busy", 1, at(19, 31), at(9, 30, 12)),
    ("busy", 1, at(7), at(9, 30)),  # too early becomes the first minute
    ("no_answer", 6, at(10), None),  # enough: the supervisor decides
    ("busy", 6, at(10), None),
]


@pytest.mark.parametrize(("result", "tries", "ended", "expected"), TRIES)
def test_next_try(result: str, tries: int, ended: datetime, expected: datetime | None) -> None:
    assert next_try(result=result, tries=tries, at=ended) == expected


def test_the_next_morning_is_the_same_hour_when_the_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    again = next_try(result="no_answer", tries=2, at=datetime(2026, 3, 28, 15, 0, tzinfo=berlin))
    assert again == datetime(2026, 3, 29, 9, 30, tzinfo=berlin)


@given(
    st.sampled_from(["no_answer", "busy"]),
    st.integers(1, MOST_TRIES - 1),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
)
def test_a_next_try_is_later_and_at_a_decent_hour(result: str, tries: int, ended: datetime) -> None:
    ended = ended.replace(tzinfo=SHANGHAI)
    again = next_try(result=result, tries=tries, at=ended)
    assert again is not None and again > ended
    assert CALL_FROM <= again.time() <= CALL_UNTIL
    assert again.date() <= ended.date() + timedelta(days=1)
