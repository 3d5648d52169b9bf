"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from reception import services

SCHEDULE: dict[str, dict[str, Any]] = {
    "reception: note possible duplicates": {
        "task": "reception.tasks.note_duplicates_nightly",
        "crontab": {"hour": "19", "minute": "10"},
    },
    # Houses stand in different time zones: every hour the day is over somewhere.
    "reception: remind of days that are not closed": {
        "task": "reception.tasks.remind_of_unclosed_days",
        "crontab": {"minute": "23"},
    },
}


@shared_task
def note_duplicates_nightly() -> None:
    """Put down the pairs that look like one person and were not noticed when they were written."""
    services.note_all_duplicates(now=timezone.now())


@shared_task
def remind_of_unclosed_days() -> int:
    """Have the supervisors' screens show the days that are over and not closed. Returns how many there are."""
    return services.remind_of_unclosed_days(now=timezone.now())
