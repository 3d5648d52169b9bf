"""Giving visits out: a proposal carried out, a name given by hand, an allocation taken back."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit, outbox
from clinic.services.together import together, write
from reception import services as reception
from reception.models import Visit
from triage.engine import allocate as rules
from triage.engine import corrections, facts, naming
from triage.engine import decision as engine
from triage.engine.explain import refusal
from triage.engine.ledger import entry_from_json
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import FRONT, names_of, state_of, supervisors_of
from triage.selectors.decisions import UNDO_SECONDS, said_of
from triage.selectors.facts import NOTHING_SAID, Known, Said, facts_of
from triage.selectors.words import engine_language
from triage.services.ledger import append, lock_board

# What the request may take on its way is granted beside the seconds shown on the screen.
UNDO_WITHIN = timedelta(seconds=UNDO_SECONDS + 2)


@transaction.atomic
def allocate_visit(
    *,
    visit: Visit,
    expected_sequence: int | None,
    said: Said = NOTHING_SAID,
    staff: Staff,
    now: datetime,
) -> Decision:
    """Decide who receives a registered visit, on the front-desk board as it is now, and carry that out.

    `expected_sequence` is the board's at the time of the proposal: when the board moved since, Stale `board_moved` is
    raised and nothing happens (None: whatever the board says now).
    `said`: what the desk said to the proposal. Also Stale: `already_allocated`, `already_asked`,
    `not_waiting`, `isolated` while the visitor is set apart. Refused `no_board` when the day is not open yet,
    `day_closed` when it is over.
    """
    board, state = locked_front(visit)
    _still_to_allocate(visit, state)
    if expected_sequence is not None and expected_sequence != state.sequence:
        raise Stale(_("The board has moved since this proposal was made."), code="board_moved")
    known = facts_of(visit=visit, board=board, state=state, now=now, said=said)
    if known.visit.state != Visit.State.REGISTERED:
        raise Stale(_("This visit is not waiting for a consultant any more."), code="not_waiting")
    reception.refuse_isolated(known.visit)
    return carry_out(board, state, known, rules.allocate(known.situation), staff=staff, now=now)


@transaction.atomic
def name_consultant(
    *,
    visit: Visit,
    consultant: Staff,
    by: str,
    reason: str = "",
    turn: str | None = None,
    staff: Staff,
    now: datetime,
) -> Decision:
    """Somebody names who receives a visit: an answer to the open question about it, or the supervisor's override.

    `by` is "owner" (A8 only) or "supervisor". Without an open question it is an override (K9): by the supervisor, with
    a `reason`, at the `turn` she says ("counted" or "free"; None: counted for first visits).
    Raises Refused in the words of the rule that does not allow it, Stale when the visit is with somebody already or
    set apart.
    """
    board, state = locked_front(visit)
    if not reason and by == "supervisor" and state.seat_of(str(visit.pk)) is not None:
        _still_to_allocate(visit, state)
    known = facts_of(
        visit=visit,
        board=board,
        state=state,
        now=now,
        said=said_of(visit),
        also=frozenset({consultant.pk}),
    )
    reception.refuse_isolated(known.visit)
    pending = state.pending_for(str(visit.pk))
    overrides = pending is None and by == "supervisor"
    _may_name(staff, by, pending)
    if overrides and not reason:
        raise Refused(_("An override needs a reason."), code="reason_missing")
    try:
        answer = naming.name(
            known.situation,
            consultant=str(consultant.pk),
            by=engine.Namer(by),
            reason=reason if overrides else "",
            turn=facts.Turn(turn) if turn and overrides else None,
        )
    except engine.Refused as error:
        raise in_words(error, known.names | {str(consultant.pk): consultant.display_name}) from None
    return carry_out(board, state, known, replace(answer, reason=reason), staff=staff, now=now)


@transaction.atomic
def undo_allocation(*, visit: Visit, staff: Staff, now: datetime) -> LedgerEntry | None:
    """Take the last allocation of a visit back (K8): board, turns and owed turns as if it had not been.

    Returns the entry that takes it back, None when the decision had moved nothing (A1). Raises Refused `too_late` after
    ten seconds, `undo_refused` when something that happened since rests on it, `nothing_to_undo`.
    """
    if visit.state not in Visit.OPEN_STATES:
        # Of a visit that is over, whose visitor she was comes back: her record is locked before the board.
        reception.hold_visitor(visit.visitor_id)
    board, state = locked_front(visit)
    decision = Decision.objects.filter(visit=visit, board=board).order_by("-pk").first()
    if decision is None:
        raise Refused(_("There is nothing to undo."), code="nothing_to_undo")
    before = decision.facts.get("before")
    if before is None or now - decision.made_at > UNDO_WITHIN:
        raise Refused(
            _("Undo is possible for %(seconds)s seconds. Ask the supervisor to correct it.")
            % {"seconds": UNDO_SECONDS},
            code="too_late",
        )
    visit.refresh_from_db(fields=["state"])
    if before["state"] == Visit.State.IN_ROOM and visit.state == Visit.State.ACCEPTED:
        # The consultation she was taken out of is withdrawn by then, and could not be finished.
        raise Refused(_("The next consultant has accepted her already: correct it instead."), code="undo_refused")
    entry = None
    if decision.sequence is not None:
        rows = LedgerEntry.objects.filter(board=board).order_by("sequence")
        entries = [entry_from_json(body) for body in rows.values_list("body", flat=True)]
        try:
            entry = corrections.undo(entries, decision.sequence, at=now, by=str(staff.pk))
        except engine.Refused as error:
            raise in_words(error, names_of({seat.consultant for seat in state.seats}), code="undo_refused") from None
        extra = [topics.queue(decision.consultant_id)] if decision.consultant_id is not None else []
        pending = state.pending_for(str(visit.pk)) or getattr(entries[decision.sequence - 1], "answers", None)
        if pending is not None:
            extra += asked_topics(board, pending.owner)
        append(board=board, state=state, entries=[entry], extra_topics=extra)
    reception.restore(visit=visit, before=before)
    audit.record(action="triage.undo_allocation", now=now, staff=staff, target=visit)
    if decision.rule == "K6":
        # What she bought may be shared by it already: that goes back with it.
        outbox.announce(
            topics=[topics.visitor(visit.visitor_id)],
            event="misallocation_undone",
            payload={"decision_id": decision.pk, "staff_id": staff.pk},
        )
    return LedgerEntry.objects.filter(board=board).order_by("-sequence").first() if entry else None


def locked_front(visit: Visit) -> tuple[Board, facts.Board]:
    """Return the front-desk board of a visit's day, locked, and its state; raise Refused when it is not open."""
    board = lock_board(branch_id=visit.branch_id, desk=FRONT, day=visit.day)
    if board is None:
        raise Refused(_("The front desk's board of that day is not open. Open the day first."), code="no_board")
    if board.closed_at is not None:
        raise Refused(
            _("The front desk's day is closed. A supervisor can open it again on the board's page."), code="day_closed"
        )
    return board, state_of(board)


def carry_out(
    board: Board, state: facts.Board, known: Known, answer: engine.Decision, *, staff: Staff, now: datetime
) -> Decision:
    """Write what was decided on a locked board: ledger, board, decision, visit; everybody concerned hears of it."""
    entries = rules.entries_for(answer, at=now, by=str(staff.pk))
    consultant_id = int(answer.consultant) if answer.consultant is not None else None
    owner_id = int(answer.owner) if answer.owner is not None else None
    previous = answer.previous
    with together():
        if entries:
            extra = [topics.queue(consultant_id)] if consultant_id is not None else []
            if previous is not None:
                extra.append(topics.queue(int(previous.seat)))
            if consultant_id is None or answer.answers is not None:
                extra += asked_topics(board, answer.owner)
            append(board=board, state=state, entries=entries, extra_topics=extra)
        decision = write(
            Decision(
                visit=known.visit,
                board=board,
                policy=board.policy,
                sequence=board.sequence if entries else None,
                made_at=now,
                made_by=staff,
                consultant_id=consultant_id,
                rule=answer.rule,
                outcome=answer.decision.value,
                facts={
                    **engine.facts_to_json(known.situation),
                    "names": known.names,
                    "before": reception.as_written(known.visit, visitor_owner_id=known.visitor_owner_id),
                },
                answer=answer.to_json(),
            )
        )
        turn = answer.turn.value if answer.turn else ""
        if previous is not None and (previous.stays or previous.held is None):
            reception.record_correction(
                visit=known.visit,
                visit_type=answer.visit_type.value,
                type_rule=answer.type_rule,
                owner_id=owner_id,
                rule=answer.rule,
                turn=turn,
            )
        else:
            reception.record_allocation(
                visit=known.visit,
                visit_type=answer.visit_type.value,
                type_rule=answer.type_rule,
                consultant_id=consultant_id,
                owner_id=owner_id,
                rule=answer.rule,
                turn=turn,
                now=now,
            )
        action = "name_consultant" if answer.named_by else "correct_visit" if previous is not None else "allocate_visit"
        audit.record(
            action=f"triage.{action}",
            now=now,
            staff=staff,
            target=known.visit,
            detail={"rule": answer.rule, "outcome": answer.decision.value, "consultant": answer.consultant},
        )
    return decision


def in_words(error: engine.Refused, names: dict[str, str], *, code: str = "rule_refused") -> Refused:
    """Return the engine's refusal as a sentence in the reader's language."""
    sentence = refusal(error, engine_language(), consultants=names)
    return Refused(sentence, code=code, detail={"rule": error.rule})


def asked_topics(board: Board, owner: str | None) -> list[str]:
    """Return the topics of those who are asked for a name: the supervisors, and the owner if there is one."""
    asked = [topics.staff(pk) for pk in supervisors_of(board)]
    return [*asked, topics.staff(int(owner))] if owner else asked


def _may_name(staff: Staff, by: str, pending: facts.Pending | None) -> None:
    """The desk writes down what an owner said; a supervisor answers for herself."""
    if by == "owner":
        allowed = staff.may(Capability.OPERATE_DESK_BOARD) or (pending is not None and pending.owner == str(staff.pk))
    elif pending is not None:
        allowed = staff.may(Capability.ANSWER_ESCALATIONS)
    else:
        allowed = staff.may(Capability.OVERRIDE_TRIAGE)
    if not allowed:
        raise Refused(_("It is not yours to name the consultant of this visit."), code="not_yours")


def _still_to_allocate(visit: Visit, state: facts.Board) -> None:
    seat = state.seat_of(str(visit.pk))
    if seat is not None:
        name = names_of({seat.consultant})[seat.consultant]
        raise Stale(
            _("%(number)s is with %(name)s already.") % {"number": visit, "name": name}, code="already_allocated"
        )
    if state.pending_for(str(visit.pk)) is not None:
        raise Stale(_("Somebody has been asked about %(number)s already.") % {"number": visit}, code="already_asked")
