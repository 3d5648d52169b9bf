"""A board on the desk's page, on its own page, and its log."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page
from django.db.models import QuerySet

from clinic.models import Staff
from clinic.roles import Capability
from reception.models import Visit
from triage.engine.facts import Board as State
from triage.models import Board, LedgerEntry
from triage.selectors.boards import (
    FRONT,
    Row,
    board_rows,
    desks_operated_by,
    names_of,
    roster_of,
    state_of,
)
from triage.selectors.gaps import absent_at
from triage.selectors.policies import rules_of
from triage.selectors.screens.parts import Context
from triage.selectors.words import cause_words, last_lines, lines_of

LINES_ON_PANEL = 6


def panel_of(board: Board, staff: Staff, now: datetime) -> Context:
    """A board beside the work: its seats, what is owed to whom, and what happened last. Two queries, or three."""
    state = state_of(board)
    rows = board_rows(board, now, me=staff)
    names = {str(row.staff_id): row.name for row in rows}
    return {
        "board": board,
        "rows": rows,
        "turns": sum(row.turns for row in rows),
        "owed": state.owed,
        "owed_to": _owed_to(state, names),
        "debts": [(names.get(one.debtor, ""), names.get(one.creditor, "")) for one in state.debts],
        **_turn_under_way(board, state, names),
        "overdue": _overdue(board, state, names, now) if board.desk == FRONT else [],
        **_absent(board, state, names),
        "lines": last_lines(board, limit=LINES_ON_PANEL, names=names),
        "operates": board.closed_at is None and board.desk in desks_operated_by(staff),
        "as_of": now,
    }


@dataclass(frozen=True, slots=True)
class Overdue:
    """A first visit that has waited long enough for a busy consultant to be exchanged (K5)."""

    visit: Visit
    name: str
    since: datetime


def _overdue(board: Board, state: State, names: dict[str, str], now: datetime) -> list[Overdue]:
    """The longest wait first; one query when there is any."""
    limit = timedelta(minutes=rules_of(board.policy).max_wait_minutes)
    waits = {
        int(held.visit): (names.get(seat.consultant, ""), held.at)
        for seat in state.seats
        for held in seat.visits
        if not held.entered and now - held.at >= limit and (seat.stated_busy or seat.visits[0] is not held)
    }
    if not waits or board.closed_at is not None:
        return []
    visits = Visit.objects.select_related("visitor").in_bulk(waits)
    found = [Overdue(visits[pk], name, at) for pk, (name, at) in waits.items() if pk in visits]
    return sorted(found, key=lambda one: one.since)


def _absent(board: Board, state: State, names: dict[str, str]) -> Context:
    """Whether nobody who receives or treats is there now, or nobody of a team."""
    absent = absent_at(board, state)
    if absent is None:
        return {"nobody_here": False, "absent_teams": []}
    return {"nobody_here": absent.all, "absent_teams": [names.get(one, one) for one in absent.teams]}


def _turn_under_way(board: Board, state: State, names: dict[str, str]) -> Context:
    """How much of its turn the team at the pointer has had; nothing where a turn is one visitor."""
    size, pointer = rules_of(board.policy).turn_size, state.pointer()
    if size == 1 or not state.teams or pointer is None:
        return {"turn_size": None}
    return {"turn_size": size, "used": state.used, "turn_of": names.get(pointer, "")}


def _owed_to(state: State, names: dict[str, str]) -> list[tuple[str, int, str]]:
    """Who is owed how many turns for what, in the order of the first of each."""
    counted = Counter((owed.seat, owed.cause) for owed in state.owed)
    return [(names.get(seat, seat), count, cause_words(cause)) for (seat, cause), count in counted.items()]


def rows_of(board: Board, now: datetime) -> list[Row]:
    """Return the seats of a board as rows."""
    return board_rows(board, now)


def board_page_of(board: Board, staff: Staff, now: datetime, *, places: Mapping[str, str] | None = None) -> Context:
    """One board's page; `places` are those that were typed for the seats and not taken."""
    is_open, today = board.closed_at is None, board.day == board.branch.today(now)
    supervises = staff.may(Capability.OVERRIDE_TRIAGE) and staff.branch_id == board.branch_id
    panel = panel_of(board, staff, now)
    return {
        **panel,
        "zone": board.branch.zone,
        "reorders": is_open and supervises,
        "seats": [(row, (places or {}).get(str(row.staff_id), row.place)) for row in panel["rows"] if row.leads],
        "unseated": _unseated(board, panel["rows"]) if panel["operates"] else [],
        "keeps_owed": rules_of(board.policy).carry_owed,
        "reopens": not is_open and supervises and today,
    }


def _unseated(board: Board, rows: list[Row]) -> list[Staff]:
    """Who belongs to the desk and has no seat on its board: a newcomer, or somebody without a team."""
    seated = {row.staff_id for row in rows}
    return [one for one in roster_of(board.branch, board.desk, board.day) if one.pk not in seated]


def entries_of(board: Board) -> QuerySet[LedgerEntry]:
    """Return a board's ledger, newest first."""
    return LedgerEntry.objects.filter(board=board).select_related("visit__visitor", "staff").order_by("-sequence")


def log_of(board: Board, page: Page[LedgerEntry]) -> Context:
    """A page of a board's ledger in words."""
    names = names_of({seat.consultant for seat in state_of(board).seats})
    return {"board": board, "page": page, "lines": lines_of(page.object_list, board.branch.zone, names)}
