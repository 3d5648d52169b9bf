"""When a call that reached nobody is tried again (R8)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.due import CALL_FROM, CALL_UNTIL, MOST_TRIES, next_try

SHANGHAI = ZoneInfo("Asia/Shanghai")


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
