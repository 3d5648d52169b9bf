"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Branch, Job
from clinic.problems import Refused
from clinic.selectors.places import closes_at
from clinic.services import jobs
from reception import services
from reception.models import ImportBatch
from reception.selectors.appointments import open_days_of
from reception.services.import_check import check_import
from reception.services.import_write import take_back_import, write_import
from reception.services.imports import discard_outdated, give_up
from reception.services.public_requests import forget_requests
from reception.services.retention import freeze_list

Problem = ImportBatch.Problem
# Who comes at the last minute is still registered before she counts as not come.
AFTER_CLOSING = timedelta(minutes=30)
log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "reception: note who did not come": {"task": "reception.tasks.close_appointments", "crontab": {"minute": "*/15"}},
    "reception: remind of appointments the day before": {
        "task": "reception.tasks.remind_of_appointments",
        "crontab": {"minute": "*/15"},
    },
    "reception: note possible duplicates": {
        "task": "reception.tasks.note_duplicates_nightly",
        "crontab": {"hour": "19", "minute": "10"},
    },
    # Houses stand in different time zones: every hour the day is over somewhere.
    "reception: remind of days that are not closed": {
        "task": "reception.tasks.remind_of_unclosed_days",
        "crontab": {"minute": "23"},
    },
    "reception: empty cards of visitors": {
        "task": "reception.tasks.empty_own_cards",
        "crontab": {"minute": "23"},
    },
    # A month begins at another hour in every time zone; what is written already is left as it is.
    "reception: list what is due": {
        "task": "reception.tasks.list_what_is_due",
        "crontab": {"minute": "41"},
    },
    "reception: throw away uploaded files that were never imported": {
        "task": "reception.tasks.discard_outdated_imports",
        "crontab": {"hour": "19", "minute": "25"},
    },
}


@shared_task(expires=1800)
def close_appointments() -> int:
    """Note who did not come on days that are over, at each branch by its own clock; return how many there were."""
    now, absent = timezone.now(), 0
    for branch in Branch.objects.all():
        today = branch.today(now)
        for day in open_days_of(branch, today):
            closes = closes_at(branch, day)
            if day < today or (closes is not None and now >= closes + AFTER_CLOSING):
                absent += services.close_appointments_of(branch=branch, day=day, staff=None, now=now)
    return absent


@shared_task(expires=900)
def remind_of_appointments() -> int:
    """Remind those who are expected tomorrow, at each branch in its own daytime; return how many."""
    now = timezone.now()
    return sum(services.remind_of_appointments(branch=branch, now=now) for branch in Branch.objects.all())


@shared_task
def note_duplicates_nightly() -> None:
    """Put down the pairs that look like one person and were not noticed when they were written."""
    services.note_all_duplicates(now=timezone.now())


@shared_task
def remind_of_unclosed_days() -> int:
    """Have the supervisors' screens show the days that are over and not closed. Returns how many there are."""
    return services.remind_of_unclosed_days(now=timezone.now())


@shared_task
def empty_own_cards() -> int:
    """Empty visitors' own cards that are not needed any more, and forget who asked from outside; return how many."""
    now = timezone.now()
    forget_requests(now=now)
    return services.empty_cards(now=now)


@shared_task(expires=3600)
def list_what_is_due() -> int:
    """Write down what is due this month at every branch that has no list of it yet; return how many lists there are."""
    now = timezone.now()
    return sum(freeze_list(branch=branch, now=now) is not None for branch in Branch.objects.all())


@shared_task(name="reception.tasks.check_import")
def check_import_task(job_id: str) -> None:
    """Check an uploaded file."""
    _carry_out(check_import, job_id)


@shared_task(name="reception.tasks.run_import")
def run_import_task(job_id: str) -> None:
    """Take a checked file in."""
    _carry_out(write_import, job_id)


@shared_task(name="reception.tasks.undo_import")
def undo_import_task(job_id: str) -> None:
    """Take an import back."""
    _carry_out(take_back_import, job_id)


@shared_task(name="reception.tasks.recompute_levels")
def recompute_levels_task(job_id: str) -> None:
    """Give every visitor her membership level; a job that is over, or is asked to stop, ends here."""
    try:
        services.recompute_levels(job_id=job_id, now=timezone.now())
    except jobs.Cancelled:
        log.info("levels_cancelled", job_id=job_id)
    except Refused as refused:
        log.info("levels_over", job_id=job_id, code=refused.code)
    except Exception:
        sentence = _("The levels could not be given out to the end. Start it again by saving a level.")
        jobs.fail(job=Job.objects.get(pk=job_id), error=sentence, now=timezone.now())
        raise


@shared_task(name="reception.tasks.discard_outdated_imports")
def discard_outdated_imports() -> int:
    """Throw away files that were uploaded a week ago and never taken in; return how many."""
    return discard_outdated(now=timezone.now())


def _carry_out(work: Callable[..., ImportBatch], job_id: str) -> None:
    """Do a job's work; one that is over, or is asked to stop, ends here, with its file where it stood before."""
    try:
        work(job_id=job_id, now=timezone.now())
    except jobs.Cancelled:
        log.info("import_cancelled", job_id=job_id)
        give_up(job=Job.objects.get(pk=job_id), problem=Problem.STOPPED, now=timezone.now())
    except Refused as refused:
        log.info("import_over", job_id=job_id, code=refused.code)
        for stopped in Job.objects.filter(pk=job_id, state=Job.State.CANCELLED):
            give_up(job=stopped, problem=Problem.STOPPED, now=timezone.now())
    except Exception:
        give_up(job=Job.objects.get(pk=job_id), problem=Problem.FAILED, now=timezone.now())
        raise
