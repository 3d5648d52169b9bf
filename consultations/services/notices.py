"""Who is told of a waiting visitor, and how."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Stale
from clinic.services import audit, outbox
from clinic.services import staff as staff_services
from consultations.models import UnheededNotice
from reception.models import Visit


@transaction.atomic
def note_unheeded_seen(*, visit: Visit, staff: Staff, now: datetime) -> UnheededNotice:
    """The desk has seen that a visitor waits unseen at her consultant's, and sees to it; seen twice is seen once.

    Given to somebody again, the desk is told again. Raises Stale `not_waiting` when she does not wait any more.
    """
    visit = Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)
    if visit.state != Visit.State.WAITING or visit.consultant_id is None or visit.allocated_at is None:
        raise Stale(
            _("Visitor %(number)s is not waiting any more: %(state)s.")
            % {"number": str(visit), "state": visit.get_state_display()},
            code="not_waiting",
        )
    seen, made = UnheededNotice.objects.get_or_create(
        visit=visit,
        given_at=visit.allocated_at,
        defaults={"consultant_id": visit.consultant_id, "seen_at": now, "seen_by": staff},
    )
    if made:
        audit.record(action="consultations.see_unheeded", now=now, staff=staff, branch=visit.branch, target=visit)
        outbox.announce(topics=[topics.register(visit.branch_id)])
    return seen


@transaction.atomic
def set_notice_switches(*, staff: Staff, sound: bool, desktop: bool, title: bool) -> None:
    """Keep how somebody wants to be told of a new visitor; every screen of hers follows."""
    staff_services.keep_notice_switches(staff=staff, sound=sound, desktop=desktop, title=title)
    outbox.announce(topics=[topics.queue(staff.pk)])
