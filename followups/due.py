"""When a visitor is called again after a try that reached nobody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

Unit = Literal["days", "months"]


@dataclass(frozen=True, slots=True)
class TryRules:
    """How a branch spaces its tries: the hours of calling, hours of rest in between, how many, and the pauses.

    Times are of the branch's clock; `rest_from` and `rest_until` are both given or both None, and lie within the hours
    of calling. `tries_a_day`: after so many the next morning is waited for.
    """

    call_from: time = time(9, 30)
    call_until: time = time(20, 0)
    rest_from: time | None = None
    rest_until: time | None = None
    most_tries: int = 6
    tries_a_day: int = 2
    pause_no_answer: timedelta = timedelta(hours=3)
    pause_busy: timedelta = timedelta(minutes=30)

    def of_step(self, most_tries: int | None, pause_no_answer: int | None) -> "TryRules":
        """Return the rules for a call whose plan says otherwise: how many tries, minutes of pause; None as here."""
        return replace(
            self,
            most_tries=self.most_tries if most_tries is None else most_tries,
            pause_no_answer=self.pause_no_answer if pause_no_answer is None else timedelta(minutes=pause_no_answer),
        )

    def rested(self, moment: time) -> time:
        """Return a time of day, or the end of the rest it falls into."""
        if self.rest_from is None or self.rest_until is None or not self.rest_from <= moment < self.rest_until:
            return moment
        return self.rest_until


def next_try(
    *,
    result: str,
    tries: int,
    at: datetime,
    rules: TryRules,
    works: Callable[[date], date] = lambda day: day,
) -> datetime | None:
    """Return when to try again after try number `tries` ended at `at` with `result` (no_answer or busy).

    `at` is aware, in the branch's time zone, and so is the answer. `works` gives the first day on which calls are made
    from a day on. The last try of a day, and one too late in the day, wait for the next morning on which calls are
    made; a pause that leads to another day is waited out. None: enough tries were made, the supervisor decides.
    """
    if tries >= rules.most_tries:
        return None
    later = at + (rules.pause_busy if result == "busy" else rules.pause_no_answer)
    today, tomorrow = at.date(), at.date() + timedelta(days=1)
    day = works(max(later.date(), today if tries % rules.tries_a_day else tomorrow))
    moment = rules.rested(max(later.time(), rules.call_from)) if day == later.date() else rules.call_from
    if moment > rules.call_until:
        day, moment = works(day + timedelta(days=1)), rules.call_from
    return datetime.combine(day, moment, at.tzinfo)
