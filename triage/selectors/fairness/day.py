"""How fairly the turns of one board were given out, hour by hour."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.roles import Capability
from triage.engine.facts import Fate
from triage.engine.fairness import Day, SeatDay, total
from triage.models import Board
from triage.selectors.fairness.charts import Context, seat_chart
from triage.selectors.fairness.days import days_of
from triage.selectors.fairness.rows import (
    Hour,
    MarkRow,
    SeatRow,
    cells_of,
    given_row,
    mark_row,
    members_of,
    naming,
    others_of,
    visits_by_id,
)
from triage.selectors.fairness.words import Name, evenness_words

_DOTS = {Fate.COUNTED: "", Fate.MAKE_UP: "make-up", Fate.FREE: "free"}


def fairness_page_of(board: Board, staff: Staff, now: datetime, asked: str = "") -> Context | None:
    """One board's day; `asked` narrows marks and visits to a seat. Three queries. None when there is no such seat."""
    day = days_of([board])[board.pk]
    members = members_of(day.seats, asked)
    if asked and not members:
        return None
    marks = [mark for mark in day.marks if not asked or mark.concerns(members)]
    shown = [seat for seat in day.seats if seat.seat == asked]
    given = [one for seat in shown for one in seat.given]
    visits = visits_by_id([*(mark.visit for mark in day.marks), *(one.visit for one in given)])
    name = naming(day.seats, day.marks)
    told = {mark.number: mark_row(mark, board, visits, name) for mark in day.marks}
    zone = board.branch.zone
    hours = _hours(board, day, zone)
    rows = [_day_row(seat, staff, name, hours, told, zone) for seat in day.seats]
    return {
        "board": board,
        "day": day,
        "rows": rows,
        "hours": hours,
        "total": cells_of(total(seat.figures for seat in day.seats)),
        "owed_left": sum(seat.figures.owed_left for seat in day.seats),
        "receptions": sum(seat.figures.receptions for seat in day.seats),
        "evenness": evenness_words(day.evenness),
        "marks": [told[mark.number] for mark in marks],
        "asked": asked,
        "asked_name": name(asked),
        "given": [given_row(one, visits, name) for one in given],
        "charts": {"seats": seat_chart(rows)},
        "zone": zone,
        "as_of": now,
        "explains": board.department_id is not None
        or staff.may(Capability.VIEW_DESK_BOARD)
        or staff.may(Capability.VIEW_REGISTER),
    }


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
        members=others_of(seat, name),
        mine=str(staff.pk) in seat.members,
        present=seat.present,
        seated=seat.seated,
        figures=seat.figures,
        cells=cells_of(seat.figures),
        hours=tuple([Hour(tuple(dots[hour % 24]), turns[hour % 24], tuple(marks[hour % 24])) for hour in hours]),
        here_from=seat.here_from,
    )
