"""What happens with a visit after it was given out, as far as the board counts it.

Each is called inside the caller's transaction or alone, locks the board before the visit, and tells reception.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Stale
from clinic.services import audit
from reception import services as reception
from reception.models import Visit
from triage.engine import allocate as rules
from triage.engine import corrections
from triage.engine import decision as engine
from triage.engine.ledger import Entered, Entry, Finished
from triage.models import Decision
from triage.selectors.boards import FRONT, names_of, state_of
from triage.selectors.decisions import said_of
from triage.selectors.facts import facts_of
from triage.selectors.policies import rules_of
from triage.services.allocation import asked_topics, carry_out, in_words, locked_front
from triage.services.ledger import append, lock_board


@transaction.atomic
def record_entry(*, visit: Visit, staff: Staff, now: datetime) -> None:
    """The visitor goes into the consultant's room: a reception for her seat. Raises reception's Refused and Stale."""
    _with_seat(visit, lambda seat: Entered(at=now, by=str(staff.pk), visit=str(visit.pk), seat=seat))
    reception.record_progress(visit=visit, state=Visit.State.IN_ROOM, now=now)


@transaction.atomic
def record_finish(*, visit: Visit, staff: Staff, now: datetime) -> None:
    """The consultation is over: the seat is free again. Raises reception's Refused and Stale.

    A visit of an earlier day that the desk has ended, because the visitor came again, stays ended as it was.
    """
    # The board may be opened again: who is free by then must not be held busy.
    _with_seat(visit, lambda seat: Finished(at=now, by=str(staff.pk), visit=str(visit.pk), seat=seat), closed=True)
    visit.refresh_from_db(fields=["state"])
    if visit.state != Visit.State.FINISHED:
        reception.record_progress(visit=visit, state=Visit.State.FINISHED, now=now)


@transaction.atomic
def record_decline(
    *, visit: Visit, reason: str, consultant: Staff | None = None, staff: Staff, now: datetime
) -> Decision:
    """The consultant declines (T7): her turn is lost, she is suspended, the visit is allocated again at once.

    Returns the new decision. Raises Refused when the visit is not with a seat or the visitor is in the room, Refused
    `decline_forbidden` where the policy forbids it; Stale `moved_away` when it does not wait for `consultant` any more
    (None: whoever has it).
    """
    board, state = locked_front(visit)
    if consultant is not None:
        visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
        seat = state.seat_of(str(visit.pk))
        hers = seat is not None and seat.consultant == str(consultant.pk)
        if not hers or visit.state != Visit.State.WAITING:
            raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": visit}, code="moved_away")
    said = said_of(visit)
    try:
        entry = corrections.decline(
            state, rules_of(board.policy), visit=str(visit.pk), at=now, by=str(staff.pk), reason=reason
        )
    except engine.Refused as error:
        code = "decline_forbidden" if error.says == "forbidden" else "rule_refused"
        raise in_words(error, names_of({seat.consultant for seat in state.seats}), code=code) from None
    state = append(board=board, state=state, entries=[entry], extra_topics=[topics.queue(int(entry.seat))])
    reception.clear_allocation(visit=visit)
    audit.record(action="triage.record_decline", now=now, staff=staff, target=visit, detail={"reason": reason})
    known = facts_of(visit=visit, board=board, state=state, now=now, said=said)
    return carry_out(board, state, known, rules.allocate(known.situation), staff=staff, now=now)


@transaction.atomic
def record_leave(*, visit: Visit, staff: Staff, now: datetime, reason: str = "") -> None:
    """The visitor walks out (T8); when that is early enough, the turn is returned. Raises reception's refusals."""
    board = lock_board(branch_id=visit.branch_id, desk=FRONT, day=visit.day)
    if board is not None and board.closed_at is None:
        state = state_of(board)
        seat = state.seat_of(str(visit.pk))
        if seat is not None or state.pending_for(str(visit.pk)) is not None:
            entry = corrections.leave(
                state, rules_of(board.policy), visit=str(visit.pk), at=now, by=str(staff.pk), reason=reason
            )
            pending = state.pending_for(str(visit.pk))
            extra = [topics.queue(int(seat.consultant))] if seat else []
            if pending is not None:
                extra += asked_topics(board, pending.owner)
            append(board=board, state=state, entries=[entry], extra_topics=extra)
    reception.record_progress(visit=visit, state=Visit.State.LEFT, now=now)
    audit.record(action="triage.record_leave", now=now, staff=staff, target=visit, detail={"reason": reason})


def _with_seat(visit: Visit, entry_for: Callable[[str], Entry], *, closed: bool = False) -> None:
    """Append an entry about the seat that holds the visit; a visit that no seat holds concerns no board.

    `closed`: on a closed board as well.
    """
    board = lock_board(branch_id=visit.branch_id, desk=FRONT, day=visit.day)
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
