"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from reception.services import note_all_duplicates


@shared_task
def note_duplicates_nightly() -> None:
    """Put down the pairs that look like one person and were not noticed when they were written."""
    note_all_duplicates(now=timezone.now())


SCHEDULE: dict[str, dict[str, Any]] = {
    "reception: note possible duplicates": {
        "task": "reception.tasks.note_duplicates_nightly",
        "crontab": {"hour": "19", "minute": "10"},
    },
}
