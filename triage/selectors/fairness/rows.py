"""Seats, marks and visits of a page as rows, and what rows need: visits and names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from reception.masking import masked_name
from reception.models import Visit
from triage.engine.fairness import Day, Figures, Given, Mark, MarkKind, SeatDay
from triage.models import Board
from triage.selectors.boards import names_of
from triage.selectors.fairness.words import Name, fate_words, mark_words, wait_words
from triage.selectors.words import turn_words

ICONS = {
    MarkKind.OVERRIDE: "exclamation-diamond-fill",
    MarkKind.CORRECTION: "arrow-left-right",
    MarkKind.UNDONE: "arrow-counterclockwise",
    MarkKind.ORDER: "list-ol",
    MarkKind.DECLINED: "x-circle",
    MarkKind.LEFT_EARLY: "box-arrow-right",
}


@dataclass(frozen=True, slots=True)
class MarkRow:
    """An override, a correction or a turn that did not stand, in words, with whom and what it was about."""

    mark: Mark
    board: Board
    visit: Visit | None
    what: str
    detail: str
    by: str
    icon: str

    @property
    def number(self) -> str:
        """The visit's queue number, empty when it was about no visit."""
        return str(self.visit) if self.visit else ""

    @property
    def visitor(self) -> str:
        """The visitor's name, masked."""
        return masked_name(self.visit.visitor.name) if self.visit else ""


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A visit as it was given to a seat, in words."""

    given: Given
    visit: Visit | None
    person: str
    turn: str
    fate: str
    minutes: str

    @property
    def visitor(self) -> str:
        """The visitor's name, masked."""
        return masked_name(self.visit.visitor.name) if self.visit else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table: `opens` is the part of the page with its rows; `begins` a group of columns."""

    text: str
    opens: str = ""
    strong: bool = False
    begins: bool = False

    @property
    def nothing(self) -> bool:
        """Whether it says nought."""
        return self.text in ("0", "–")


@dataclass(frozen=True, slots=True)
class Hour:
    """What a seat was given in one hour: the kind of each dot, how many turns that is, and the marks."""

    dots: tuple[str, ...]
    turns: int
    marks: tuple[MarkRow, ...]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat: a person or a team, her figures, and on a day her hours."""

    seat: str
    name: str
    members: str
    mine: bool
    present: bool
    seated: bool
    figures: Figures
    cells: tuple[Cell, ...]
    hours: tuple[Hour, ...] = ()
    here_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a month."""

    board: Board
    day: Day
    present: int
    owed_left: int
    evenness: str


def members_of(seats: Iterable[SeatDay], asked: str) -> set[str]:
    """Return who belongs to the seat that is asked for; nobody when none is."""
    return {person for seat in seats if seat.seat == asked for person in seat.members} if asked else set()


def naming(seats: Iterable[SeatDay], marks: Iterable[Mark]) -> Name:
    """Return what gives every name of a page, in one query."""
    ids = {person for seat in seats for person in (seat.seat, *seat.members)}
    ids |= {given.person for seat in seats for given in seat.given}
    ids |= {one for mark in marks for one in (mark.by, mark.seat, mark.left) if one}
    names = names_of(ids)
    return lambda one: names.get(one or "", one or "")


def visits_by_id(ids: Iterable[str | None]) -> dict[str, Visit]:
    """Return visits with their visitors by id, in one query."""
    wanted = {int(one) for one in ids if one}
    return {str(visit.pk): visit for visit in Visit.objects.filter(pk__in=wanted).select_related("visitor")}


def mark_row(mark: Mark, board: Board, visits: Mapping[str, Visit], name: Name) -> MarkRow:
    """Return a mark in words."""
    return MarkRow(
        mark=mark,
        board=board,
        visit=visits.get(mark.visit or ""),
        what=mark_words(mark, name),
        detail=fate_words(mark.fate),
        by=name(mark.by),
        icon=ICONS[mark.kind],
    )


def given_row(given: Given, visits: Mapping[str, Visit], name: Name) -> GivenRow:
    """Return a visit as it was given, in words."""
    stands = given.fate.value == given.turn.value
    return GivenRow(
        given=given,
        visit=visits.get(given.visit),
        person=name(given.person),
        turn=turn_words(given.turn),
        fate="" if stands else fate_words(given.fate),
        minutes=wait_words(given.wait),
    )


def others_of(seat: SeatDay, name: Name) -> str:
    """Return the names of a team beside the one its seat is called by."""
    return _(", ").join(name(person) for person in seat.members if person != seat.seat)


def cells_of(figures: Figures) -> tuple[Cell, ...]:
    """Return the figures of a seat in the order of the table's columns; what is changed by marks opens them."""
    return (
        Cell(str(figures.turns), "visits", strong=True, begins=True),
        Cell(str(figures.counted), "visits"),
        Cell(str(figures.make_up), "visits"),
        Cell(str(figures.free), "visits"),
        Cell(str(figures.owed), begins=True),
        Cell(str(figures.owed_paid)),
        Cell(str(figures.owed_left)),
        Cell(str(figures.lost), "marks", begins=True),
        Cell(str(figures.returned), "marks"),
        Cell(str(figures.exchanged), "marks"),
        Cell(str(figures.receptions), "visits", strong=True, begins=True),
        Cell(wait_words(figures.wait_median), "visits", begins=True),
        Cell(wait_words(figures.wait_longest), "visits"),
        Cell(str(figures.overrides), "marks", begins=True),
        Cell(str(figures.corrections), "marks"),
    )
