"""A visit at the desk: its proposal, its menu, why it went where it went, and who is asked about it."""

from datetime import datetime

from clinic.models import Staff
from clinic.roles import Capability
from reception.masking import masked_name
from reception.models import Visit
from triage.engine import facts
from triage.models import Board, Decision
from triage.selectors.boards import (
    FRONT,
    Row,
    board_of_day,
    board_rows,
    boards_seen_by,
    state_of,
)
from triage.selectors.corrections import kinds_for
from triage.selectors.decisions import (
    UNDO_SECONDS,
    Told,
    decisions_of,
    happened_with,
    may_know_visitor,
    moved_since,
    open_questions,
    propose,
    told_now,
)
from triage.selectors.desks import happened_on, knows_all, on_board, told_on
from triage.selectors.facts import CHANGEABLE_TYPES, NOTHING_SAID, Said
from triage.selectors.screens.parts import HERE, Context
from triage.selectors.words import Line


def proposal_of(visit: Visit, staff: Staff, now: datetime, said: Said = NOTHING_SAID) -> Context:
    """What is proposed for a visit, who is asked about it, or what has become of it: `state` says which."""
    context: Context = {"visit": visit, "staff": staff, "overrides": staff.may(Capability.OVERRIDE_TRIAGE)}
    board = board_of_day(visit.branch, FRONT, visit.day)
    context |= {"board": board, "sequence": board.sequence if board else 0}
    if visit.state in (Visit.State.FINISHED, Visit.State.LEFT, Visit.State.VOID):
        return {**context, "state": "over", "told": _latest(visit)}
    if visit.state != Visit.State.REGISTERED:
        rows = _others_here(board, visit, now) if context["overrides"] else []
        return {**context, "state": "settled", "rows": rows, **_undoable(visit, now)}
    if visit.isolated_at is not None:
        return {**context, "state": "isolated"}
    if board is None or board.closed_at is not None:
        return {**context, "state": "no_board" if board is None else "day_closed"}
    pending = state_of(board).pending_for(str(visit.pk))
    if pending is not None:
        rows = [row for row in board_rows(board, now) if row.state in HERE]
        return {**context, "state": "asked", "pending": pending, "rows": rows, **_undoable(visit, now)}
    settled = _undoable(visit, now)
    if visit.type_rule and settled["told"] is not None:
        return {**context, "state": "settled", **settled}
    proposed = propose(visit, now, said)
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
        "earlier": _earlier(state_of(board), visit),
        "rows": [row for row in board_rows(board, now) if row.state in HERE] if context["overrides"] else [],
    }


def settled_by(decision: Decision, visit: Visit, staff: Staff, now: datetime) -> Context:
    """What has become of a visit by a decision made just now: as `proposal_of` says it, but hardly anything read again.

    `visit` as it was before, with its visitor and branch.
    """
    fresh, board = decision.visit, decision.board
    fresh.visitor, fresh.branch, board.branch = visit.visitor, visit.branch, visit.branch
    if fresh.state != Visit.State.WAITING:
        return proposal_of(fresh, staff, now)
    overrides = staff.may(Capability.OVERRIDE_TRIAGE)
    return {
        "visit": fresh,
        "staff": staff,
        "overrides": overrides,
        "board": board,
        "sequence": board.sequence,
        "state": "settled",
        "rows": _others_here(board, fresh, now) if overrides else [],
        "told": told_now(decision),
        "undo_seconds": UNDO_SECONDS,
    }


def still_shown(context: Context, state: str, decision: int) -> bool:
    """Say whether a proposal put together just now is what a screen shows: this state, after this decision."""
    latest: Told | None = context.get("told")
    return context["state"] == state and latest is not None and latest.decision.pk == decision


def _others_here(board: Board | None, visit: Visit, now: datetime) -> list[Row]:
    """Whom a supervisor may still give a visit to that waits with somebody (K9)."""
    if board is None or board.closed_at is not None or visit.state == Visit.State.IN_ROOM:
        return []
    return [row for row in board_rows(board, now) if row.state in HERE and row.staff_id != visit.consultant_id]


def _latest(visit: Visit, reader: Staff | None = None) -> Told | None:
    """The latest decision that stands; one that was taken back where none does."""
    found = decisions_of(visit, reader)
    return next((one for one in found if not one.undone), found[0] if found else None)


def _undoable(visit: Visit, now: datetime) -> Context:
    """The latest decision that stands, and for how many seconds more the latest can be undone."""
    found = decisions_of(visit)
    passed = (now - found[0].decision.made_at).total_seconds() if found and not found[0].undone else UNDO_SECONDS
    standing = next((one for one in found if not one.undone), None)
    return {"told": standing, "undo_seconds": max(0, int(UNDO_SECONDS - passed))}


def _earlier(state: facts.Board, visit: Visit) -> list[Visit]:
    """Return the visits that came before and wait for the supervisor to name somebody (A14), oldest first."""
    asked = [int(one.visit) for one in state.pending if one.rule == "A14"]
    if not asked:
        return []
    return list(Visit.objects.filter(pk__in=asked, arrived_at__lt=visit.arrived_at).order_by("arrived_at"))


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
        "corrects": operates and bool(kinds_for(visit, staff)),
    }


def why_of(visit: Visit, staff: Staff) -> Context:
    """Why this consultant: the latest decision in words."""
    return {"visit": visit, "told": _latest(visit, staff), "knows": may_know_visitor(staff, visit)}


def decision_page_of(visit: Visit, staff: Staff, now: datetime) -> Context:
    """Every decision about a visit, all that happened with it, and whom a supervisor may still give it to (K9)."""
    found = decisions_of(visit, staff)
    knows = may_know_visitor(staff, visit)
    operates = staff.may(Capability.OPERATE_DESK_BOARD)
    return {
        "visit": visit,
        "told": found[0] if found else None,
        "sees_board": bool(found) and _sees_board(staff, found[0].decision.board_id),
        "earlier": found[1:],
        "happened": happened_with(visit),
        "knows": knows,
        "visitor_name": visit.visitor.name if knows else masked_name(visit.visitor.name),
        "operates": operates,
        "corrects": operates and bool(kinds_for(visit, staff)),
        "rows": _instead(visit, staff, now),
    }


def _sees_board(staff: Staff, board: int) -> bool:
    return staff.may(Capability.VIEW_DESK_BOARD) or boards_seen_by(staff).filter(pk=board).exists()


def board_visit_of(board: Board, visit: int, staff: Staff) -> Context:
    """What one board decided about a visit, and what happened with it there. Raises Visit.DoesNotExist."""
    shown = on_board(board, visit)
    found = told_on(board, shown)
    knows = may_know_visitor(staff, shown) or knows_all(staff, board)
    return {
        "visit": shown,
        "told": found[0] if found else None,
        "sees_board": True,
        "earlier": found[1:],
        "happened": happened_on(board, shown),
        "knows": knows,
        "visitor_name": shown.visitor.name if knows else masked_name(shown.visitor.name),
        "only_told": True,
    }


def _instead(visit: Visit, staff: Staff, now: datetime) -> list[Row]:
    waits = visit.state in (Visit.State.WAITING, Visit.State.ACCEPTED)
    if not waits or not staff.may(Capability.OVERRIDE_TRIAGE):
        return []
    return _others_here(board_of_day(visit.branch, FRONT, visit.day), visit, now)


def questions_of(staff: Staff, now: datetime) -> Context:
    """What a person is asked, and the seats that are here to be named."""
    questions = open_questions(staff, now)
    rows = [row for row in board_rows(questions[0].board, now) if row.state in HERE] if questions else []
    return {"questions": questions, "rows": rows, "supervises": staff.may(Capability.ANSWER_ESCALATIONS)}
