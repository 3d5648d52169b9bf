"""The figures of a seat, a day and a month, with the rows behind them: visits as they were given, and marks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from ..facts.words import Fate, Turn
from ..records import dataclass, replace


class MarkKind(StrEnum):
    """What stands out of a day. ORDER: the seats were put into another order."""

    OVERRIDE = "override"
    CORRECTION = "correction"
    UNDONE = "undone"
    ORDER = "order"
    DECLINED = "declined"
    LEFT_EARLY = "left_early"


# What somebody changed after it was decided; a decline and an early leave are events of the day.
CORRECTIONS = frozenset({MarkKind.CORRECTION, MarkKind.UNDONE, MarkKind.ORDER})


@dataclass(frozen=True, slots=True)
class Given:
    """A visit as it was given to a seat: by entry `number`, to `person`, and what became of its turn.

    `first`: it is a first visit. `entered_at` None: she never came into this room.
    """

    number: int
    visit: str
    person: str
    at: datetime
    rule: str
    turn: Turn
    fate: Fate
    first: bool = False
    entered_at: datetime | None = None

    @property
    def wait(self) -> timedelta | None:
        """From allocation to entry; None when she never entered."""
        return None if self.entered_at is None else self.entered_at - self.at


@dataclass(frozen=True, slots=True)
class Mark:
    """An override, a correction, or a turn that did not stand: entry `number`, who did it and why.

    `seat` has the visit by it, or had it; `left` is whom it was taken from. `fate`: what became of the turn it had,
    None where it had none. `taken_back`: this entry was undone later; `undoes`: the entry this one took back.
    """

    number: int
    at: datetime
    kind: MarkKind
    rule: str
    by: str
    reason: str
    visit: str | None = None
    seat: str | None = None
    left: str | None = None
    fate: Fate | None = None
    taken_back: bool = False
    undoes: int | None = None

    def concerns(self, members: Collection[str]) -> bool:
        """Whether it gave a visit to one of these persons or took one from her."""
        return self.seat in members or self.left in members


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a seat over one day or several.

    `owed_carried` came from the day before, `owed_given` on the day; `owed_paid` were used up, whatever became of that
    turn afterwards. `waits` are those of first visits, from allocation to entry. `days`: on which she was here.
    """

    days: int = 0
    counted: int = 0
    make_up: int = 0
    free: int = 0
    owed_carried: int = 0
    owed_given: int = 0
    owed_paid: int = 0
    lost: int = 0
    returned: int = 0
    exchanged: int = 0
    receptions: int = 0
    waits: tuple[timedelta, ...] = ()
    overrides: int = 0
    corrections: int = 0

    @property
    def turns(self) -> int:
        """Counted and make-up turns."""
        return self.counted + self.make_up

    @property
    def turns_a_day(self) -> float:
        """Turns for each day she was here."""
        return self.turns / self.days if self.days else 0.0

    @property
    def owed(self) -> int:
        """All make-ups she was owed."""
        return self.owed_carried + self.owed_given

    @property
    def owed_left(self) -> int:
        """Make-ups not paid: still owed, or ended with the day."""
        return self.owed - self.owed_paid

    @property
    def wait_median(self) -> timedelta | None:
        """The wait in the middle; None when no first visit entered."""
        return timedelta(seconds=median([wait.total_seconds() for wait in self.waits])) if self.waits else None

    @property
    def wait_longest(self) -> timedelta | None:
        """The longest wait; None when no first visit entered."""
        return max(self.waits, default=None)


@dataclass(frozen=True, slots=True)
class SeatDay:
    """One seat of a day: a person, or a team by its first member. `seated` False: a guest who received (A14).

    `here_from`: when she was first here; None: not at all.
    """

    seat: str
    members: tuple[str, ...]
    seated: bool
    here_from: datetime | None
    given: tuple[Given, ...]
    figures: Figures

    @property
    def present(self) -> bool:
        """Whether she is measured against the others: she has a seat, and was here or has turns."""
        return self.seated and (self.here_from is not None or self.figures.turns > 0)


@dataclass(frozen=True, slots=True)
class Day:
    """One board's day. `owed_ends`: it is closed and what is owed ended with it."""

    opened_at: datetime | None
    closed_at: datetime | None
    owed_ends: bool
    seats: tuple[SeatDay, ...]
    marks: tuple[Mark, ...]

    @property
    def turns(self) -> int:
        """All turns of the day."""
        return sum(seat.figures.turns for seat in self.seats)

    @property
    def spread(self) -> int | None:
        """Most turns less fewest, over the seats present; None when nobody was."""
        turns = [seat.figures.turns for seat in self.seats if seat.present]
        return max(turns) - min(turns) if turns else None

    @property
    def evenness(self) -> float | None:
        """Jain's index of the turns of the seats present."""
        return jain([seat.figures.turns for seat in self.seats if seat.present])

    @property
    def overrides(self) -> int:
        """Overrides that stand."""
        return sum(mark.kind is MarkKind.OVERRIDE and not mark.taken_back for mark in self.marks)

    @property
    def corrections(self) -> int:
        """Corrections, with what was undone and new orders of the seats."""
        return sum(mark.kind in CORRECTIONS and not mark.taken_back for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Month:
    """Several days of one desk. Spread and evenness are of turns a day, so that days off do not count as unfair."""

    seats: tuple[tuple[str, Figures], ...]

    @property
    def spread(self) -> float | None:
        """Most turns a day less fewest, over those who were here at all; None when nobody was."""
        rates = self._rates()
        return max(rates) - min(rates) if rates else None

    @property
    def evenness(self) -> float | None:
        """Jain's index of the turns a day."""
        return jain(self._rates())

    def _rates(self) -> list[float]:
        return [figures.turns_a_day for _, figures in self.seats if figures.days]


def jain(values: Sequence[float]) -> float | None:
    """Return Jain's index, from 1/n (one has all) to 1 (all the same); None when there is nothing to share out."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else None


def total(figures: Iterable[Figures]) -> Figures:
    """Return the figures of several seats, or of several days, added up."""
    rows = list(figures)
    sums = {one.name: sum(getattr(row, one.name) for row in rows) for one in fields(Figures) if one.name != "waits"}
    return Figures(**sums, waits=tuple([wait for row in rows for wait in row.waits]))


def month_of(days: Iterable[Day]) -> Month:
    """Return the figures of several days, oldest first, by seat in order of first appearance; guests included."""
    seats: dict[str, list[Figures]] = {}
    for day in days:
        for seat in day.seats:
            earlier = seats.setdefault(seat.seat, [])
            # What a later day carried over is among what was owed here already.
            earlier.append(replace(seat.figures, owed_carried=0) if earlier else seat.figures)
    return Month(tuple([(seat, total(rows)) for seat, rows in seats.items()]))
