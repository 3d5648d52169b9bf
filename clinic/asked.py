"""What stands in an address or a bare field, turned into a value once; nothing that is typed there breaks a page."""

from datetime import date, timedelta
from urllib.parse import urlsplit

from django.utils.dateparse import parse_date

_MOST_DIGITS = 18
# The days a list can be narrowed to: far from the ends of the calendar, where a day more or a time zone overflows.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
# How far ahead something can be planned or promised: beyond it a year was mistyped.
FURTHEST_AHEAD = timedelta(days=2 * 366)
# How far back something can have been: beyond it a year was mistyped.
FURTHEST_BACK = timedelta(days=20 * 366)


def number_in(text: str) -> int | None:
    """Return the whole number, 0 or more, that was given; None for anything else and for what no id can be."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def day_in(text: str) -> date | None:
    """Return the day that was given, as YYYY-MM-DD; None for anything else or too far away."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None


def path_in(address: str) -> str:
    """Return the path of an address a browser sent along; nothing for what is no address."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def words_in(text: str, most: int) -> str:
    """Return at most so many characters of what was typed, trimmed and without NUL, which PostgreSQL cannot hold."""
    return text.replace("\x00", "").strip()[:most]
