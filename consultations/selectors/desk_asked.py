"""What a department's desk is asked about one visitor: who receives her, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consultations.models import DeskCase
from consultations.selectors.desk_cases import wish_of
from consultations.selectors.desks import CaseRow, desk_day
from triage.engine.facts import Presence
from triage.models import Board
from triage.selectors.decisions import UNDO_SECONDS, Told
from triage.selectors.desks import propose_at_desk, seats_at_desk, told_at_desk
from triage.selectors.facts import duties


@dataclass(frozen=True, slots=True)
class Asked:
    """What the board would decide about a waiting visitor, or has decided, as the desk is asked about it.

    `state`: proposed, absent (her doctor is not here), nobody (nobody can take her), no_board, given, or over.
    """

    row: CaseRow | None
    case: DeskCase
    state: str
    context: Mapping[str, object]


def asked_about(case: DeskCase, now: datetime) -> Asked:
    """Return what is asked of the desk about a case now: the proposal with its reasons, or what has become of it."""
    day = desk_day(case.department, now)
    row = next((one for one in day.waiting if one.case.pk == case.pk), None)
    if row is None:
        return Asked(None, case, "over", {})
    rows = _others(day.board, now, case) if day.board is not None else []
    if case.staff_id is not None:
        found = told_at_desk(case.visit, case.department.code)
        standing = next((one for one in found if not one.undone), None)
        return Asked(row, case, "given", {"told": standing, "undo_seconds": _undo_seconds(found, now), "rows": rows})
    proposal = propose_at_desk(case.visit, wish_of(case), now)
    if proposal is None:
        return Asked(row, case, "no_board", {})
    words = proposal.in_words
    outcome = proposal.answer.decision.value
    state = {"none": "absent", "escalate": "nobody"}.get(outcome, "proposed")
    told = {
        "proposal": proposal,
        "answer": proposal.answer,
        "words": words,
        "seats": proposal.seats(words),
        "rows": rows,
        "waits": outcome == "wait",
    }
    return Asked(row, case, state, told)


def _undo_seconds(found: Sequence[Told], now: datetime) -> int:
    if not found or found[0].undone:
        return 0
    return max(0, int(UNDO_SECONDS - (now - found[0].decision.made_at).total_seconds()))


def _others(board: Board, now: datetime, case: DeskCase) -> list[tuple[int, str]]:
    """Return who is here and may be named instead (K9): ids with names, in the order of the seats."""
    _found, state = seats_at_desk(board.branch, board.desk, now)
    here = [int(seat.consultant) for seat in state.seats if seat.presence is Presence.ON]
    known = {one.pk: one for one in duties(set(here))}
    wish = wish_of(case)
    return [
        (pk, known[pk].name) for pk in here if pk != case.staff_id and (wish.beauticians or not known[pk].is_beautician)
    ]
