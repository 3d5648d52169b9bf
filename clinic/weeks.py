"""ISO weeks in a branch's time zone, and what makes a frozen report whole. Pure: no database, no clock."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DUE_FROM = time(6, 0)
WEEKS_COMPARED = 4


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week: Monday to Sunday; week 1 is the one with the year's first Thursday. ValueError if there is none."""

    year: int
    number: int

    def __post_init__(self) -> None:
        """Refuse a week that the year does not have."""
        date.fromisocalendar(self.year, self.number, 1)

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week a day lies in."""
        year, number, _weekday = day.isocalendar()
        return cls(year, number)

    @property
    def first(self) -> date:
        """Return its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Return its Sunday."""
        return self.first + timedelta(days=6)

    def moved(self, weeks: int) -> "Week":
        """Return the week so many weeks later (negative: earlier)."""
        return Week.of(self.first + timedelta(weeks=weeks))

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instants, in UTC, at which it begins and the next one begins in the time zone."""
        start, end = (datetime.combine(week.first, time(), zone) for week in (self, self.moved(1)))
        return start.astimezone(UTC), end.astimezone(UTC)

    def __str__(self) -> str:
        """Return it as written in ISO 8601."""
        return f"{self.year}-W{self.number:02d}"


def weeks_due(first: date, now: datetime) -> list[Week]:
    """Return the finished weeks from the one with the day `first` on, oldest first.

    `now` is aware and in the branch's time zone. A week is due on the Monday after it from DUE_FROM on.
    """
    latest = Week.of((now.replace(tzinfo=None) - timedelta(hours=DUE_FROM.hour)).date()).moved(-1)
    week, due = Week.of(first), []
    while week <= latest:
        due.append(week)
        week = week.moved(1)
    return due


def change(this: int, before: Sequence[int]) -> str:
    """Return the difference of this week to the mean of the weeks before, signed, with one decimal; empty if none."""
    if not before:
        return ""
    difference = this * len(before) - sum(before)
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    whole, rest = divmod((abs(difference) * 20 + len(before)) // (2 * len(before)), 10)
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a report's body, the same whatever the order of its keys. Plain JSON without floats."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
