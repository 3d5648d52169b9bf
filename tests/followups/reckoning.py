"""The days of call-backs reckoned by hand, to compare with those the database reckons."""

from calendar import monthrange
from datetime import date, timedelta

from followups.due import Unit


def due_on(treated_on: date, offset: int, unit: Unit) -> date:
    """Return the day of a step, the day of treatment being day 0.

    Months keep the day of the month; where the month is shorter, its last day is taken (31 January + 1 month is
    28 or 29 February).
    """
    if unit == "days":
        return treated_on + timedelta(days=offset)
    months = treated_on.year * 12 + treated_on.month - 1 + offset
    year, month = divmod(months, 12)
    return date(year, month + 1, min(treated_on.day, monthrange(year, month + 1)[1]))


def call_on(due: date, *, week: frozenset[int], closed: frozenset[date], worked: frozenset[date]) -> date:
    """Return the day a call due on a day is made: the first from then on that is worked.

    `week`: the weekdays (0 = Monday) with opening hours; none: every day. Nothing moves by more than sixty days.
    """
    for ahead in range(61):
        day = due + timedelta(days=ahead)
        if day in worked or (day not in closed and (not week or day.weekday() in week)):
            return day
    return due
