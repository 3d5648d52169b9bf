"""Long work with progress: started by a page, carried out by a task, watched on the job's own page."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from clinic.live import bus, topics
from clinic.models import Branch, Job, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.outbox import announce

OPEN = [Job.State.WAITING, Job.State.RUNNING]


class Cancelled(Exception):
    """Somebody asked for the job to stop; the task lets this end it, and `fail` need not be called."""


@transaction.atomic
def start(
    *,
    kind: str,
    staff: Staff,
    now: datetime,
    arguments: Mapping[str, object] | None = None,
    branch: Branch | None = None,
    total: int = 0,
) -> Job:
    """Create a job whose task begins when the transaction commits, or later when Redis is away.

    `kind` is `room.verb_noun` and the event under which `settings.EVENT_TASKS` names the task, called with `job_id`
    (text); `arguments` is plain JSON for the task to read from the job.
    """
    job = Job.objects.create(
        kind=kind, arguments=dict(arguments or {}), staff=staff, branch=branch or staff.branch, total=total
    )
    audit.record(action="clinic.start_job", now=now, staff=staff, target=job, detail={"kind": kind})
    announce(topics=[topics.job(job.pk)], event=kind, payload={"job_id": str(job.pk)})
    return job


@transaction.atomic
def begin(*, job_id: uuid.UUID | str, now: datetime) -> Job:
    """Mark the job as running and return it, for the task. A job that is run again after a crash begins again.

    Raises Refused (`job_over`) when it is done, failed or cancelled already.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state not in OPEN:
        raise Refused(_("This job is over."), code="job_over")
    job.state, job.started_at, job.done = Job.State.RUNNING, now, 0
    job.save(update_fields=["state", "started_at", "done"])
    announce(topics=[topics.job(job.pk)])
    return job


def advance(*, job: Job, done: int, total: int | None = None) -> None:
    """Say how far the job is; raise Cancelled when somebody asked for it to stop (the job is then marked so).

    Called between pieces of work, outside their transactions, so that the progress is seen.
    """
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.cancel_requested or locked.state == Job.State.CANCELLED:
            locked.state = Job.State.CANCELLED
            locked.save(update_fields=["state"])
        else:
            locked.done = done
            locked.total = locked.total if total is None else total
            locked.save(update_fields=["done", "total"])
        announce(topics=[topics.job(job.pk)])
    if locked.state == Job.State.CANCELLED:
        raise Cancelled


@contextmanager
def from_within(*, job: Job) -> Iterator[Callable[[int], None]]:
    """Give a function that says how far the job is while its one long transaction is still open.

    It uses a connection of its own, because nothing else of the transaction may be seen yet, and raises Cancelled when
    somebody asked for the job to stop. The transaction must not touch the job before the last word is said.
    """
    beside = connection.copy()

    def tell(done: int) -> None:
        with suppress(OperationalError), beside.cursor() as cursor:
            cursor.execute("set lock_timeout to '2s'")
            cursor.execute(
                "update clinic_job set done = %s where id = %s and state = %s returning cancel_requested",
                [done, job.pk, Job.State.RUNNING],
            )
            if cursor.fetchone() == (True,):
                raise Cancelled
        with suppress(RedisError):
            bus.publish(0, [topics.job(job.pk)])

    try:
        yield tell
    finally:
        beside.close()


@transaction.atomic
def finish(*, job: Job, now: datetime, result_url: str = "") -> None:
    """Mark the job as done; `result_url` is where its result is seen."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        state=Job.State.DONE, done=F("total"), result_url=result_url, finished_at=now
    )
    announce(topics=[topics.job(job.pk)])


@transaction.atomic
def fail(*, job: Job, error: object, now: datetime) -> None:
    """Mark the job as failed with a sentence (already translated) that says what to do."""
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(state=Job.State.FAILED, error=str(error), finished_at=now)
    announce(topics=[topics.job(job.pk)])


@transaction.atomic
def cancel(*, job: Job, staff: Staff, now: datetime) -> None:
    """Ask the job to stop; one that has not begun stops at once. Raises Stale (`job_over`) when it is over."""
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if locked.state not in OPEN:
        raise Stale(_("This job is over already."), code="job_over")
    locked.cancel_requested = True
    if locked.state == Job.State.WAITING:
        locked.state, locked.finished_at = Job.State.CANCELLED, now
    locked.save(update_fields=["cancel_requested", "state", "finished_at"])
    audit.record(action="clinic.cancel_job", now=now, staff=staff, target=job)
    announce(topics=[topics.job(job.pk)])
