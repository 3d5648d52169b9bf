"""How much of each kind of project fits into a half hour."""

from collections.abc import Sequence
from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.services import audit, outbox
from reception import slots
from reception.models import SlotCapacity


@transaction.atomic
def set_capacity(
    *,
    branch: Branch,
    group: str,
    weekdays: Sequence[int],
    begins: time,
    ends: time,
    capacity: int,
    staff: Staff,
    now: datetime,
) -> int:
    """Set what each half hour between two times can take on some weekdays (0 = Monday); return how many half hours.

    What is booked already stays. Raises Refused `half_hours` when no half hour lies between.
    """
    between = slots.slots_between(begins, ends)
    if not between or not weekdays:
        raise Refused(_("Choose at least one weekday, and an end at least half an hour later."), code="half_hours")
    rows = [
        SlotCapacity(branch=branch, group=group, weekday=weekday, starts=starts, capacity=capacity)
        for weekday in sorted(set(weekdays))
        for starts in between
    ]
    SlotCapacity.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["branch", "group", "weekday", "starts"],
        update_fields=["capacity"],
    )
    audit.record(
        action="reception.set_capacity",
        now=now,
        staff=staff,
        branch=branch,
        detail={
            "group": group,
            "weekdays": sorted(set(weekdays)),
            "from": f"{begins:%H:%M}",
            "to": f"{ends:%H:%M}",
            "capacity": capacity,
        },
    )
    outbox.announce(topics=[topics.appointments(branch.pk)])
    return len(rows)
