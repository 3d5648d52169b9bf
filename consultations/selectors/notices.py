"""Notices that nobody heeds: the front desk is told of visitors who wait unseen at their consultant's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from clinic.models import Staff
from consultations.models import Consultation, UnheededNotice
from reception.models import Visit

# How long the consultant alone is told before the desk is, too.
UNHEEDED_AFTER = timedelta(minutes=2)
# More at once would push the desk's work off the screen.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unheeded:
    """Who waits unseen for too long, the longest first, at most SHOWN, and how many `more` there are.

    `next_in`: in how many seconds the next one will (None: nobody).
    """

    visits: list[Visit]
    more: int
    next_in: int | None


def unheeded(staff: Staff, now: datetime) -> Unheeded:
    """Return the visits of this person's branch that their consultants have not looked at, and no desk has. One query.

    It is read from what was written when a visit was given to somebody and seen by her, so nothing has to be started
    or remembered for it.
    """
    looked_at = Consultation.objects.filter(
        visit=OuterRef("pk"), consultant=OuterRef("consultant"), acknowledged_at__gte=OuterRef("allocated_at")
    )
    told = UnheededNotice.objects.filter(visit=OuterRef("pk"), given_at=OuterRef("allocated_at"))
    waiting = list(
        Visit.objects.filter(
            ~Exists(looked_at),
            ~Exists(told),
            branch=staff.branch_id,
            day=staff.branch.today(now),
            state=Visit.State.WAITING,
            consultant__isnull=False,
            allocated_at__isnull=False,
            isolated_at=None,
        )
        .select_related("consultant")
        .order_by("allocated_at", "pk")
    )
    late = [visit for visit in waiting if _due(visit) <= now]
    coming = [(_due(visit) - now).total_seconds() for visit in waiting[len(late) :]]
    return Unheeded(late[:SHOWN], len(late[SHOWN:]), int(coming[0]) + 1 if coming else None)


def _due(visit: Visit) -> datetime:
    assert visit.allocated_at is not None
    return visit.allocated_at + UNHEEDED_AFTER


def visits_at(staff: Staff) -> QuerySet[Visit]:
    """Return the visits of this person's branch."""
    return Visit.objects.filter(branch=staff.branch_id)
