"""What is found out or wished in the room and concerns the rotation (K1–K4, K6, K7).

Triage carries the correction out on the board as it is; here stands what becomes of the consultation. The board is
locked before the visit, the visit before the consultation.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit, outbox
from consultations.models import Consultation, OwnerHint
from consultations.selectors import people
from consultations.services import opinions
from consultations.services.friends import forget_friend, say_friend
from consultations.services.outcomes import for_outcome, give_outcome, is_found_out, write_outcome
from consultations.services.plans import withdraw_discounts
from consultations.services.visits import own
from reception.models import Visit, Visitor
from triage import services as triage
from triage.selectors.boards import FRONT
from triage.selectors.corrections import Correction, Kind

State = Consultation.State
Outcome = Consultation.Outcome
# What takes the place of an enquiry for a friend although the visitor stays.
ENDS_ENQUIRY = (Kind.NOT_OFFERED, Kind.CANNOT_DO)


@transaction.atomic
def record_not_offered(
    *,
    consultation: Consultation,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
    expected_version: int | None = None,
) -> Consultation:
    """K1: the project is not offered here. The visit becomes `other` and nobody's; the visitor stays in the room.

    `expected_sequence` is the board's when the effects were shown, `expected_version` the consultation's (None: do not
    ask). Raises Refused `deal_recorded`, `found_out`, `not_in_room`, `reason_missing`; Stale `board_moved`, `changed`,
    `moved_away`.
    """
    return _found_out(
        consultation, Kind.NOT_OFFERED, Outcome.NOT_OFFERED, reason, staff, now, expected_sequence, expected_version
    )


@transaction.atomic
def record_cannot_do(
    *,
    consultation: Consultation,
    decided_by: Staff,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
    expected_version: int | None = None,
) -> Consultation:
    """K2: `decided_by`, who heads a treating department, decided that it cannot be done here; the record is kept.

    Raises Refused `not_a_head` and as `record_not_offered`, Stale likewise.
    """
    if decided_by not in people.deciders(consultation.visit):
        raise Refused(
            _("Only the head of a treating department decides that it cannot be done here."), code="not_a_head"
        )
    return _found_out(
        consultation,
        Kind.CANNOT_DO,
        Outcome.CANNOT_DO,
        reason,
        staff,
        now,
        expected_sequence,
        expected_version,
        decided_by=decided_by,
    )


def _found_out(
    consultation: Consultation,
    kind: Kind,
    outcome: str,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None,
    expected_version: int | None,
    decided_by: Staff | None = None,
) -> Consultation:
    reason = reason.strip()
    current = own(consultation, staff)
    if current.state != State.IN_ROOM:
        raise Refused(_("An outcome is recorded while the visitor is in the room."), code="not_in_room")
    if is_found_out(current):
        raise Refused(
            _("The register says already: %(outcome)s. The front desk can correct that.")
            % {"outcome": current.get_outcome_display()},
            code="found_out",
        )
    _corrected(current, Correction(kind, reason=reason), expected_sequence, staff, now)
    current = for_outcome(consultation, staff, expected_version)
    if current.outcome != Outcome.DEAL:
        # What the desk had taken back does not stand in the way of finding it out again.
        current.outcome = ""
    give_outcome(current, outcome, note=reason)
    current.decided_by = decided_by
    detail = {"reason": reason}
    if decided_by is not None:
        detail["decided_by"] = str(decided_by.pk)
    write_outcome(current, staff, now, detail)
    return current


@transaction.atomic
def record_referral(
    *,
    consultation: Consultation,
    referrer: Visitor,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
) -> Consultation:
    """K3: a first visitor turns out to be brought by an existing one. She goes to the referrer's owner when she can.

    When she moves, this consultation is withdrawn: it was never this consultant's. Raises Refused `same_person` and in
    the words of the rule; Stale `board_moved`, `moved_away`.
    """
    current = own(consultation, staff)
    if referrer.pk == current.visitor_id:
        raise Refused(_("A visitor cannot be brought by herself. Choose another."), code="same_person")
    correction = Correction(Kind.REFERRAL, referrer=referrer, reason=reason.strip())
    visit = _corrected(current, correction, expected_sequence, staff, now)
    audit.record(
        action="consultations.record_referral",
        now=now,
        staff=staff,
        target=current,
        detail={"visitor": str(referrer.pk), "reason": reason.strip()},
    )
    return _if_moved(current, visit, staff, now, outcome="", note=reason.strip())


@transaction.atomic
def change_consultant(
    *,
    consultation: Consultation,
    designated: Staff | None,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
) -> Consultation:
    """K4: the visitor wants another consultant: whom she designates, or (None) the next in turn.

    For a visitor of somebody's own the owner and the consulting supervisors are told, and the supervisor names the new
    one. Raises Refused in the words of the rule, Stale `board_moved`, `moved_away`.
    """
    current = own(consultation, staff)
    correction = Correction(Kind.CHANGE_CONSULTANT, consultant=designated, reason=reason.strip())
    visit = _corrected(current, correction, expected_sequence, staff, now)
    return _if_moved(current, visit, staff, now, outcome=Outcome.ANOTHER, note=reason.strip())


@transaction.atomic
def transfer_visit(
    *,
    consultation: Consultation,
    to: Staff,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
) -> Consultation:
    """K7: the consultant cannot serve the case and passes the visitor on to a doctor or colleague on the board.

    Raises Refused in the words of the rule, Stale `board_moved`, `moved_away`.
    """
    current = own(consultation, staff)
    correction = Correction(Kind.TRANSFER, consultant=to, reason=reason.strip())
    visit = _corrected(current, correction, expected_sequence, staff, now)
    outcome = Outcome.REFERRED if Role.DOCTOR in to.roles else Outcome.TRANSFERRED
    return _if_moved(current, visit, staff, now, outcome=outcome, note=reason.strip())


@transaction.atomic
def refer_to_doctor(
    *,
    consultation: Consultation,
    doctor: Staff,
    reason: str,
    staff: Staff,
    now: datetime,
    expected_sequence: int | None = None,
    expected_version: int | None = None,
) -> Consultation:
    """Refer the visitor to a doctor: by K7 when she sits on the board, else she is asked to see her.

    A doctor who has no seat receives nobody by the board: the consultation keeps its visitor, and she takes part in it.
    Raises Refused and Stale as `transfer_visit` and `record_no_deal`.
    """
    current = own(consultation, staff)
    if people.is_seated(current.visit, doctor):
        return transfer_visit(
            consultation=consultation,
            to=doctor,
            reason=reason,
            staff=staff,
            now=now,
            expected_sequence=expected_sequence,
        )
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why you refer her to a doctor."), code="reason_missing")
    current = for_outcome(consultation, staff, expected_version)
    give_outcome(current, Outcome.REFERRED, note=reason)
    current.passed_to = doctor
    opinions.refer(current, doctor, question=reason, staff=staff, now=now)
    write_outcome(current, staff, now, {"reason": reason, "doctor": str(doctor.pk)})
    return current


@transaction.atomic
def tell_owner(
    *, consultation: Consultation, owner: Staff | None, reason: str, staff: Staff, now: datetime
) -> OwnerHint:
    """K6 as it begins in the room: she says that the visitor belongs to another; supervisors are told, and correct it.

    `owner` None: she does not know whose. Said twice it is said once; said otherwise, the newer word stands. Raises
    Refused `reason_missing`, Stale `moved_away`.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say how you know that she belongs to another."), code="reason_missing")
    current = own(consultation, staff)
    Consultation.objects.select_for_update(no_key=True).get(pk=current.pk)
    hint, _created = OwnerHint.objects.update_or_create(
        consultation=current,
        settled_at=None,
        defaults={"owner": owner, "reason": reason, "said_at": now, "said_by": staff},
        create_defaults={
            "owner": owner,
            "reason": reason,
            "said_at": now,
            "said_by": staff,
            "branch_id": current.branch_id,
            "day": current.day,
        },
    )
    detail = {"reason": reason} | ({"owner": str(owner.pk)} if owner is not None else {})
    audit.record(action="consultations.tell_owner", now=now, staff=staff, target=current, detail=detail)
    outbox.announce(topics=[topics.desk(current.branch_id), topics.visitor(current.visitor_id)])
    return hint


@transaction.atomic
def settle_owner_hint(*, hint: OwnerHint, staff: Staff, now: datetime) -> OwnerHint:
    """A supervisor has taken note of what a consultant said of an owner. Noted twice is noted once."""
    current = OwnerHint.objects.select_for_update(no_key=True, of=("self",)).get(pk=hint.pk)
    if current.settled_at is None:
        current.settled_at, current.settled_by = now, staff
        current.save(update_fields=["settled_at", "settled_by"])
        audit.record(action="consultations.settle_owner_hint", now=now, staff=staff, target=current.consultation)
        outbox.announce(topics=[topics.desk(current.branch_id)])
    return current


def _corrected(
    consultation: Consultation, correction: Correction, expected_sequence: int | None, staff: Staff, now: datetime
) -> Visit:
    """Let triage correct the visit as it is now, and return it; raise Stale when it left her in the meantime.

    It is judged by what the desk said of it: an absent friend is on it again only when it stays and came to that.
    """
    visit = consultation.visit
    triage.hold_desk(visit=visit, desk=FRONT)
    held_visit = Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)
    held = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    held.visit = held_visit
    friend = forget_friend(held)
    try:
        triage.correct_visit(
            visit=visit, correction=correction, expected_sequence=expected_sequence, staff=staff, now=now
        )
    except Refused as refused:
        if refused.code == "not_now" and visit.consultant_id != staff.pk:
            raise Stale(
                _("Visitor %(number)s is no longer with you.") % {"number": str(visit)}, code="moved_away"
            ) from None
        raise
    visit.refresh_from_db()
    if friend is not None and visit.consultant_id == staff.pk and correction.kind not in ENDS_ENQUIRY:
        held.visit = visit
        say_friend(held, friend)
    return visit


def _if_moved(
    consultation: Consultation, visit: Visit, staff: Staff, now: datetime, *, outcome: str, note: str
) -> Consultation:
    """End the consultation of a visitor who has gone to another; leave it as it is when she stays.

    What had an outcome in the room is finished, everything else withdrawn: it counts in no rate (T8). A deal stays.
    """
    current = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    if visit.consultant_id == staff.pk:
        outbox.announce(topics=[topics.queue(staff.pk), topics.visitor(current.visitor_id)])
        return current
    if current.outcome != Outcome.DEAL:
        current.outcome, current.no_deal_reason, current.call_again_on = outcome, "", None
        current.decided_by = None
    current.outcome_note, current.passed_to_id = note, visit.consultant_id
    entered = current.state == State.IN_ROOM
    current.state = State.FINISHED if entered and current.outcome else State.WITHDRAWN
    current.finished_at = now if entered else None
    current.version += 1
    current.save()
    withdraw_discounts(current, now)
    detail = {"reason": note}
    if visit.consultant_id is not None:
        detail["consultant"] = str(visit.consultant_id)
    if current.outcome in ("", Outcome.DEAL):
        audit.record(action="consultations.pass_on", now=now, staff=staff, target=current, detail=detail)
    else:
        audit.record(
            action=f"consultations.record_{current.outcome}", now=now, staff=staff, target=current, detail=detail
        )
    outbox.announce(topics=[topics.queue(staff.pk), topics.visitor(current.visitor_id)])
    return current
