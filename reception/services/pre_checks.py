"""The pre-check at the door: a suspected case is registered, set apart and reported, and not queued until cleared."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from reception.infections import Answers
from reception.models import Isolation, PreCheck, Visit
from reception.models.consents import Via


@transaction.atomic
def record_pre_check(*, visit: Visit, answers: Answers, via: str = Via.DESK, staff: Staff, now: datetime) -> PreCheck:
    """Write down what was measured and answered; a suspected case is set apart and the desk supervisor told.

    Whoever is with a consultant already is set apart only after the allocation was taken back: Stale `visit_state`.
    Earlier answers stay. An answer that raises no suspicion does not end an isolation: that needs a reason.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    if answers.suspected and visit.state != Visit.State.REGISTERED:
        raise Stale(
            _("%(number)s is “%(state)s” and can only be set apart while nobody has her. Take that back first.")
            % {"number": visit, "state": visit.get_state_display()},
            code="visit_state",
            detail={"state": visit.state},
        )
    written = PreCheck.objects.create(
        visit=visit,
        at=now,
        staff=staff,
        via=via,
        temperature=answers.temperature,
        fever=answers.fever,
        cough=answers.cough,
        contact=answers.contact,
        travel=answers.travel,
        suspected=answers.suspected,
    )
    told = [topics.register(visit.branch_id), topics.visitor(visit.visitor_id)]
    if answers.suspected and visit.isolated_at is None:
        visit.isolated_at = now
        visit.version += 1
        visit.save(update_fields=["isolated_at", "version"])
        Isolation.objects.create(visit=visit, reported_at=now, reported_by=staff)
        audit.record(action="reception.set_apart", now=now, staff=staff, branch=visit.branch, target=visit)
        told.append(topics.desk(visit.branch_id))
    outbox.announce(topics=told)
    return written


@transaction.atomic
def note_isolation_seen(*, visit: Visit, staff: Staff, now: datetime) -> None:
    """The supervisor has seen the report; seen twice is seen once."""
    seen = Isolation.objects.filter(visit=visit, ended_at=None, seen_at=None).update(seen_at=now, seen_by=staff)
    if seen:
        audit.record(action="reception.isolation_seen", now=now, staff=staff, branch=visit.branch, target=visit)
        outbox.announce(topics=[topics.desk(visit.branch_id)])


@transaction.atomic
def end_isolation(*, visit: Visit, reason: str, staff: Staff, now: datetime) -> Visit:
    """The suspicion is cleared: the visitor is triaged like everybody else; return the visit, re-read under lock.

    Raises Refused `reason` without one, Stale `not_isolated` when somebody ended it already.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say who cleared her and why: it stays with the visit."), code="reason")
    standing = Isolation.objects.filter(visit=visit, ended_at=None)
    if not standing.update(ended_at=now, ended_by=staff, ended_because=reason[:200]):
        raise Stale(_("%(number)s is not set apart any more.") % {"number": visit}, code="not_isolated")
    # A visit that is over stays as it is: its day may be signed.
    if visit.state in Visit.OPEN_STATES:
        visit.isolated_at = None
        visit.version += 1
        visit.save(update_fields=["isolated_at", "version"])
    audit.record(
        action="reception.end_isolation",
        now=now,
        staff=staff,
        branch=visit.branch,
        target=visit,
        detail={"reason": reason[:200]},
    )
    outbox.announce(
        topics=[topics.register(visit.branch_id), topics.visitor(visit.visitor_id), topics.desk(visit.branch_id)]
    )
    return visit
