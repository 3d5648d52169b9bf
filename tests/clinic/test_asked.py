"""What stands in an address, turned into a value without breaking a page."""

from datetime import date

import pytest

from clinic.asked import FIRST_DAY, LAST_DAY, day_in


@pytest.mark.parametrize("day", [FIRST_DAY, date(2024, 2, 29), LAST_DAY])
def test_a_day_of_the_calendar_is_read(day: date) -> None:
    assert day_in(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-02-31", "2026-02-2x", "0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "\x00"],
)
def test_anything_else_is_no_day(text: str) -> None:
    assert day_in(text) is None
