"""A department's board gives visits out to its doctors, nurses and beauticians, by the same ledger as the front desk's.

What the visit is at the front desk (its consultant, its turn there, its state) is left alone: the consulting room's
services keep how far a visitor has come at a department, and call these in their own transactions.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.together import together, write
from reception import services as reception
from reception.models import Visit
from triage.engine import allocate as rules
from triage.engine import corrections, facts, naming
from triage.engine import decision as engine
from triage.engine.ledger import Entered, Entry, Finished, entry_from_json
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import names_of, state_of
from triage.selectors.decisions import UNDO_SECONDS
from triage.selectors.desks import DeskWish, desk_facts_of
from triage.selectors.facts import Known
from triage.selectors.policies import rules_of
from triage.services.allocation import UNDO_WITHIN, in_words
from triage.services.ledger import append, lock_board


@transaction.atomic
def hold_desk(*, visit: Visit, desk: str) -> None:
    """Lock the board of a desk, `FRONT` or a department's, on a visit's day, until the caller's transaction ends.

    Without a board of that day nothing is locked.

    Boards are locked before visits and what hangs on them: a caller with rows of its own asks for this first.
    """
    lock_board(branch_id=visit.branch_id, desk=desk, day=visit.day)


@transaction.atomic
def allocate_at_desk(
    *,
    visit: Visit,
    wish: DeskWish,
    expected_sequence: int | None,
    before: Mapping[str, Any],
    staff: Staff,
    now: datetime,
) -> Decision:
    """Give a visit out on a department's board as it is now: to the doctor it belongs to (A1), else by rotation (A12).

    `expected_sequence` is the board's at the time of the proposal: when the board moved since, Stale `board_moved` is
    raised (None: whatever the board says now). `before` is kept with the decision, for who takes it back. Also Stale:
    `already_allocated`, `isolated`. Refused, and nothing is written: `doctor_absent` while the doctor is not here and
    nobody else was agreed to, `nobody_free` (A14: the visit stays until somebody can take it or is named), `no_board`,
    `day_closed`.
    """
    board, state = _locked(visit, wish.desk)
    _with_nobody(visit, state)
    if expected_sequence is not None and expected_sequence != state.sequence:
        raise Stale(_("The board has moved since this proposal was made."), code="board_moved")
    known = desk_facts_of(visit=visit, board=board, state=state, now=now, wish=wish)
    reception.refuse_isolated(known.visit)
    answer = rules.allocate(known.situation)
    if answer.decision is engine.Outcome.NONE:
        raise Refused(
            _("%(name)s is not here. The visitor waits for her, or agrees to another.")
            % {"name": known.names[known.situation.arrival.at_desk.doctor]},  # type: ignore[union-attr,index]
            code="doctor_absent",
        )
    if answer.decision is engine.Outcome.ESCALATE:
        raise Refused(
            _("Nobody can take this visitor now. She stays in the list until somebody is free."), code="nobody_free"
        )
    return _carry_out(board, state, known, answer, before=before, staff=staff, now=now)


@transaction.atomic
def give_to_another(
    *, visit: Visit, wish: DeskWish, before: Mapping[str, Any], staff: Staff, now: datetime
) -> Decision:
    """A visitor who waits for her busy doctor agrees to another: rotation gives her out (A1, A12), free seats only.

    `wish.agrees` is set. Raises Refused `nobody_free` when nobody else can take her, and she goes on waiting; in the
    words of the rule when she does not wait for her doctor.
    """
    board, state = _locked(visit, wish.desk)
    known = desk_facts_of(visit=visit, board=board, state=state, now=now, wish=wish)
    try:
        answer = corrections.refuse_wait(known.situation)
    except engine.Refused as error:
        raise in_words(error, known.names) from None
    if answer.consultant is None:
        raise Refused(_("Nobody else can take this visitor now. She goes on waiting."), code="nobody_free")
    return _carry_out(board, state, known, answer, before=before, staff=staff, now=now)


@transaction.atomic
def name_at_desk(
    *,
    visit: Visit,
    wish: DeskWish,
    consultant: Staff,
    reason: str,
    turn: str | None,
    before: Mapping[str, Any],
    staff: Staff,
    now: datetime,
) -> Decision:
    """Whoever works a department's board names who receives a visit, against the order (K9), with a reason.

    `turn` is "counted" or "free" (None: counted for who has no doctor of her own). What somebody else had used for it
    is returned. Raises Refused `reason_missing` or in the words of the rule that does not allow it.
    """
    board, state = _locked(visit, wish.desk)
    if not reason.strip():
        raise Refused(_("An override needs a reason."), code="reason_missing")
    known = desk_facts_of(visit=visit, board=board, state=state, now=now, wish=wish, also=frozenset({consultant.pk}))
    reception.refuse_isolated(known.visit)
    try:
        answer = naming.name(
            known.situation,
            consultant=str(consultant.pk),
            by=engine.Namer.SUPERVISOR,
            reason=reason.strip(),
            turn=facts.Turn(turn) if turn else None,
        )
    except engine.Refused as error:
        raise in_words(error, known.names | {str(consultant.pk): consultant.display_name}) from None
    answer = replace(answer, reason=reason.strip())
    return _carry_out(board, state, known, answer, before=before, staff=staff, now=now)


@transaction.atomic
def undo_at_desk(*, visit: Visit, desk: str, staff: Staff, now: datetime) -> Mapping[str, Any]:
    """Take a department's last decision about a visit back (K8): board, turns and owed turns as if it had not been.

    Returns what the caller kept with the decision as `before`. Raises Refused `too_late` after ten seconds,
    `undo_refused` when something that happened since rests on it, `nothing_to_undo`.
    """
    board, state = _locked(visit, desk)
    decision = Decision.objects.filter(visit=visit, board=board).order_by("-pk").first()
    if decision is None or decision.sequence is None:
        raise Refused(_("There is nothing to undo."), code="nothing_to_undo")
    if now - decision.made_at > UNDO_WITHIN:
        raise Refused(
            _("Undo is possible for %(seconds)s seconds. After that, name somebody else with a reason.")
            % {"seconds": UNDO_SECONDS},
            code="too_late",
        )
    rows = LedgerEntry.objects.filter(board=board).order_by("sequence")
    entries = [entry_from_json(body) for body in rows.values_list("body", flat=True)]
    try:
        entry = corrections.undo(entries, decision.sequence, at=now, by=str(staff.pk))
    except engine.Refused as error:
        raise in_words(error, names_of({seat.consultant for seat in state.seats}), code="undo_refused") from None
    extra = [topics.queue(decision.consultant_id)] if decision.consultant_id is not None else []
    append(board=board, state=state, entries=[entry], extra_topics=extra)
    audit.record(action="triage.undo_allocation", now=now, staff=staff, target=visit, detail={"desk": desk})
    before: Mapping[str, Any] = decision.facts["case"]
    return before


@transaction.atomic
def enter_at_desk(*, visit: Visit, desk: str, staff: Staff | None, now: datetime) -> None:
    """The visitor is with whoever has her at a department: a reception for that seat."""
    _about_seat(visit, desk, lambda seat: Entered(at=now, by=_by(staff), visit=str(visit.pk), seat=seat))


@transaction.atomic
def finish_at_desk(*, visit: Visit, desk: str, staff: Staff | None, now: datetime) -> None:
    """Whoever had her at a department is done: the seat is free again."""
    # The board may be opened again: who is free by then must not be held busy.
    _about_seat(visit, desk, lambda seat: Finished(at=now, by=_by(staff), visit=str(visit.pk), seat=seat), closed=True)


@transaction.atomic
def leave_desk(*, visit: Visit, desk: str, reason: str = "", staff: Staff | None, now: datetime) -> None:
    """The visitor walks out of a department before anybody received her (T8); early enough, the turn is returned."""
    board = lock_board(branch_id=visit.branch_id, desk=desk, day=visit.day)
    if board is None or board.closed_at is not None:
        return
    state = state_of(board)
    seat = state.seat_of(str(visit.pk))
    if seat is None:
        return
    entry = corrections.leave(state, rules_of(board.policy), visit=str(visit.pk), at=now, by=_by(staff), reason=reason)
    append(board=board, state=state, entries=[entry], extra_topics=[topics.queue(int(seat.consultant))])


def _by(staff: Staff | None) -> str:
    return str(staff.pk) if staff is not None else ""


def _locked(visit: Visit, desk: str) -> tuple[Board, facts.Board]:
    board = lock_board(branch_id=visit.branch_id, desk=desk, day=visit.day)
    if board is None:
        raise Refused(_("This department's board of that day is not open. Open its day first."), code="no_board")
    if board.closed_at is not None:
        raise Refused(_("This department's day is closed."), code="day_closed")
    return board, state_of(board)


def _with_nobody(visit: Visit, state: facts.Board) -> None:
    seat = state.seat_of(str(visit.pk))
    if seat is not None:
        name = names_of({seat.consultant})[seat.consultant]
        raise Stale(
            _("%(number)s is with %(name)s already.") % {"number": visit, "name": name}, code="already_allocated"
        )


def _carry_out(
    board: Board,
    state: facts.Board,
    known: Known,
    answer: engine.Decision,
    *,
    before: Mapping[str, Any],
    staff: Staff,
    now: datetime,
) -> Decision:
    """Write what was decided on a locked board of a department: ledger, board, decision."""
    assert answer.consultant is not None
    consultant_id = int(answer.consultant)
    extra = [topics.queue(consultant_id)]
    if answer.previous is not None:
        extra.append(topics.queue(int(answer.previous.seat)))
    with together():
        append(
            board=board,
            state=state,
            entries=rules.entries_for(answer, at=now, by=str(staff.pk)),
            extra_topics=extra,
        )
        decision = write(
            Decision(
                visit=known.visit,
                board=board,
                policy=board.policy,
                sequence=board.sequence,
                made_at=now,
                made_by=staff,
                consultant_id=consultant_id,
                rule=answer.rule,
                outcome=answer.decision.value,
                facts={**engine.facts_to_json(known.situation), "names": known.names, "case": dict(before)},
                answer=answer.to_json(),
            )
        )
        action = "name_consultant" if answer.named_by else "allocate_visit"
        audit.record(
            action=f"triage.{action}",
            now=now,
            staff=staff,
            target=known.visit,
            detail={
                "rule": answer.rule,
                "outcome": answer.decision.value,
                "consultant": answer.consultant,
                "desk": board.desk,
            },
        )
    return decision


def _about_seat(visit: Visit, desk: str, entry_for: Callable[[str], Entry], *, closed: bool = False) -> None:
    """Append an entry about the seat of a department's board that holds the visit, if one does.

    `closed`: on a closed board as well.
    """
    board = lock_board(branch_id=visit.branch_id, desk=desk, day=visit.day)
    if board is None or (board.closed_at is not None and not closed):
        return
    state = state_of(board)
    seat = state.seat_of(str(visit.pk))
    if seat is not None:
        append(
            board=board,
            state=state,
            entries=[entry_for(seat.consultant)],
            extra_topics=[topics.queue(int(seat.consultant))],
        )
