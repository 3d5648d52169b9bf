"""How fairly a day went: one board's ledger counted up, seat by seat, with the rows behind every figure.

Two counters are kept apart: turns (counted and make-up) are fairness, receptions are statistics. What was undone (K8)
counts as if it had not been; it stays among the marks, as does every override (K9) and every correction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from .facts import Fate, Presence, SeatChange, Turn
from .ledger import (
    Allocated,
    CheckedIn,
    Closed,
    Corrected,
    Declined,
    Entered,
    Entry,
    Left,
    Moved,
    Opened,
    Released,
    Reordered,
    Returned,
    SeatState,
    Undone,
    entry_from_json,
)

_COMES = (SeatChange.FREE, SeatChange.BUSY, SeatChange.ON)
_BY_RULES: dict[type[Entry], str] = {Undone: "K8", Declined: "T7", Left: "T8", Reordered: ""}


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


def fairness_of(entries: Iterable[Entry], *, first_visits: Collection[str] = frozenset()) -> Day:
    """Return the figures of one board's whole ledger; `first_visits` are the ids of the visits whose waits count."""
    ledger = list(entries)
    undone = {entry.corrects for entry in ledger if isinstance(entry, Undone)}
    count = _Count(first_visits)
    for number, entry in enumerate(ledger, start=1):
        if number not in undone:
            count.take(number, entry)
        count.mark(number, entry, taken_back=number in undone)
    return count.day()


def month_of(days: Iterable[Day]) -> Month:
    """Return the figures of several days, oldest first, by seat in order of first appearance; guests included."""
    seats: dict[str, list[Figures]] = {}
    for day in days:
        for seat in day.seats:
            earlier = seats.setdefault(seat.seat, [])
            # What a later day carried over is among what was owed here already.
            earlier.append(replace(seat.figures, owed_carried=0) if earlier else seat.figures)
    return Month(tuple([(seat, total(rows)) for seat, rows in seats.items()]))


@dataclass(slots=True)
class _Row:
    members: tuple[str, ...]
    seated: bool = True
    came: bool = True
    here_from: datetime | None = None
    given: list[Given] = field(default_factory=list)
    carried: int = 0
    owed: int = 0
    paid: int = 0


class _Count:
    """The ledger read entry by entry, from the first."""

    def __init__(self, first_visits: Collection[str]) -> None:
        self.first_visits = first_visits
        self.rows: dict[str, _Row] = {}
        self.team_of: dict[str, str] = {}
        self.last: dict[tuple[str, str], tuple[_Row, int]] = {}
        self.marks: list[Mark] = []
        self.opened_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.owed_ends = False

    def take(self, number: int, entry: Entry) -> None:
        match entry:
            case Opened():
                self._open(entry)
            case CheckedIn():
                self._comes(entry.seat, entry.at)
            case SeatState():
                if entry.change in _COMES:
                    self._comes(entry.seat, entry.at)
            case Reordered():
                self.rows = {key: self.rows[key] for key in entry.seats} | self.rows
            case Allocated():
                if isinstance(entry, Moved):
                    self._settle(entry.left_seat, entry.visit, entry.fate)
                self._give(number, entry)
            case Released():
                self._settle(entry.seat, entry.visit, entry.fate)
            case Returned():
                self._settle(entry.seat, entry.visit, Fate.RETURNED)
            case Corrected():
                if entry.returned:
                    self._settle(entry.seat, entry.visit, Fate.RETURNED)
            case Declined():
                self._settle(entry.seat, entry.visit, Fate.LOST)
            case Left():
                if entry.seat is not None and entry.returned:
                    self._settle(entry.seat, entry.visit, Fate.RETURNED)
            case Entered():
                self._enter(entry)
            case Closed():
                self.closed_at, self.owed_ends = entry.at, not entry.keeps_owed
            case _:
                pass

    def mark(self, number: int, entry: Entry, *, taken_back: bool) -> None:
        match entry:
            case Undone():
                about = entry_from_json(entry.entry)
                left = about.left_seat if isinstance(about, Moved) else None
                self._mark(number, entry, MarkKind.UNDONE, about=about, left=left)
            case Moved():
                kind = MarkKind.OVERRIDE if entry.rule == "K9" else MarkKind.CORRECTION
                self._mark(number, entry, kind, left=entry.left_seat, fate=entry.fate, taken_back=taken_back)
            case Allocated() if entry.rule == "K9":
                self._mark(number, entry, MarkKind.OVERRIDE, taken_back=taken_back)
            case Released():
                self._mark(number, entry, MarkKind.CORRECTION, fate=entry.fate, taken_back=taken_back)
            case Returned():
                fate = Fate.FREE if entry.turn is Turn.FREE else Fate.RETURNED
                self._mark(number, entry, MarkKind.CORRECTION, fate=fate, taken_back=taken_back)
            case Corrected():
                fate = Fate.RETURNED if entry.returned else Fate(entry.turn.value)
                self._mark(number, entry, MarkKind.CORRECTION, fate=fate, taken_back=taken_back)
            case Reordered():
                self._mark(number, entry, MarkKind.ORDER)
            case Declined():
                fate = Fate.FREE if entry.turn is Turn.FREE else Fate.LOST
                self._mark(number, entry, MarkKind.DECLINED, fate=fate)
            case Left() if entry.returned:
                self._mark(number, entry, MarkKind.LEFT_EARLY, fate=Fate.RETURNED)
            case _:
                pass

    def day(self) -> Day:
        marks = tuple(self.marks)
        return Day(
            self.opened_at,
            self.closed_at,
            self.owed_ends,
            tuple([_seat_day(key, row, marks) for key, row in self.rows.items()]),
            marks,
        )

    def _open(self, entry: Opened) -> None:
        self.opened_at = entry.at
        self.team_of = {person: team[0] for team in entry.teams for person in team}
        teams = {team[0]: team for team in entry.teams}
        for seat in entry.seats:
            key = self.team_of.get(seat.consultant, seat.consultant)
            row = self.rows.setdefault(key, _Row(teams.get(key, (key,)), came=seat.came))
            if seat.presence is Presence.ON:
                row.here_from = entry.at
        if entry.teams:
            self.rows = {key: self.rows[key] for key in teams}
        for name in entry.owed:
            self._row(name).carried += 1

    def _row(self, person: str, *, seated: bool = True) -> _Row:
        key = self.team_of.get(person, person)
        if key not in self.rows:
            self.rows[key] = _Row((key,), seated=seated)
        return self.rows[key]

    def _comes(self, person: str, at: datetime) -> None:
        row = self._row(person)
        if not row.came and not self.team_of:
            self.rows = {key: one for key, one in self.rows.items() if one is not row} | {person: row}
        row.came, row.seated = True, True
        row.here_from = row.here_from or at

    def _give(self, number: int, entry: Allocated) -> None:
        row = self._row(entry.team or entry.seat, seated=not entry.guest)
        given = Given(
            number,
            entry.visit,
            entry.seat,
            entry.at,
            entry.rule,
            entry.turn,
            Fate(entry.turn.value),
            entry.visit in self.first_visits,
        )
        self.last[entry.seat, entry.visit] = row, len(row.given)
        row.given.append(given)
        if entry.make_up is not None:
            self._row(entry.make_up.seat).paid += 1
        for passed in entry.passed:
            self._row(passed.seat).owed += passed.owed

    def _settle(self, person: str, visit: str, fate: Fate) -> None:
        """The turn of a visit becomes what `fate` says; a free one stays free, one returned is owed."""
        row, place = self.last[person, visit]
        given = row.given[place]
        if given.fate.value != given.turn.value or given.turn is Turn.FREE:
            return
        row.given[place] = replace(given, fate=fate)
        row.owed += fate is Fate.RETURNED

    def _enter(self, entry: Entered) -> None:
        row, place = self.last[entry.seat, entry.visit]
        row.here_from = row.here_from or entry.at
        if row.given[place].entered_at is None:
            row.given[place] = replace(row.given[place], entered_at=entry.at)

    def _mark(
        self,
        number: int,
        entry: Entry,
        kind: MarkKind,
        *,
        about: Entry | None = None,
        left: str | None = None,
        fate: Fate | None = None,
        taken_back: bool = False,
    ) -> None:
        said = about or entry
        rule = _BY_RULES.get(type(entry))
        self.marks.append(
            Mark(
                number,
                entry.at,
                kind,
                getattr(entry, "rule", "") if rule is None else rule,
                entry.by,
                entry.reason,
                getattr(said, "visit", None),
                getattr(said, "seat", None),
                left,
                fate,
                taken_back,
                entry.corrects if isinstance(entry, Undone) else None,
            )
        )


def _seat_day(key: str, row: _Row, marks: Sequence[Mark]) -> SeatDay:
    fates = [given.fate for given in row.given]
    hers = [mark for mark in marks if not mark.taken_back and mark.concerns(row.members)]
    figures = Figures(
        days=int(row.here_from is not None),
        counted=fates.count(Fate.COUNTED),
        make_up=fates.count(Fate.MAKE_UP),
        free=fates.count(Fate.FREE),
        owed_carried=row.carried,
        owed_given=row.owed,
        owed_paid=row.paid,
        lost=fates.count(Fate.LOST),
        returned=fates.count(Fate.RETURNED),
        exchanged=fates.count(Fate.EXCHANGED),
        receptions=sum(given.entered_at is not None for given in row.given),
        waits=tuple([given.wait for given in row.given if given.first and given.wait is not None]),
        overrides=sum(mark.kind is MarkKind.OVERRIDE for mark in hers),
        corrections=sum(mark.kind in CORRECTIONS for mark in hers),
    )
    return SeatDay(key, row.members, row.seated, row.here_from, tuple(row.given), figures)
