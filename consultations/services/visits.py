"""From the moment a visitor is given to a consultant until she goes: notified, accepted, entered, finished."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import Consultation, DeskCase
from consultations.selectors import ownership, standings
from consultations.selectors.notices import UNHEEDED_AFTER
from consultations.selectors.queue import room_taken
from consultations.services.friends import forget_friend
from consultations.services.outcomes import FOUND_OUT, is_found_out
from consultations.services.plans import withdraw_discounts
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from triage import services as triage
from triage.selectors.boards import FRONT

State = Consultation.State
# Within this time a second call is the first one, pressed twice.
CALL_PAUSE = timedelta(seconds=5)


def _with(visit: Visit, staff: Staff) -> None:
    """Raise Stale unless the visit is still with this consultant today and waiting to be taken."""
    number = f"{visit.number:03d}"
    if visit.consultant_id != staff.pk:
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": number}, code="moved_away")
    if visit.state != Visit.State.WAITING:
        raise Stale(
            _("Visitor %(number)s is not waiting any more: %(state)s.")
            % {"number": number, "state": visit.get_state_display()},
            code="not_waiting",
        )


def _tell(consultation: Consultation) -> None:
    outbox.announce(topics=[topics.queue(consultation.consultant_id), topics.visitor(consultation.visitor_id)])


def _open_of(visit: Visit) -> Consultation | None:
    """Return the visit's open consultation under lock, whoever has it: its record may be saved in another window."""
    rows = Consultation.objects.select_for_update(no_key=True)
    return rows.filter(visit=visit, state__in=[State.OFFERED, State.ACCEPTED, State.IN_ROOM]).first()


def _begin(*, visit: Visit, staff: Staff, now: datetime) -> Consultation:
    """Return this consultant's open row of a locked visit; what an earlier consultant left open is ended."""
    held = _open_of(visit)
    if held is not None and held.consultant_id == staff.pk:
        return held
    if held is not None:
        _let_go(held, visit, now)
    return Consultation(
        visit=visit,
        visitor_id=visit.visitor_id,
        consultant=staff,
        branch_id=visit.branch_id,
        day=visit.day,
        offered_at=visit.allocated_at or now,
    )


@transaction.atomic
def acknowledge_visit(*, visit: Visit, staff: Staff, now: datetime) -> Consultation:
    """Note that the consultant has seen the notice, so that it stops repeating; seen twice is seen once.

    Raises Stale when the visit is no longer with her or not waiting.
    """
    visit = _held(visit)
    _with(visit, staff)
    consultation = _begin(visit=visit, staff=staff, now=now)
    given_at = visit.allocated_at or now
    if consultation.acknowledged_at is None or consultation.acknowledged_at < given_at:
        consultation.offered_at = given_at
        consultation.acknowledged_at = now
        consultation.save()
        _tell(consultation)
        if now - given_at >= UNHEEDED_AFTER:
            # The desk was told of her meanwhile.
            outbox.announce(topics=[topics.register(visit.branch_id)])
    return consultation


@transaction.atomic
def accept_visit(*, visit: Visit, staff: Staff, now: datetime) -> Consultation:
    """The consultant takes the visitor. Accepting what she has accepted already gives the same consultation back.

    Raises Stale when the visit is no longer with her or not waiting.
    """
    visit = _held(visit)
    held = _open_of(visit) if visit.consultant_id == staff.pk else None
    # Taken back and given to her again, a visit waits once more, whatever she had accepted before.
    waits = visit.state == Visit.State.WAITING
    if held is not None and held.consultant_id == staff.pk and held.state != State.OFFERED and not waits:
        return held
    _with(visit, staff)
    consultation = _begin(visit=visit, staff=staff, now=now)
    consultation.state = State.ACCEPTED
    consultation.acknowledged_at = consultation.acknowledged_at or now
    consultation.accepted_at = now
    consultation.save()
    reception.record_progress(visit=visit, state=Visit.State.ACCEPTED, now=now)
    audit.record(action="consultations.accept_visit", now=now, staff=staff, target=consultation)
    _tell(consultation)
    if consultation.decline_reason:
        outbox.announce(topics=[topics.desk(visit.branch_id)])
    return consultation


def decline_visit(*, visit: Visit, reason: str, staff: Staff, now: datetime) -> Consultation:
    """The consultant turns the visitor down before accepting (T7); triage loses the turn, or refuses by policy.

    Raises Refused without a reason; Refused `decline_forbidden` when the policy forbids declining, and then the
    consulting supervisors are told; Stale when the visit is no longer with her or not waiting.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why you decline."), code="reason_missing")
    try:
        return _decline(visit=visit, reason=reason, staff=staff, now=now)
    except Refused as refused:
        if refused.code != "decline_forbidden":
            raise
        _tell_supervisors(visit=visit, reason=reason, staff=staff, now=now)
        raise Refused(
            _("Visits may not be declined here. The consulting supervisor has been told."), code=refused.code
        ) from None


@transaction.atomic
def _decline(*, visit: Visit, reason: str, staff: Staff, now: datetime) -> Consultation:
    # The board is locked between the visitor and the visit, by what is written on it.
    reception.hold_visitor(visit.visitor_id)
    visit = Visit.objects.get(pk=visit.pk)
    _with(visit, staff)
    triage.record_decline(visit=visit, reason=reason, consultant=staff, staff=staff, now=now)
    consultation = _begin(visit=visit, staff=staff, now=now)
    consultation.state = State.DECLINED
    consultation.decline_reason = reason
    consultation.acknowledged_at = consultation.acknowledged_at or now
    consultation.save()
    audit.record(
        action="consultations.decline_visit", now=now, staff=staff, target=consultation, detail={"reason": reason}
    )
    _tell(consultation)
    return consultation


@transaction.atomic
def _tell_supervisors(*, visit: Visit, reason: str, staff: Staff, now: datetime) -> None:
    """Keep why she would have declined, on the visit that stays with her: her supervisors see it until she takes it."""
    visit = _held(visit)
    _with(visit, staff)
    consultation = _begin(visit=visit, staff=staff, now=now)
    consultation.decline_reason = reason
    consultation.acknowledged_at = consultation.acknowledged_at or now
    consultation.save()
    audit.record(
        action="consultations.decline_forbidden", now=now, staff=staff, target=consultation, detail={"reason": reason}
    )
    _tell(consultation)
    outbox.announce(topics=[topics.desk(visit.branch_id)])


def _held(visit: Visit) -> Visit:
    """Lock a visit behind its visitor, in the order in which a merging of records takes them."""
    reception.hold_visitor(visit.visitor_id)
    return Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)


def own(consultation: Consultation, staff: Staff) -> Consultation:
    """Return the row as it is now; raise Stale when it is not this consultant's to go on with."""
    current = Consultation.objects.select_related("visit").get(pk=consultation.pk)
    gone = current.state in (State.DECLINED, State.WITHDRAWN) or current.visit.consultant_id != staff.pk
    if current.consultant_id != staff.pk or gone:
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": str(current.visit)}, code="moved_away")
    return current


def _locked(consultation: Consultation, state: str) -> Consultation:
    """Return the row locked; raise Stale when another tab moved it on in the meantime."""
    current = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    if current.state != state:
        raise Stale(
            _("This consultation has moved on: %(state)s.") % {"state": current.get_state_display()}, code="moved_on"
        )
    return current


@transaction.atomic
def call_visitor(*, consultation: Consultation, staff: Staff, now: datetime) -> Consultation:
    """Call once more a visitor who was accepted and has not come: the waiting-room screens show her as the newest.

    Called again within CALL_PAUSE of the last call is that call. Raises Refused `room_taken` while another visitor is
    in the room, Stale when she is in it herself or moved away.
    """
    current = own(consultation, staff)
    if current.state != State.ACCEPTED:
        raise Stale(
            _("This consultation has moved on: %(state)s.") % {"state": current.get_state_display()}, code="moved_on"
        )
    inside = room_taken(staff)
    if inside is not None:
        raise Refused(
            _("Visitor %(number)s is still in your room. Finish that consultation first.") % {"number": str(inside)},
            code="room_taken",
        )
    last = max(filter(None, (current.visit.accepted_at, current.visit.called_at)), default=None)
    if last is not None and now - last < CALL_PAUSE:
        return current
    current.visit = reception.record_call(visit=current.visit, now=now)
    audit.record(action="consultations.call_visitor", now=now, staff=staff, target=current)
    _tell(current)
    return current


@transaction.atomic
def enter_room(*, consultation: Consultation, staff: Staff, now: datetime) -> Consultation:
    """The visitor comes into the room: a reception on the board. Entering twice is entering once.

    Raises Refused while another visitor is in this consultant's room, while she is with somebody at a department
    (`elsewhere`) or before accepting, Stale when the visit moved.
    """
    # Whoever presses twice waits here, and reads afterwards what the first press has done.
    reception.hold_visitor(consultation.visitor_id)
    current = own(consultation, staff)
    if current.state == State.IN_ROOM:
        return current
    if current.state != State.ACCEPTED:
        raise Stale(
            _("This consultation has moved on: %(state)s.") % {"state": current.get_state_display()}, code="moved_on"
        )
    _refuse_at_department(current.visit)
    # The board first, as everywhere; what is refused afterwards takes the entry back with it.
    triage.record_entry(visit=current.visit, staff=staff, now=now)
    _let_moved_go(staff, now)
    _room_is_empty(staff)
    current = _locked(current, State.ACCEPTED)
    current.state = State.IN_ROOM
    current.entered_at = now
    current.version += 1
    try:
        with transaction.atomic():
            current.save(update_fields=["state", "entered_at", "version"])
    except IntegrityError:
        _room_is_empty(staff)
        raise
    audit.record(action="consultations.enter_room", now=now, staff=staff, target=current)
    _tell(current)
    return current


@transaction.atomic
def resume_consultation(*, visit: Visit, staff: Staff, now: datetime) -> Consultation:
    """She was passed on out of the room and the desk took that back at once (K8): the consultation goes on.

    What it had come to is not said any more, but for a deal. Resuming twice is resuming once. Raises Stale when the
    visitor is not in this room by the register, Refused while another visitor is in it.
    """
    visit = _held(visit)
    if visit.consultant_id != staff.pk or visit.state != Visit.State.IN_ROOM:
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": str(visit)}, code="moved_away")
    hers = Consultation.objects.select_for_update(no_key=True).filter(visit=visit, consultant=staff)
    current = hers.exclude(entered_at=None).order_by("-pk").first()
    if current is None:
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": str(visit)}, code="moved_away")
    if current.state == State.IN_ROOM:
        return current
    _let_moved_go(staff, now)
    _room_is_empty(staff)
    held = _open_of(visit)
    if held is not None:
        _let_go(held, visit, now)
    current.state, current.finished_at = State.IN_ROOM, None
    current.visit = visit
    forget_friend(current)
    if current.outcome != Consultation.Outcome.DEAL:
        current.outcome = current.outcome_note = ""
    current.passed_to = None
    current.version += 1
    current.save()
    audit.record(action="consultations.resume_consultation", now=now, staff=staff, target=current)
    _tell(current)
    return current


def _let_moved_go(staff: Staff, now: datetime) -> None:
    """A correction took the visitor out of her room (K3–K7): that consultation is not hers to finish any more."""
    rows = Consultation.objects.select_for_update(of=("self",), no_key=True).select_related("visit")
    for moved in rows.filter(consultant=staff, state=State.IN_ROOM).exclude(visit__consultant=staff):
        _let_go(moved, moved.visit, now)


def _let_go(held: Consultation, visit: Visit, now: datetime) -> None:
    """End a locked consultation whose visitor is elsewhere: what had an outcome in the room is finished.

    Everything else is withdrawn: it counts in no rate (T8).
    """
    if held.state == State.IN_ROOM and held.outcome:
        held.state, held.finished_at = State.FINISHED, now
        if visit.consultant_id != held.consultant_id:
            held.passed_to_id = visit.consultant_id
    else:
        held.state = State.WITHDRAWN
    held.version += 1
    held.save(update_fields=["state", "finished_at", "passed_to", "version"])
    withdraw_discounts(held, now)


def _refuse_at_department(visit: Visit) -> None:
    """Refuse to have a locked visitor come in while she is with somebody at a department."""
    inside = DeskCase.objects.filter(visit__visitor=visit.visitor_id, state=DeskCase.State.WITH_STAFF)
    case = inside.select_related("staff", "visit").first()
    if case is not None:
        raise Refused(
            _("%(number)s is still with %(name)s. Let that be finished first.")
            % {"number": case.visit, "name": case.staff.display_name if case.staff is not None else ""},
            code="elsewhere",
        )


def _room_is_empty(staff: Staff) -> None:
    other = Consultation.objects.filter(consultant=staff, state=State.IN_ROOM).select_related("visit").first()
    if other is not None:
        raise Refused(
            _("Visitor %(number)s is still in your room. Finish that consultation first.")
            % {"number": str(other.visit)},
            code="room_taken",
            detail={"consultation": other.pk},
        )


@transaction.atomic
def finish_consultation(*, consultation: Consultation, staff: Staff, now: datetime) -> Consultation:
    """The visitor leaves the room with an outcome; reception learns owner (O1), standing and by whom she was consulted.

    Finishing twice is finishing once. Raises Refused without an outcome or before entering, Stale when it moved on.
    """
    visitor = reception.hold_visitor(consultation.visitor_id)
    # What the desk corrects at this moment is on the visit before it is read whose visitor she is.
    triage.hold_desk(visit=consultation.visit, desk=FRONT)
    current = own(consultation, staff)
    if current.state == State.FINISHED:
        return current
    if current.state != State.IN_ROOM:
        raise Refused(_("The visitor has not come into your room yet."), code="not_in_room")
    if not current.outcome:
        raise Refused(_("Record the outcome first: deal, no deal or another."), code="outcome_missing")
    if current.outcome in FOUND_OUT and not is_found_out(current):
        raise Refused(
            _("The front desk has taken it back that nothing can be sold. Record the outcome again."),
            code="outcome_missing",
        )
    reception.record_standing(
        visitor=visitor,
        standing=_standing_after(visitor),
        owner=ownership.owner_after(current.visit, visitor, staff),
        consulted_by=[staff, *_received_before(current)],
    )
    triage.record_finish(visit=current.visit, staff=staff, now=now)
    current = _locked(current, State.IN_ROOM)
    if not current.outcome:
        raise Refused(_("Record the outcome first: deal, no deal or another."), code="outcome_missing")
    current.state = State.FINISHED
    current.finished_at = now
    current.version += 1
    current.save(update_fields=["state", "finished_at", "version"])
    audit.record(
        action="consultations.finish_consultation",
        now=now,
        staff=staff,
        target=current,
        detail={"outcome": current.outcome},
    )
    _tell(current)
    outbox.announce(topics=[], event="consultation_finished", payload={"visitor_id": current.visitor_id})
    return current


@transaction.atomic
def settle_left(*, visit: Visit, now: datetime) -> bool:
    """Write down standing, owner and who consulted a visitor who was passed on and then left (O1, C2, C4).

    The consultations she had before were ended without it, because the next one was to say so. What is open still ends
    with her leaving, and with an entry that is made void. Done twice is done once. Returns whether there was anything
    to write down.
    """
    visitor = reception.hold_visitor(visit.visitor_id)
    visit = Visit.objects.select_related("owner").get(pk=visit.pk)
    held = _open_of(visit) if visit.state in (Visit.State.LEFT, Visit.State.VOID) else None
    if held is not None:
        _let_go(held, visit, visit.left_at or now)
        _tell(held)
    received = list(
        Consultation.objects.filter(visit=visit, state=State.FINISHED, entered_at__isnull=False)
        .select_related("consultant")
        .order_by("pk")
    )
    if visit.state != Visit.State.LEFT or not received:
        return False
    had_her = [one.consultant for one in received]
    owner = ownership.owner_after(visit, visitor, had_her[-1])
    if owner is not None and owner.pk == visit.consultant_id and owner not in had_her:
        # Whom she waited for did not receive her: she belongs to who did, unless she had an owner before.
        owner = had_her[-1] if visitor.owner_id is None else None
    reception.record_standing(visitor=visitor, standing=_standing_after(visitor), owner=owner, consulted_by=had_her)
    return True


def _received_before(consultation: Consultation) -> QuerySet[Staff]:
    """Return who consulted the visitor earlier in this visit, before she was passed on (K4, K7)."""
    return Staff.objects.filter(consultations__visit=consultation.visit_id, consultations__state=State.FINISHED)


def _standing_after(visitor: Visitor) -> Standing:
    """Return how far the visitor has come with this consultation; never less than before."""
    reached = ownership.higher(Standing.NO_DEAL, standings.standing_by_deals(visitor))
    return ownership.higher(Standing(visitor.standing), reached)
