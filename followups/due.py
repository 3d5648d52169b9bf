"""When a visitor is called again after a try that reached nobody."""

from datetime import datetime, time, timedelta
from typing import Literal

Unit = Literal["days", "months"]

CALL_FROM = time(9, 30)
CALL_UNTIL = time(20, 0)
MOST_TRIES = 6
PAUSES: dict[str, timedelta] = {"no_answer": timedelta(hours=3), "busy": timedelta(minutes=30)}


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
