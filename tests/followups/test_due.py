"""When a call that reached nobody is tried again (R8)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.due import TryRules, next_try

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = TryRules()


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
    assert next_try(result=result, tries=tries, at=ended, rules=RULES) == expected


def test_the_next_morning_is_the_same_hour_when_the_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    again = next_try(result="no_answer", tries=2, at=datetime(2026, 3, 28, 15, 0, tzinfo=berlin), rules=RULES)
    assert again == datetime(2026, 3, 29, 9, 30, tzinfo=berlin)


@given(
    st.sampled_from(["no_answer", "busy"]),
    st.integers(1, RULES.most_tries - 1),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
)
def test_a_next_try_is_later_and_at_a_decent_hour(result: str, tries: int, ended: datetime) -> None:
    ended = ended.replace(tzinfo=SHANGHAI)
    again = next_try(result=result, tries=tries, at=ended, rules=RULES)
    assert again is not None and again > ended
    assert RULES.call_from <= again.time() <= RULES.call_until
    assert again.date() <= ended.date() + timedelta(days=1)


RESTED = TryRules(
    rest_from=time(12), rest_until=time(14), most_tries=3, tries_a_day=3, pause_no_answer=timedelta(hours=2)
)
WITH_RULES: list[tuple[str, int, datetime, datetime | None]] = [
    ("no_answer", 1, at(10), at(14)),  # the rest is waited out
    ("busy", 1, at(11, 29), at(11, 59)),
    ("busy", 1, at(11, 30), at(14)),  # the first minute of the rest is rest
    ("busy", 1, at(13, 45), at(14, 15)),
    ("no_answer", 2, at(14), at(16)),  # three tries a day
    ("no_answer", 3, at(16), None),  # three at all
]


@pytest.mark.parametrize(("result", "tries", "ended", "expected"), WITH_RULES)
def test_next_try_by_the_rules_of_a_branch(result: str, tries: int, ended: datetime, expected: datetime | None) -> None:
    assert next_try(result=result, tries=tries, at=ended, rules=RESTED) == expected


LONG = TryRules().of_step(3, 2 * 1440)
WITH_A_LONG_PAUSE: list[tuple[str, int, datetime, datetime | None]] = [
    ("no_answer", 1, at(10), at(10, 0, 13)),  # two days later at the same hour
    ("no_answer", 2, at(10), at(10, 0, 13)),
    ("no_answer", 1, at(21), at(9, 30, 14)),  # on that day it is too late
    ("no_answer", 1, at(7), at(9, 30, 13)),  # and too early becomes the first minute
    ("busy", 1, at(10), at(10, 30)),  # a busy line is another matter
    ("no_answer", 3, at(10), None),
]


@pytest.mark.parametrize(("result", "tries", "ended", "expected"), WITH_A_LONG_PAUSE)
def test_next_try_by_the_rules_of_a_step(result: str, tries: int, ended: datetime, expected: datetime | None) -> None:
    assert next_try(result=result, tries=tries, at=ended, rules=LONG) == expected


def test_a_step_that_says_nothing_follows_the_branch() -> None:
    assert RESTED.of_step(None, None) == RESTED
    assert RESTED.of_step(5, None).most_tries == 5 and RESTED.of_step(None, 60).pause_no_answer == timedelta(hours=1)


def test_after_a_long_pause_calls_are_made_on_that_day() -> None:
    def works(day: date) -> date:
        return date(2026, 3, 16) if date(2026, 3, 13) <= day <= date(2026, 3, 15) else day

    assert next_try(result="no_answer", tries=1, at=at(10), rules=LONG, works=works) == at(9, 30, 16)


def test_the_next_morning_is_one_on_which_calls_are_made() -> None:
    def works(day: date) -> date:
        return date(2026, 3, 16) if date(2026, 3, 12) <= day <= date(2026, 3, 15) else day

    assert next_try(result="busy", tries=2, at=at(10), rules=RULES, works=works) == at(9, 30, 16)
    assert next_try(result="busy", tries=1, at=at(10), rules=RULES, works=works) == at(10, 30)
    assert next_try(result="busy", tries=1, at=at(10, 0, 13), rules=RULES, works=works) == at(9, 30, 16)
