"""Periodic work of this room; each task may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from reception.services.intake import empty_cards
from reception.services.public_requests import forget_requests


@shared_task
def empty_own_cards() -> int:
    """Empty visitors' own cards that are not needed any more, and forget who asked from outside; return how many."""
    now = timezone.now()
    forget_requests(now=now)
    return empty_cards(now=now)


SCHEDULE: dict[str, dict[str, Any]] = {
    "reception: empty cards of visitors": {
        "task": "reception.tasks.empty_own_cards",
        "crontab": {"minute": "23"},
    },
}
