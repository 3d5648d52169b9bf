"""Her calls wait while a complaint of hers is open. The room of complaints says when it is opened and closed."""

from datetime import datetime

from django.db import transaction

from clinic.models import Branch, Staff
from clinic.services import audit
from followups.models import CallBack, CallBar
from followups.services.building import build_call_backs, hold_building
from reception import services as reception
from reception.models import Visitor


@transaction.atomic
def pause_calls(*, visitor: Visitor, about: str, branch: Branch, staff: Staff, now: datetime) -> CallBar:
    """Let a visitor's calls wait until a complaint is closed; return the bar that stands.

    `about`: the number of the complaint, which is one of a branch. Said twice it is one bar. Her calls are made first
    when they come back: she was unhappy.
    """
    visitor = reception.hold_visitor(visitor.pk)
    standing = CallBar.objects.filter(branch=branch, reason=CallBar.Reason.COMPLAINT, about=about, ended_at=None)
    bar = standing.filter(visitor=visitor).first()
    if bar is not None:
        return bar
    bar = CallBar.objects.create(
        visitor=visitor, reason=CallBar.Reason.COMPLAINT, about=about, branch=branch, at=now, by=staff
    )
    audit.record(
        action="followups.pause_calls", now=now, staff=staff, branch=branch, target=visitor, detail={"complaint": about}
    )
    build_call_backs(visitor_ids=[visitor.pk], now=now)
    CallBack.objects.filter(visitor=visitor, state__in=[CallBack.State.OPEN, CallBack.State.CANCELLED]).filter(
        state_reason__in=["", CallBack.Reason.COMPLAINT], risk__lt=CallBack.RAISED_RISK
    ).update(risk=CallBack.RAISED_RISK)
    return bar


@transaction.atomic
def resume_calls(*, about: str, branch: Branch, staff: Staff, now: datetime) -> int:
    """A complaint is closed: let the calls that waited for it alone come back; return how many did.

    They keep their days, so those that fell into the pause are overdue. Said twice it happens once, and a complaint
    nobody's calls wait for changes nothing.
    """
    named = CallBar.objects.filter(branch=branch, reason=CallBar.Reason.COMPLAINT, about=about, ended_at=None)
    waiting = named.first()
    if waiting is None:
        return 0
    visitor = reception.hold_visitor(waiting.visitor_id)
    bar = named.select_for_update().first()
    if bar is None:
        return 0
    bar.ended_at, bar.ended_by = now, staff
    bar.save(update_fields=["ended_at", "ended_by"])
    audit.record(
        action="followups.resume_calls",
        now=now,
        staff=staff,
        branch=branch,
        target=visitor,
        detail={"complaint": about},
    )
    hold_building()
    paused = CallBack.objects.filter(visitor=visitor, state=CallBack.State.CANCELLED, state_reason="complaint")
    waited = list(paused.values_list("pk", flat=True))
    build_call_backs(visitor_ids=[visitor.pk], now=now)
    return CallBack.objects.filter(pk__in=waited, state=CallBack.State.OPEN).count()
