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

from clinic.services import messages, outbox

log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "Publish what is left in the outbox": {"task": "clinic.tasks.publish_outbox", "seconds": 5},
    "Purge the outbox and old sessions": {
        "task": "clinic.tasks.purge",
        "crontab": {"minute": "17", "hour": "19"},
    },
    "Send messages that are due": {"task": "clinic.tasks.send_due_messages", "seconds": 30},
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


@shared_task(name="clinic.tasks.send_message")
def send_message(message_id: int) -> None:
    """Send one message as soon as it is asked for."""
    messages.send_message(message_id=message_id, now=timezone.now())


@shared_task(name="clinic.tasks.send_due_messages", expires=30)
def send_due_messages() -> int:
    """Send what was asked for together, failed a while ago, or was left by a dead worker; return how many were sent."""
    due = messages.due_messages(now=timezone.now())
    # The clock is read for each: one taken at the time of the first would soon look left by a worker that died.
    return sum(messages.send_message(message_id=pk, now=timezone.now()) for pk in due)
