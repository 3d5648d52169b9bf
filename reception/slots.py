"""The half hours of a day, what an appointment takes of them, and where there is room. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

HALF_HOUR = 30
# What a half hour takes where nobody has set it otherwise.
USUAL_CAPACITY = 4
# How long a visit about a project of this group takes at first, and its size in weight.
MINUTES = {"surgery": 60, "laser": 30, "non_invasive": 30, "consulting": 30}
SIZE = {"surgery": 2, "laser": 1, "non_invasive": 1, "consulting": 1}
LONGEST = 240

Cell = tuple[str, time]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one appointment takes: a weight in every half hour from `starts` on for `minutes`."""

    group: str
    starts: time
    minutes: int
    weight: int

    @property
    def cells(self) -> Iterator[Cell]:
        """Return group and beginning of each half hour."""
        return ((self.group, slot) for slot in covered(self.starts, self.minutes))


def weight_of(group: str, *, urgent: bool, vip: bool) -> int:
    """Return the weight of an appointment: the size of its project, one more if urgent, one more for a VIP."""
    return SIZE[group] + urgent + vip


def clock(minutes: int) -> time:
    """Return a time of day from its minutes since midnight."""
    return time(minutes // 60, minutes % 60)


def minute_of(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


def covered(starts: time, minutes: int) -> list[time]:
    """Return the beginnings of the half hours something takes; what would pass midnight is left out."""
    begin = minute_of(starts)
    return [clock(at) for at in range(begin, min(begin + minutes, 24 * 60), HALF_HOUR)]


def slots_between(opens: time, closes: time) -> list[time]:
    """Return the half hours that lie wholly between two times."""
    first = -(-minute_of(opens) // HALF_HOUR) * HALF_HOUR
    return [clock(at) for at in range(first, minute_of(closes) - HALF_HOUR + 1, HALF_HOUR)]


def load(taken: Iterable[Taken]) -> dict[Cell, int]:
    """Return how much weight is taken in each half hour."""
    found: dict[Cell, int] = {}
    for one in taken:
        for cell in one.cells:
            found[cell] = found.get(cell, 0) + one.weight
    return found


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day's half hours, what each can take (else `USUAL_CAPACITY`), and what is taken already."""

    day: date
    slots: tuple[time, ...]
    capacity: Mapping[Cell, int]
    used: Mapping[Cell, int]

    def room(self, cell: Cell) -> int:
        """Return what a half hour can take in all."""
        return self.capacity.get(cell, USUAL_CAPACITY)

    def fits(self, wanted: Taken) -> bool:
        """Say whether all half hours lie within opening hours and have room."""
        cells = list(wanted.cells)
        inside = len(cells) * HALF_HOUR == wanted.minutes and all(slot in self.slots for _group, slot in cells)
        return inside and all(self.used.get(cell, 0) + wanted.weight <= self.room(cell) for cell in cells)

    def is_open(self, starts: time, minutes: int) -> bool:
        """Say whether the house is open all the while."""
        return all(slot in self.slots for slot in covered(starts, minutes)) and minutes > 0


def free_times(
    plans: Iterable[DayPlan], *, group: str, minutes: int, weight: int, after: tuple[date, time], most: int = 4
) -> list[tuple[date, time]]:
    """Return the first times after an instant of the calendar at which something would fit, earliest first."""
    found: list[tuple[date, time]] = []
    for plan in plans:
        for slot in plan.slots:
            if (plan.day, slot) > after and plan.fits(Taken(group, slot, minutes, weight)):
                found.append((plan.day, slot))
                if len(found) == most:
                    return found
    return found


def fill(plan: DayPlan, groups: Iterable[str]) -> int:
    """Return how full a day is in per cent of all it can take; 0 when it can take nothing."""
    cells = [(group, slot) for group in groups for slot in plan.slots]
    room = sum(plan.room(cell) for cell in cells)
    return round(100 * sum(min(plan.used.get(cell, 0), plan.room(cell)) for cell in cells) / room) if room else 0


def days_from(first: date, number: int) -> list[date]:
    """Return so many days in a row."""
    return [first + timedelta(days=more) for more in range(number)]
