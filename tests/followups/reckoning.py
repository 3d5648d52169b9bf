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
