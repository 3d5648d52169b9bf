"""A day's figures counted up from its ledger, entry by entry."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..facts.words import Fate, Presence, SeatChange, Turn
from ..ledger.afterwards import Corrected, Declined, Entered, Left, Released, Returned
from ..ledger.day import CheckedIn, Closed, Opened, Reordered, SeatState
from ..ledger.entry import Entry
from ..ledger.folding import Undone, entry_from_json
from ..ledger.giving import Allocated, Moved
from ..records import replace
from .figures import CORRECTIONS, Day, Figures, Given, Mark, MarkKind, SeatDay

_COMES = (SeatChange.FREE, SeatChange.BUSY, SeatChange.ON)

_BY_RULES: dict[type[Entry], str] = {Undone: "K8", Declined: "T7", Left: "T8", Reordered: ""}


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
