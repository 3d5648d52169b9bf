"""How fairly the turns of a day or a month were given out, as figures, rows and charts; for everyone on the board."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.roles import Capability
from reception.models import Visit
from triage.engine.facts import Fate
from triage.engine.fairness import Day, Figures, Given, Mark, MarkKind, SeatDay, fairness_of, month_of, total
from triage.engine.ledger import entry_from_json
from triage.models import Board, LedgerEntry
from triage.selectors.boards import boards_seen_by, desks_seen_by, names_of
from triage.selectors.words import masked_name, turn_words

Context = dict[str, Any]
Name = Callable[[str | None], str]

ICONS = {
    MarkKind.OVERRIDE: "exclamation-diamond-fill",
    MarkKind.CORRECTION: "arrow-left-right",
    MarkKind.UNDONE: "arrow-counterclockwise",
    MarkKind.ORDER: "list-ol",
    MarkKind.DECLINED: "x-circle",
    MarkKind.LEFT_EARLY: "box-arrow-right",
}
_DOTS = {Fate.COUNTED: "", Fate.MAKE_UP: "make-up", Fate.FREE: "free"}


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


def fairness_page_of(board: Board, staff: Staff, now: datetime, asked: str = "") -> Context | None:
    """One board's day; `asked` narrows marks and visits to a seat. Three queries. None when there is no such seat."""
    day = days_of([board])[board.pk]
    members = _members(day.seats, asked)
    if asked and not members:
        return None
    marks = [mark for mark in day.marks if not asked or mark.concerns(members)]
    shown = [seat for seat in day.seats if seat.seat == asked]
    given = [one for seat in shown for one in seat.given]
    visits = _visits([*(mark.visit for mark in day.marks), *(one.visit for one in given)])
    name = _naming(day.seats, day.marks)
    told = {mark.number: _mark_row(mark, board, visits, name) for mark in day.marks}
    zone = board.branch.zone
    hours = _hours(board, day, zone)
    rows = [_day_row(seat, staff, name, hours, told, zone) for seat in day.seats]
    return {
        "board": board,
        "day": day,
        "rows": rows,
        "hours": hours,
        "total": _cells(total(seat.figures for seat in day.seats)),
        "owed_left": sum(seat.figures.owed_left for seat in day.seats),
        "receptions": sum(seat.figures.receptions for seat in day.seats),
        "evenness": evenness_words(day.evenness),
        "marks": [told[mark.number] for mark in marks],
        "asked": asked,
        "asked_name": name(asked),
        "given": [_given_row(one, visits, name) for one in given],
        "charts": {"seats": _seat_chart(rows)},
        "zone": zone,
        "as_of": now,
        "explains": staff.may(Capability.VIEW_DESK_BOARD) or staff.may(Capability.VIEW_REGISTER),
    }


def fairness_month_of(staff: Staff, branch: Branch, desk: str, first: date, asked: str = "") -> Context | None:
    """A desk's boards of the month that begins on `first`, however many: four queries. None: there is no such seat."""
    last = month_after(first) - timedelta(days=1)
    boards = list(boards_seen_by(staff).filter(branch=branch, desk=desk, day__range=(first, last)).order_by("day"))
    days = days_of(boards)
    month = month_of(days.values())
    seats = [seat for day in days.values() for seat in day.seats]
    members = _members(seats, asked)
    if asked and not members:
        return None
    found = [(board, mark) for board in boards for mark in days[board.pk].marks if not asked or mark.concerns(members)]
    everything = [mark for day in days.values() for mark in day.marks]
    name = _naming(seats, everything)
    visits = _visits(mark.visit for _board, mark in found)
    groups = {seat.seat: seat for seat in seats}
    rows = [_month_row(groups[seat], figures, staff, name) for seat, figures in month.seats]
    day_rows = [_day_of_month(board, days[board.pk]) for board in boards]
    return {
        "first": first,
        "earlier": month_after(first, -1),
        "later": month_after(first),
        "branch_shown": branch,
        "desk": desk,
        "month": month,
        "rows": rows,
        "days": day_rows,
        "total": (Cell("", begins=True), Cell(""), *_cells(total(figures for _seat, figures in month.seats))),
        "turns": sum(figures.turns for _seat, figures in month.seats),
        "receptions": sum(figures.receptions for _seat, figures in month.seats),
        "owed_left": sum(figures.owed_left for _seat, figures in month.seats),
        "overrides": sum(day.overrides for day in days.values()),
        "corrections": sum(day.corrections for day in days.values()),
        "evenness": evenness_words(month.evenness),
        "marks": [_mark_row(mark, board, visits, name) for board, mark in reversed(found)],
        "asked": asked,
        "asked_name": name(asked),
        "charts": {"seats": _seat_chart(rows), "days": _day_chart(day_rows)},
        "explains": staff.may(Capability.VIEW_DESK_BOARD) or staff.may(Capability.VIEW_REGISTER),
    }


def days_of(boards: Sequence[Board]) -> dict[int, Day]:
    """Return the figures of boards from their ledgers, by board, in one query."""
    rows = (
        LedgerEntry.objects.filter(board__in=boards)
        .order_by("board", "sequence")
        .values_list("board", "body", "visit", "visit__visit_type")
    )
    bodies: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    first: dict[int, set[str]] = defaultdict(set)
    for board, body, visit, visit_type in rows:
        bodies[board].append(body)
        if visit_type == Visit.VisitType.FIRST:
            first[board].add(str(visit))
    return {
        board.pk: fairness_of(map(entry_from_json, bodies[board.pk]), first_visits=first[board.pk]) for board in boards
    }


def desks_to_choose(staff: Staff, branch: Branch) -> list[tuple[str, str]]:
    """Return the desks a person may look at, each with its name."""
    return [
        (code, str(department) if department else _("Front desk")) for code, department in desks_seen_by(staff, branch)
    ]


def month_after(first: date, months: int = 1) -> date:
    """Return the first day of the month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def evenness_words(index: float | None) -> str:
    """Return Jain's index with two places, cut and not rounded: only what is quite even says 1.00."""
    return "–" if index is None else f"{int(index * 100 + 1e-9) / 100:.2f}"


def wait_words(wait: timedelta | None) -> str:
    """Return a wait in whole minutes."""
    return "–" if wait is None else f"{int(wait.total_seconds() // 60)}′"


def fate_words(fate: Fate | None) -> str:
    """Return what became of a turn."""
    if fate is None:
        return ""
    return {
        Fate.COUNTED: _("turn stands"),
        Fate.MAKE_UP: _("turn stands"),
        Fate.FREE: _("no turn used"),
        Fate.RETURNED: _("turn returned, a make-up is owed"),
        Fate.LOST: _("turn lost"),
        Fate.EXCHANGED: _("turn exchanged"),
        Fate.UNDONE: _("turn not used"),
    }[fate]


def mark_words(mark: Mark, name: Name) -> str:
    """Return what an override or a correction did."""
    if mark.kind is MarkKind.OVERRIDE:
        return _("Override") + _movement(mark, name)
    if mark.kind is MarkKind.UNDONE:
        return _("Taken back") + _movement(mark, name)
    if mark.kind is MarkKind.ORDER:
        return _("Seats put into another order")
    if mark.kind is MarkKind.DECLINED:
        return _("Declined by %(name)s") % {"name": name(mark.seat)}
    if mark.kind is MarkKind.LEFT_EARLY:
        return _("Visitor of %(name)s left early") % {"name": name(mark.seat)}
    words = {
        "K1": _("Not offered here"),
        "K2": _("Cannot be done here"),
        "K3": _("Referral found out"),
        "K4": _("Asked for another consultant"),
        "K5": _("Waited too long"),
        "K6": _("Wrong allocation"),
        "K7": _("Passed on"),
    }.get(mark.rule, _("Did not want to wait"))
    return words + _movement(mark, name)


def _movement(mark: Mark, name: Name) -> str:
    if mark.seat is None:
        return ""
    if mark.left is not None:
        return f" {name(mark.left)} → {name(mark.seat)}"
    return f" {name(mark.seat)}" if mark.kind is MarkKind.CORRECTION else f" → {name(mark.seat)}"


def _members(seats: Iterable[SeatDay], asked: str) -> set[str]:
    return {person for seat in seats if seat.seat == asked for person in seat.members} if asked else set()


def _naming(seats: Iterable[SeatDay], marks: Iterable[Mark]) -> Name:
    """Every name of a page, in one query."""
    ids = {person for seat in seats for person in (seat.seat, *seat.members)}
    ids |= {given.person for seat in seats for given in seat.given}
    ids |= {one for mark in marks for one in (mark.by, mark.seat, mark.left) if one}
    names = names_of(ids)
    return lambda one: names.get(one or "", one or "")


def _visits(ids: Iterable[str | None]) -> dict[str, Visit]:
    wanted = {int(one) for one in ids if one}
    return {str(visit.pk): visit for visit in Visit.objects.filter(pk__in=wanted).select_related("visitor")}


def _mark_row(mark: Mark, board: Board, visits: Mapping[str, Visit], name: Name) -> MarkRow:
    return MarkRow(
        mark=mark,
        board=board,
        visit=visits.get(mark.visit or ""),
        what=mark_words(mark, name),
        detail=fate_words(mark.fate),
        by=name(mark.by),
        icon=ICONS[mark.kind],
    )


def _given_row(given: Given, visits: Mapping[str, Visit], name: Name) -> GivenRow:
    stands = given.fate.value == given.turn.value
    return GivenRow(
        given=given,
        visit=visits.get(given.visit),
        person=name(given.person),
        turn=turn_words(given.turn),
        fate="" if stands else fate_words(given.fate),
        minutes=wait_words(given.wait),
    )


def _hours(board: Board, day: Day, zone: ZoneInfo) -> list[int]:
    """The hours anything was given or changed in, with those between them."""
    times = [given.at for seat in day.seats for given in seat.given] + [mark.at for mark in day.marks]
    found = [int((at.astimezone(zone) - _midnight(board, zone)).total_seconds() // 3600) for at in times]
    return list(range(min(found), max(found) + 1)) if found else []


def _midnight(board: Board, zone: ZoneInfo) -> datetime:
    return datetime(board.day.year, board.day.month, board.day.day, tzinfo=zone)


def _day_row(
    seat: SeatDay, staff: Staff, name: Name, hours: Sequence[int], told: Mapping[int, MarkRow], zone: ZoneInfo
) -> SeatRow:
    dots: dict[int, list[str]] = defaultdict(list)
    turns: dict[int, int] = defaultdict(int)
    marks: dict[int, list[MarkRow]] = defaultdict(list)
    for given in seat.given:
        hour = given.at.astimezone(zone).hour
        dots[hour].append(_DOTS.get(given.fate, "gone"))
        turns[hour] += given.fate in (Fate.COUNTED, Fate.MAKE_UP)
    for row in told.values():
        if row.mark.concerns(seat.members):
            marks[row.mark.at.astimezone(zone).hour].append(row)
    return SeatRow(
        seat=seat.seat,
        name=name(seat.seat),
        members=_others(seat, name),
        mine=str(staff.pk) in seat.members,
        present=seat.present,
        seated=seat.seated,
        figures=seat.figures,
        cells=_cells(seat.figures),
        hours=tuple([Hour(tuple(dots[hour % 24]), turns[hour % 24], tuple(marks[hour % 24])) for hour in hours]),
        here_from=seat.here_from,
    )


def _month_row(seat: SeatDay, figures: Figures, staff: Staff, name: Name) -> SeatRow:
    rate = f"{figures.turns_a_day:.1f}" if figures.days else "–"
    return SeatRow(
        seat=seat.seat,
        name=name(seat.seat),
        members=_others(seat, name),
        mine=str(staff.pk) in seat.members,
        present=bool(figures.days),
        seated=seat.seated,
        figures=figures,
        cells=(Cell(str(figures.days), begins=True), Cell(rate, strong=True), *_cells(figures)),
    )


def _others(seat: SeatDay, name: Name) -> str:
    return ", ".join(name(person) for person in seat.members if person != seat.seat)


def _cells(figures: Figures) -> tuple[Cell, ...]:
    """The figures of a seat in the order of the table's columns; what is changed by marks opens them."""
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


def _day_of_month(board: Board, day: Day) -> DayRow:
    return DayRow(
        board=board,
        day=day,
        present=sum(seat.present for seat in day.seats),
        owed_left=sum(seat.figures.owed_left for seat in day.seats),
        evenness=evenness_words(day.evenness),
    )


def _seat_chart(rows: Sequence[SeatRow]) -> Context:
    return {
        "labels": [row.name for row in rows],
        "series": [
            _series(_("Counted turns"), [row.figures.counted for row in rows], stack="turns"),
            _series(_("Make-up turns"), [row.figures.make_up for row in rows], stack="turns"),
            _series(_("Receptions"), [row.figures.receptions for row in rows]),
        ],
    }


def _day_chart(days: Sequence[DayRow]) -> Context:
    return {
        "labels": [f"{row.board.day:%m-%d}" for row in days],
        "series": [
            _series(_("Turns"), [row.day.turns for row in days]),
            _series(_("Spread"), [row.day.spread for row in days], shape="line"),
        ],
    }


def _series(name: str, values: Sequence[int | None], *, stack: str = "", shape: str = "bar") -> Context:
    return {"name": name, "type": shape, "stack": stack, "values": list(values)}
