"""What comes out of a consultation: notes, a deal with its shares, or no deal with the reason."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import Consultation, Deal, DealShare
from consultations.selectors import ownership

State = Consultation.State


def _for_outcome(consultation: Consultation, staff: Staff, expected_version: int | None) -> Consultation:
    """Return the row locked; raise Refused or Stale unless an outcome may be written as the person saw it."""
    current = (
        Consultation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("visit__owner", "visitor")
        .get(pk=consultation.pk)
    )
    if expected_version is not None and current.version != expected_version:
        outcome = current.get_outcome_display() or _("no outcome yet")
        raise Stale(
            _("This consultation changed since your screen was drawn. It now says: %(state)s, %(outcome)s.")
            % {"state": current.get_state_display(), "outcome": outcome},
            code="changed",
            detail={"version": current.version},
        )
    if current.consultant_id != staff.pk or current.state in (State.DECLINED, State.WITHDRAWN):
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": str(current.visit)}, code="moved_away")
    if current.state != State.IN_ROOM:
        raise Refused(_("An outcome is recorded while the visitor is in the room."), code="not_in_room")
    return current


def _write_outcome(current: Consultation, staff: Staff, now: datetime, detail: dict[str, str]) -> None:
    current.version += 1
    current.save(update_fields=["outcome", "no_deal_reason", "call_again_on", "version"])
    audit.record(action=f"consultations.record_{current.outcome}", now=now, staff=staff, target=current, detail=detail)
    outbox.announce(topics=[topics.queue(current.consultant_id), topics.visitor(current.visitor_id)])


@transaction.atomic
def record_deal(
    *,
    consultation: Consultation,
    kind: str,
    amount: Decimal,
    projects: Sequence[Project],
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Deal:
    """Write down what was bought. `amount` in yuan; credit goes to the receiver, or the owner she stands in for (O4).

    A further deal is a further row; it takes the place of an earlier *no deal*.

    Raises Refused without projects, for a negative amount or when the visitor is not in the room; Stale when the
    consultation is not at `expected_version` (None: do not ask).
    """
    if not projects:
        raise Refused(_("Choose what was bought."), code="projects_missing")
    if amount < 0:
        raise Refused(_("The amount cannot be negative."), code="amount_negative")
    current = _for_outcome(consultation, staff, expected_version)
    deal = Deal.objects.create(
        consultation=current,
        visitor_id=current.visitor_id,
        branch_id=current.branch_id,
        kind=kind,
        amount=amount,
        made_at=now,
        made_by=staff,
    )
    deal.projects.set(projects)
    credited = ownership.credited(current.visit, staff)
    DealShare.objects.create(deal=deal, staff=credited, share=Decimal(1))
    current.outcome = Consultation.Outcome.DEAL
    current.no_deal_reason = ""
    current.call_again_on = None
    _write_outcome(current, staff, now, {"deal": str(deal.pk), "kind": kind, "credited": credited.login_name})
    return deal


@transaction.atomic
def record_no_deal(
    *,
    consultation: Consultation,
    reason: str,
    call_again_on: date | None,
    staff: Staff,
    now: datetime,
    expected_version: int | None = None,
) -> Consultation:
    """Write down why nothing was bought, and when to call again (None: not at all).

    Raises Refused without a reason, for a day that is over, after a deal, or when the visitor is not in the room; Stale
    when the consultation is not at `expected_version` (None: do not ask).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why there was no deal."), code="reason_missing")
    current = _for_outcome(consultation, staff, expected_version)
    if call_again_on is not None and call_again_on <= current.day:
        raise Refused(_("The day to call again must lie ahead."), code="call_again_over")
    if call_again_on is not None and call_again_on > current.day + FURTHEST_AHEAD:
        raise Refused(_("This day lies more than two years ahead. Check the year."), code="too_far")
    if current.outcome == Consultation.Outcome.DEAL:
        raise Refused(_("A deal is recorded for this consultation; it cannot become no deal."), code="deal_recorded")
    current.outcome = Consultation.Outcome.NO_DEAL
    current.no_deal_reason = reason
    current.call_again_on = call_again_on
    _write_outcome(current, staff, now, {"reason": reason})
    return current


@transaction.atomic
def save_notes(*, consultation: Consultation, text: str, expected_version: int, staff: Staff) -> Consultation:
    """Keep the notes as typed so far. `expected_version` is the notes' own number, apart from the consultation's.

    Raises Stale with what is saved now when another tab saved something else in the meantime, or when the visit moved
    to another consultant.
    """
    current = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    if current.consultant_id != staff.pk or current.state in (State.DECLINED, State.WITHDRAWN):
        raise Stale(_("This visitor is no longer with you; your notes were not saved."), code="moved_away")
    if current.notes == text:
        return current
    if current.notes_version != expected_version:
        raise Stale(
            _("These notes were changed in another window."),
            code="notes_changed",
            detail={"notes": current.notes, "notes_version": current.notes_version},
        )
    current.notes = text
    current.notes_version += 1
    current.save(update_fields=["notes", "notes_version"])
    return current
