"""What each screen of this room shows, put together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet

from clinic.models import Branch, Department, Staff
from clinic.roles import Capability
from reception.models import Visit, Visitor
from triage.engine.facts import Board as State
from triage.engine.policy import preset
from triage.models import Board, Decision, LedgerEntry, Policy
from triage.selectors.boards import (
    FRONT,
    Row,
    board_of_day,
    board_rows,
    boards_seen_by,
    desks_operated_by,
    names_of,
    roster_of,
    state_of,
)
from triage.selectors.decisions import (
    UNDO_SECONDS,
    Told,
    decisions_about,
    decisions_of,
    happened_with,
    may_know_visitor,
    moved_since,
    open_questions,
    propose,
    told,
)
from triage.selectors.facts import CHANGEABLE_TYPES, ChangedType
from triage.selectors.knobs import PRESET_NAMES, knobs_of
from triage.selectors.policies import policy_of_day, rules_of, words_for
from triage.selectors.words import Line, cause_words, last_lines, lines_of, masked_name

Context = dict[str, Any]
LINES_ON_PANEL = 6
HERE = ("free", "busy", "in_room", "suspended")


def panel_of(board: Board, staff: Staff, now: datetime) -> Context:
    """A board beside the work: its seats, what is owed to whom, and what happened last. Two queries."""
    state = state_of(board)
    rows = board_rows(board, now, me=staff)
    names = {str(row.staff_id): row.name for row in rows}
    return {
        "board": board,
        "rows": rows,
        "turns": sum(row.turns for row in rows),
        "owed": _owed_lines(state, names),
        "lines": last_lines(board, limit=LINES_ON_PANEL, names=names),
        "operates": board.closed_at is None and board.desk in desks_operated_by(staff),
        "as_of": now,
    }


def _owed_lines(state: State, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(names.get(owed.seat, owed.seat), cause_words(owed.cause)) for owed in state.owed]


def opening_of(staff: Staff, desk: str, now: datetime) -> Context:
    """How a desk's day is opened: who is on the roster, and what the policy makes of their order."""
    day = staff.branch.today(now)
    policy = policy_of_day(staff.branch, day)
    rules = rules_of(policy) if policy else preset("standard")
    return {
        "board": None,
        "branch_id": staff.branch_id,
        "desk": desk,
        "roster": list(roster_of(staff.branch, desk, day)),
        "opening": rules.opening,
        "operates": desk in desks_operated_by(staff),
    }


def rows_of(board: Board, now: datetime) -> list[Row]:
    """Return the seats of a board as rows."""
    return board_rows(board, now)


def board_page_of(board: Board, staff: Staff, now: datetime) -> Context:
    """One board's page."""
    return {**panel_of(board, staff, now), "zone": board.branch.zone}


def entries_of(board: Board) -> QuerySet[LedgerEntry]:
    """Return a board's ledger, newest first."""
    return LedgerEntry.objects.filter(board=board).select_related("visit__visitor", "staff").order_by("-sequence")


def log_of(board: Board, page: Page[LedgerEntry]) -> Context:
    """A page of a board's ledger in words."""
    names = names_of({seat.consultant for seat in state_of(board).seats})
    return {"board": board, "page": page, "lines": lines_of(page.object_list, board.branch.zone, names)}


def desks_of(staff: Staff, now: datetime) -> list[Context]:
    """Return today's desks a person may look at: name, board if it is open, and whether she may open it."""
    day = staff.branch.today(now)
    opened = {board.desk: board for board in boards_seen_by(staff).filter(branch=staff.branch_id, day=day)}
    operated = desks_operated_by(staff)
    departments = staff.branch.departments.filter(kind__in=["surgery", "laser", "non_invasive"]).order_by("code")
    desks: list[tuple[str, Department | None]] = [(FRONT, None)] if staff.may(Capability.VIEW_DESK_BOARD) else []
    desks += [
        (department.code, department)
        for department in departments
        if staff.may(Capability.VIEW_DESK_BOARD) or department.pk == staff.department_id
    ]
    return [
        {
            "desk": desk,
            "department": department,
            "board": opened.get(desk),
            "opening": opening_of(staff, desk, now) if desk not in opened and desk in operated else None,
        }
        for desk, department in desks
    ]


def proposal_of(visit: Visit, staff: Staff, now: datetime, changed_type: ChangedType | None) -> Context:
    """What is proposed for a visit, who is asked about it, or what has become of it: `state` says which."""
    context: Context = {"visit": visit, "staff": staff, "overrides": staff.may(Capability.OVERRIDE_TRIAGE)}
    board = board_of_day(visit.branch, FRONT, visit.day)
    context |= {"board": board, "sequence": board.sequence if board else 0}
    if visit.state in (Visit.State.FINISHED, Visit.State.LEFT, Visit.State.VOID):
        return {**context, "state": "over", "told": _latest(visit)}
    if visit.state != Visit.State.REGISTERED:
        return {**context, "state": "settled", **_undoable(visit, now)}
    if board is None or board.closed_at is not None:
        return {**context, "state": "no_board"}
    pending = state_of(board).pending_for(str(visit.pk))
    if pending is not None:
        rows = [row for row in board_rows(board, now) if row.state in HERE]
        return {**context, "state": "asked", "pending": pending, "rows": rows, **_undoable(visit, now)}
    settled = _undoable(visit, now)
    if visit.type_rule and settled["told"] is not None and not settled["told"].undone:
        return {**context, "state": "settled", **settled}
    proposed = propose(visit, now, changed_type)
    if proposed is None:
        return {**context, "state": "no_board"}
    words = proposed.in_words
    return {
        **context,
        "state": "proposed",
        "proposal": proposed,
        "words": words,
        "seats": proposed.seats(words),
        "types": CHANGEABLE_TYPES,
        "rows": [row for row in board_rows(board, now) if row.state in HERE] if context["overrides"] else [],
    }


def _latest(visit: Visit) -> Told | None:
    found = decisions_of(visit)
    return found[0] if found else None


def _undoable(visit: Visit, now: datetime) -> Context:
    """The latest decision, and for how many seconds more it can be undone."""
    latest = _latest(visit)
    passed = (now - latest.decision.made_at).total_seconds() if latest and not latest.undone else UNDO_SECONDS
    return {"told": latest, "undo_seconds": max(0, int(UNDO_SECONDS - passed))}


def moved_of(visit: Visit, sequence: int) -> list[Line]:
    """Return what happened on the board since a proposal was made."""
    board = board_of_day(visit.branch, FRONT, visit.day)
    return moved_since(board, sequence) if board is not None and sequence >= 0 else []


def menu_of(visit: Visit, staff: Staff, *, at_desk: bool) -> Context:
    """What can be done with a visit of the register; `at_desk`: the page has a place for the proposal."""
    operates = staff.may(Capability.OPERATE_DESK_BOARD)
    leaves = operates and visit.state in (Visit.State.REGISTERED, Visit.State.WAITING, Visit.State.ACCEPTED)
    return {
        "visit": visit,
        "operates": operates,
        "leaves": leaves,
        "decided": bool(visit.type_rule),
        "at_desk": at_desk,
    }


def why_of(visit: Visit, staff: Staff) -> Context:
    """Why this consultant: the latest decision in words."""
    return {"visit": visit, "told": _latest(visit), "knows": may_know_visitor(staff, visit)}


def decision_page_of(visit: Visit, staff: Staff) -> Context:
    """Every decision about a visit, and all that happened with it."""
    found = decisions_of(visit)
    knows = may_know_visitor(staff, visit)
    return {
        "visit": visit,
        "told": found[0] if found else None,
        "earlier": found[1:],
        "happened": happened_with(visit),
        "knows": knows,
        "visitor_name": visit.visitor.name if knows else masked_name(visit.visitor.name),
        "operates": staff.may(Capability.OPERATE_DESK_BOARD),
    }


def questions_of(staff: Staff, now: datetime) -> Context:
    """What a person is asked, and the seats that are here to be named."""
    questions = open_questions(staff, now)
    rows = [row for row in board_rows(questions[0].board, now) if row.state in HERE] if questions else []
    return {"questions": questions, "rows": rows, "supervises": staff.may(Capability.ANSWER_ESCALATIONS)}


def decisions_list_of(visitor: Visitor) -> QuerySet[Decision]:
    """Return the decisions about a visitor's visits, newest first."""
    return decisions_about(visitor)


def visitor_panel_of(visitor: Visitor, page: Page[Decision]) -> Context:
    """A page of the decisions about a visitor."""
    pks: Iterable[int] = [one.pk for one in page.object_list]
    return {"visitor": visitor, "page": page, "told": told(Decision.objects.filter(pk__in=pks).order_by("-pk"))}


def policy_of(branch: Branch, now: datetime) -> Context:
    """The rules a branch runs by today, and the versions before and after."""
    policy = policy_of_day(branch, branch.today(now))
    return {
        "policy": policy,
        "preset": PRESET_NAMES[policy.preset if policy else "standard"],
        "knobs": knobs_of(rules_of(policy) if policy else preset("standard"), words_for(branch, branch.today(now))),
        "versions": list(Policy.objects.filter(branch=branch).select_related("created_by").order_by("-version")[:20]),
    }
