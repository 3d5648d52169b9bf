"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from clinic.models import Branch
from reception.selectors.appointments import closing_of, open_days_of
from reception.services import close_appointments_of

# Who comes at the last minute is still registered before she counts as not come.
AFTER_CLOSING = timedelta(minutes=30)


@shared_task(expires=1800)
def close_appointments() -> int:
    """Note who did not come on days that are over, at each branch by its own clock; return how many there were."""
    now, absent = timezone.now(), 0
    for branch in Branch.objects.all():
        today = branch.today(now)
        for day in open_days_of(branch, today):
            closes = closing_of(branch, day)
            if day < today or (closes is not None and now >= closes + AFTER_CLOSING):
                absent += close_appointments_of(branch=branch, day=day, staff=None, now=now)
    return absent


SCHEDULE: dict[str, dict[str, Any]] = {
    "reception: note who did not come": {"task": "reception.tasks.close_appointments", "crontab": {"minute": "*/15"}},
}
