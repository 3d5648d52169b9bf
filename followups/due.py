"""When a visitor is called: the day a step falls on, and the next try after one that reached nobody."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Literal

Unit = Literal["days", "months"]

CALL_FROM = time(9, 30)
CALL_UNTIL = time(20, 0)
MOST_TRIES = 6
PAUSES: dict[str, timedelta] = {"no_answer": timedelta(hours=3), "busy": timedelta(minutes=30)}


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


def next_try(*, result: str, tries: int, at: datetime) -> datetime | None:
    """Return when to try again after try number `tries` ended at `at` with `result` (a key of PAUSES).

    `at` is aware, in the branch's time zone, and so is the answer. Every second try, and one too late in the day,
    waits for the next morning. None: enough tries were made, the supervisor decides.
    """
    if tries >= MOST_TRIES:
        return None
    later = at + PAUSES[result]
    opening = datetime.combine(at.date(), CALL_FROM, at.tzinfo)
    if tries % 2 and later.date() == at.date() and later.time() <= CALL_UNTIL:
        return max(later, opening)
    return opening + timedelta(days=1)
