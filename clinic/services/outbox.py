"""The outbox: a change is announced in the transaction that makes it, and published after commit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from clinic.live import bus
from clinic.models import OutboxEvent
from clinic.services.together import held_back, write
from clinic.statements import Statement, run

log = structlog.get_logger(__name__)

# Not waited for until it is on disk: when a crash takes the mark away, the event is published once more, and no harm.
_NOT_WAITED_FOR = "set local synchronous_commit to off"
_PUBLISHED = "update clinic_outboxevent set published_at = statement_timestamp() where id = %s"


def announce(*, topics: Iterable[str], event: str = "", payload: dict[str, Any] | None = None) -> None:
    """Say that these topics (see `clinic.live.topics`) changed; open screens hear of it when the transaction commits.

    `event` names something that happened for which `settings.EVENT_TASKS` may start tasks, with `payload` (plain JSON)
    as their keyword arguments. Must be called inside a transaction. When Redis is away the row stays, and the beat
    publishes it later: each event is published at least once, so its tasks are idempotent.
    """
    if not event and (waiting := [row for row in held_back(OutboxEvent) if not row.event]):
        waiting[0].topics = sorted({*waiting[0].topics, *topics})
        return
    row = write(OutboxEvent(topics=sorted(set(topics)), event=event, payload=payload or {}))
    transaction.on_commit(lambda: _publish_quietly(row), robust=True)


def _publish(row: OutboxEvent) -> None:
    for task in settings.EVENT_TASKS.get(row.event, []):
        current_app.send_task(task, kwargs=row.payload, retry=False)
    bus.publish(row.pk, row.topics)


def _publish_quietly(row: OutboxEvent) -> None:
    try:
        _publish(row)
    except (RedisError, OperationalError) as error:
        log.warning("outbox_publish_failed", outbox_id=row.pk, error=type(error).__name__)
        return
    with transaction.atomic():
        run(Statement(_NOT_WAITED_FOR), Statement(_PUBLISHED, [row.pk]))


def publish_pending(*, limit: int = 1000) -> int:
    """Publish what an earlier process committed but did not publish; return how many. Safe to run twice at once.

    Raises `redis.RedisError` or `kombu.exceptions.OperationalError` when Redis is away.
    """
    with transaction.atomic():
        rows = list(
            OutboxEvent.objects.select_for_update(skip_locked=True).filter(published_at=None).order_by("id")[:limit]
        )
        for row in rows:
            _publish(row)
        OutboxEvent.objects.filter(pk__in=[row.pk for row in rows]).update(published_at=Now())
    return len(rows)


def purge_published(*, before: datetime) -> int:
    """Delete events published before an instant; return how many."""
    deleted, _by_model = OutboxEvent.objects.filter(published_at__lt=before).delete()
    return deleted
