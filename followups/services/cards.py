"""What holds for every card that is worked from a list: one holder, for a while, and nobody records it twice."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Stale
from clinic.services.turns import one_at_a_time
from followups.models import CallBack, OwnerCall

# For how long a card is somebody's who does not touch it (E19).
LEASE = timedelta(minutes=10)


def one_hand(kind: type[CallBack | OwnerCall], staff: Staff) -> None:
    """Let one person's windows take and leave cards one after the other, so that she ends with one, never two."""
    one_at_a_time(f"{kind._meta.model_name} cards of {staff.pk}")


def refuse_held(row: CallBack | OwnerCall, staff: Staff, now: datetime) -> None:
    """Raise Stale `held` while another person holds a locked card."""
    holder = row.holder(now)
    if holder is not None and holder != staff and row.held_until is not None:
        until = timezone.localtime(row.held_until, row.branch.zone)
        raise Stale(
            _("%(name)s has this card. It is free again at %(time)s at the latest.")
            % {"name": holder, "time": time_format(until, "H:i")},
            code="held",
        )


def refuse_closed(row: CallBack | OwnerCall, staff: Staff) -> None:
    """Raise Stale `closed` when a locked card is not to be called any more, saying what came of it."""
    if row.state == row.State.OPEN:
        return
    last = row.attempts.select_related("staff").order_by("-id").first()
    if last is not None and row.state == row.State.DONE:
        raise Stale(
            _("%(name)s has already recorded this call: %(result)s.")
            % {"name": last.staff if last.staff != staff else _("You"), "result": last.get_result_display()},
            code="closed",
        )
    raise Stale(
        _("This call is no longer to be made: %(reason)s.") % {"reason": row.get_state_reason_display()}, code="closed"
    )


def raise_others(row: CallBack) -> None:
    """Put the visitor's other open calls at the top, because in this one she was unhappy or not well."""
    others = CallBack.objects.filter(visitor_id=row.visitor_id, state=CallBack.State.OPEN).exclude(pk=row.pk)
    others.filter(risk__lt=CallBack.RAISED_RISK).update(risk=CallBack.RAISED_RISK)


def refuse_changed(row: CallBack | OwnerCall, version: int | None) -> None:
    """Raise Stale `moved` when a locked card is not what the screen showed (`version`; None: nobody looked)."""
    if version is not None and row.version != version:
        raise Stale(
            _("This call has changed since you opened it: it is now due on %(day)s, after %(tries)s tries.")
            % {"day": date_format(row.call_on, "DATE_FORMAT"), "tries": row.tries},
            code="moved",
        )
