"""What concerns all calls of a visitor: that she gets none, or that she is tracked individually."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from followups.models import CallBar, Tracking
from followups.services.building import build_call_backs
from followups.services.owner_building import build_owner_calls
from reception import services as reception
from reception.models import Visitor


@transaction.atomic
def bar_calls(*, visitor: Visitor, reason: str, branch: Branch, staff: Staff, now: datetime) -> CallBar:
    """Note that a visitor gets no calls at all any more, and close those that are open; return the bar that stands.

    `reason`: a value of CallBar.Reason but for a complaint, whose bar `pause_calls` sets. Noted twice it is one bar.
    Raises Refused `reason_unknown`.
    """
    if reason not in CallBar.Reason.values or reason == CallBar.Reason.COMPLAINT:
        raise Refused(_("Say why she gets no calls."), code="reason_unknown")
    visitor = reception.hold_visitor(visitor.pk)
    bar = CallBar.objects.filter(visitor=visitor, reason=reason, ended_at=None).first()
    if bar is None:
        bar = CallBar.objects.create(visitor=visitor, reason=reason, branch=branch, at=now, by=staff)
        audit.record(
            action="followups.bar_calls",
            now=now,
            staff=staff,
            branch=branch,
            target=visitor,
            detail={"reason": reason},
        )
    build_call_backs(visitor_ids=[visitor.pk], now=now)
    build_owner_calls(visitor_ids=[visitor.pk], now=now)
    return bar


@transaction.atomic
def lift_bar(*, bar: CallBar, staff: Staff, now: datetime) -> CallBar:
    """Let a visitor be called again; her calls that are still due open again.

    Raises Stale `lifted`, Refused `complaint_open` for what only closing the complaint ends.
    """
    if bar.reason == CallBar.Reason.COMPLAINT:
        raise Refused(
            _("Her calls wait for complaint %(number)s. Close the complaint, and they come back by themselves.")
            % {"number": bar.about},
            code="complaint_open",
        )
    reception.hold_visitor(bar.visitor_id)
    current = CallBar.objects.select_for_update().select_related("visitor", "branch").get(pk=bar.pk)
    if current.ended_at is not None:
        raise Stale(_("She is called again already."), code="lifted")
    current.ended_at, current.ended_by = now, staff
    current.save(update_fields=["ended_at", "ended_by"])
    audit.record(
        action="followups.lift_bar",
        now=now,
        staff=staff,
        branch=current.branch,
        target=current.visitor,
        detail={"reason": current.reason},
    )
    build_call_backs(visitor_ids=[current.visitor_id], now=now)
    build_owner_calls(visitor_ids=[current.visitor_id], now=now)
    return current


@transaction.atomic
def track_visitor(*, visitor: Visitor, reason: str, branch: Branch, staff: Staff, now: datetime) -> Tracking:
    """Follow a visitor individually from now on: the steps for such visitors are added to her calls.

    Noted twice it is one tracking. Raises Refused `reason_missing`.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why she is tracked individually."), code="reason_missing")
    visitor = reception.hold_visitor(visitor.pk)
    tracking = Tracking.objects.filter(visitor=visitor, ended_at=None).first()
    if tracking is None:
        tracking = Tracking.objects.create(visitor=visitor, reason=reason, branch=branch, at=now, by=staff)
        audit.record(
            action="followups.track_visitor",
            now=now,
            staff=staff,
            branch=branch,
            target=visitor,
            detail={"reason": reason},
        )
        build_call_backs(visitor_ids=[visitor.pk], now=now)
    return tracking


@transaction.atomic
def end_tracking(*, tracking: Tracking, staff: Staff, now: datetime) -> Tracking:
    """Follow a visitor as everybody else again; open calls that only tracked visitors have are closed.

    Raises Stale `ended`.
    """
    reception.hold_visitor(tracking.visitor_id)
    current = Tracking.objects.select_for_update().select_related("visitor", "branch").get(pk=tracking.pk)
    if current.ended_at is not None:
        raise Stale(_("She is not tracked individually any more."), code="ended")
    current.ended_at, current.ended_by = now, staff
    current.save(update_fields=["ended_at", "ended_by"])
    audit.record(
        action="followups.end_tracking",
        now=now,
        staff=staff,
        branch=current.branch,
        target=current.visitor,
        detail={"reason": current.reason},
    )
    build_call_backs(visitor_ids=[current.visitor_id], now=now)
    return current
