"""What the worker does for this room."""

from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from reception.services import remind_of_unclosed_days

SCHEDULE: dict[str, dict[str, Any]] = {
    # Houses stand in different time zones: every hour the day is over somewhere.
    "Remind of days that are not closed": {
        "task": "reception.tasks.remind_of_unclosed_days",
        "crontab": {"minute": "23"},
    },
}


@shared_task(name="reception.tasks.remind_of_unclosed_days")
def remind_of_unclosed_days_task() -> int:
    """Have the supervisors' screens show the days that are over and not closed. Returns how many there are."""
    now: datetime = timezone.now()
    return remind_of_unclosed_days(now=now)
