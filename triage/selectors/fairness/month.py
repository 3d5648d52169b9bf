"""How fairly the turns of a month of a desk were given out, day by day."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.roles import Capability
from triage.engine.fairness import Day, Figures, SeatDay, month_of, total
from triage.models import Board
from triage.selectors.boards import boards_seen_by, desks_seen_by
from triage.selectors.fairness.charts import Context, day_chart, seat_chart
from triage.selectors.fairness.days import days_of
from triage.selectors.fairness.rows import (
    Cell,
    DayRow,
    SeatRow,
    cells_of,
    mark_row,
    members_of,
    naming,
    others_of,
    visits_by_id,
)
from triage.selectors.fairness.words import Name, evenness_words


def fairness_month_of(staff: Staff, branch: Branch, desk: str, first: date, asked: str = "") -> Context | None:
    """A desk's boards of the month that begins on `first`, however many: four queries. None: there is no such seat."""
    last = month_after(first) - timedelta(days=1)
    boards = list(boards_seen_by(staff).filter(branch=branch, desk=desk, day__range=(first, last)).order_by("day"))
    days = days_of(boards)
    month = month_of(days.values())
    seats = [seat for day in days.values() for seat in day.seats]
    members = members_of(seats, asked)
    if asked and not members:
        return None
    found = [(board, mark) for board in boards for mark in days[board.pk].marks if not asked or mark.concerns(members)]
    everything = [mark for day in days.values() for mark in day.marks]
    name = naming(seats, everything)
    visits = visits_by_id(mark.visit for _board, mark in found)
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
        "total": (Cell("", begins=True), Cell(""), *cells_of(total(figures for _seat, figures in month.seats))),
        "turns": sum(figures.turns for _seat, figures in month.seats),
        "receptions": sum(figures.receptions for _seat, figures in month.seats),
        "owed_left": sum(figures.owed_left for _seat, figures in month.seats),
        "overrides": sum(day.overrides for day in days.values()),
        "corrections": sum(day.corrections for day in days.values()),
        "evenness": evenness_words(month.evenness),
        "marks": [mark_row(mark, board, visits, name) for board, mark in reversed(found)],
        "asked": asked,
        "asked_name": name(asked),
        "charts": {"seats": seat_chart(rows), "days": day_chart(day_rows)},
        "explains": staff.may(Capability.VIEW_DESK_BOARD) or staff.may(Capability.VIEW_REGISTER),
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


def _month_row(seat: SeatDay, figures: Figures, staff: Staff, name: Name) -> SeatRow:
    rate = f"{figures.turns_a_day:.1f}" if figures.days else "–"
    return SeatRow(
        seat=seat.seat,
        name=name(seat.seat),
        members=others_of(seat, name),
        mine=str(staff.pk) in seat.members,
        present=bool(figures.days),
        seated=seat.seated,
        figures=figures,
        cells=(Cell(str(figures.days), begins=True), Cell(rate, strong=True), *cells_of(figures)),
    )


def _day_of_month(board: Board, day: Day) -> DayRow:
    return DayRow(
        board=board,
        day=day,
        present=sum(seat.present for seat in day.seats),
        owed_left=sum(seat.figures.owed_left for seat in day.seats),
        evenness=evenness_words(day.evenness),
    )
