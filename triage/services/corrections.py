"""Corrections of visits (K1–K7, a refused wait, a review that becomes a consultation), each an entry of its own."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import outbox
from reception import services as reception
from reception.models import Visit
from triage.engine import decision as engine
from triage.models import Decision
from triage.selectors.boards import names_of
from triage.selectors.corrections import ASKS, WITHOUT_REASON, Correction, Kind, judged, kinds_for
from triage.services.allocation import carry_out, in_words, locked_front


@transaction.atomic
def correct_visit(
    *, visit: Visit, correction: Correction, expected_sequence: int | None, staff: Staff, now: datetime
) -> Decision:
    """Correct a visit on the front-desk board as it is now, by the rule of the correction; return the decision.

    `expected_sequence` is the board's when the correction was previewed: Stale `board_moved` when it moved since (None:
    whatever it says now). Raises Refused `not_now`, `reason_missing`, `name_missing`, or in the words of the rule that
    does not allow it.
    """
    kind = correction.kind
    if kind is Kind.MISALLOCATED:
        # Whose visitor she is may be written down as well: her record is locked before the board.
        reception.hold_visitor(visit.visitor_id)
    board, state = locked_front(visit)
    visit.refresh_from_db()
    if kind not in kinds_for(visit, staff):
        raise Refused(_("This correction does not fit the visit as it is now."), code="not_now")
    if not correction.reason and kind not in WITHOUT_REASON:
        raise Refused(_("A correction needs a reason: everyone on the board can read it."), code="reason_missing")
    if correction.consultant is None and ASKS[kind] in ("owner", "to"):
        raise Refused(_("Choose a consultant."), code="name_missing")
    if correction.referrer is None and ASKS[kind] == "referrer":
        raise Refused(_("Choose the visitor who brought her."), code="name_missing")
    if expected_sequence is not None and expected_sequence != state.sequence:
        raise Stale(_("The board has moved since this proposal was made."), code="board_moved")
    try:
        known, answer = judged(visit=visit, correction=correction, board=board, state=state, now=now)
    except engine.Refused as error:
        named = names_of({seat.consultant for seat in state.seats})
        if correction.consultant is not None:
            named[str(correction.consultant.pk)] = correction.consultant.display_name
        raise in_words(error, named) from None
    decision = carry_out(board, state, known, answer, staff=staff, now=now)
    _written_down(visit, correction)
    if kind is Kind.MISALLOCATED and correction.consultant is not None:
        # What she bought meanwhile is shared anew, by the room that knows of it.
        outbox.announce(
            topics=[topics.visitor(visit.visitor_id)],
            event="visit_misallocated",
            payload={
                "visit_id": visit.pk,
                "owner_id": correction.consultant.pk,
                "fault": correction.fault.value if correction.fault is not None else "",
                "staff_id": staff.pk,
                "decision_id": decision.pk,
            },
        )
    return decision


def _written_down(visit: Visit, correction: Correction) -> None:
    """What is known about the visit from now on."""
    match correction.kind:
        case Kind.NOT_OFFERED | Kind.CANNOT_DO:
            reception.record_circumstances(visit=visit, other_reason=correction.kind.value)
        case Kind.REFERRAL:
            reception.record_circumstances(
                visit=visit, referrer=correction.referrer, referral_by=Visit.ReferralBy.VISITOR
            )
        case Kind.WANTS_CONSULTATION:
            reception.record_circumstances(visit=visit, purpose=Visit.Purpose.CONSULT, after_review=True)
        case Kind.MISALLOCATED if correction.consultant is not None and visit.state not in Visit.OPEN_STATES:
            # The visit is over, so nobody else will tell whose visitor she is.
            reception.record_standing(visitor=visit.visitor, owner=correction.consultant)
        case _:
            pass
