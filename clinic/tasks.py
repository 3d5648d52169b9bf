"""Periodic work of the hospital itself."""

from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from clinic.services import outbox

log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "Publish what is left in the outbox": {"task": "clinic.tasks.publish_outbox", "seconds": 5},
    "Purge the outbox and old sessions": {
        "task": "clinic.tasks.purge",
        "crontab": {"minute": "17", "hour": "19"},
    },
}


@shared_task(name="clinic.tasks.publish_outbox", expires=10)
def publish_outbox() -> int:
    """Publish events whose process died or found Redis away; return how many."""
    try:
        return outbox.publish_pending()
    except (RedisError, OperationalError) as error:
        log.warning("outbox_still_waiting", error=type(error).__name__)
        return 0


@shared_task(name="clinic.tasks.purge")
def purge() -> int:
    """Delete published events older than settings.OUTBOX_DAYS and sessions that are over; return how many events."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    return outbox.purge_published(before=now - timedelta(days=settings.OUTBOX_DAYS))
