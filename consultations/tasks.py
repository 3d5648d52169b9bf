"""What the worker does for this room; each task may run twice, late, or be killed half-way."""

from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Job, Staff
from clinic.problems import Refused
from clinic.services import jobs
from consultations import services
from consultations.selectors.priority_lists import branches_without_a_list, last_month_of
from reception.models import Visit
from triage.engine.facts.words import Fault
from triage.models import Decision

log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "consultations: tests that are due": {
        "task": "consultations.tasks.nudge_overdue_steps",
        "seconds": 30,
    },
    # Houses stand in different time zones: every hour the day is over somewhere.
    "consultations: end what desks forgot": {
        "task": "consultations.tasks.end_forgotten_cases",
        "crontab": {"minute": "37"},
    },
    # A month begins at another hour in every time zone; a list that is there is left as it is.
    "consultations: work out priority lists": {
        "task": "consultations.tasks.compute_priority_lists",
        "crontab": {"minute": "51"},
    },
}


@shared_task(name="consultations.tasks.compute_priority_lists", expires=3600)
def compute_priority_lists() -> int:
    """Work out last month's priority list of every branch that runs by the preset for it; return how many are new."""
    now, new = timezone.now(), 0
    for branch in branches_without_a_list(now):
        services.compute_priority_list(branch=branch, month=last_month_of(branch, now), staff=None, now=now)
        new += 1
    return new


@shared_task(name="consultations.tasks.carry_out_hand_over")
def carry_out_hand_over(job_id: str) -> None:
    """Carry out a large hand-over; one that is over, or is asked to stop, ends here with nothing done."""
    try:
        services.carry_out_hand_over(job_id=job_id, now=timezone.now())
    except jobs.Cancelled:
        log.info("hand_over_cancelled", job_id=job_id)
    except Refused as refused:
        log.info("hand_over_refused", job_id=job_id, code=refused.code)
        jobs.fail(job=Job.objects.get(pk=job_id), error=refused.message, now=timezone.now())
    except Exception:
        sentence = _("The visitors could not be handed over; nothing was changed. Try again.")
        jobs.fail(job=Job.objects.get(pk=job_id), error=sentence, now=timezone.now())
        raise


@shared_task(expires=30)
def nudge_overdue_steps() -> int:
    """Let the screens say which tests should be back; return how many are told of for the first time."""
    return services.nudge_overdue(now=timezone.now())


@shared_task(name="consultations.tasks.end_forgotten_cases", expires=3600)
def end_forgotten_cases() -> int:
    """End whom departments expected or let wait on a day that is over, each by itself; return how many."""
    now = timezone.now()
    return sum(services.end_forgotten_case(case=case, now=now) for case in services.forgotten_cases(now))


@shared_task(name="consultations.tasks.settle_left")
def settle_left(visit_id: int) -> bool:
    """A visitor left, or was never here: end what departments have her for, and what waits for her in a room.

    Who left while she waited for another is written down by what she came to before; say whether it was anything.
    """
    visit = Visit.objects.get(pk=visit_id)
    now = timezone.now()
    services.end_cases_of_gone(visit=visit, now=now)
    return services.settle_left(visit=visit, now=now)


@shared_task(name="consultations.tasks.share_misallocated")
def share_misallocated(visit_id: int, owner_id: int, fault: str, staff_id: int, decision_id: int | None = None) -> int:
    """A visit turned out to be somebody else's (K6): share the deals made in it anew; return how many were.

    `decision_id`: by which decision (None: the newest K6 about the visit).
    """
    changed = services.share_misallocated(
        visit=Visit.objects.get(pk=visit_id),
        owner=Staff.objects.get(pk=owner_id),
        fault=Fault(fault) if fault else None,
        decision=Decision.objects.get(pk=decision_id) if decision_id is not None else None,
        staff=Staff.objects.get(pk=staff_id),
        now=timezone.now(),
    )
    return len(changed)


@shared_task(name="consultations.tasks.share_as_before")
def share_as_before(decision_id: int, staff_id: int) -> int:
    """The desk took K6 back (K8): share the deals it concerned as if it had not been; return how many were."""
    changed = services.share_as_before(
        decision=Decision.objects.get(pk=decision_id), staff=Staff.objects.get(pk=staff_id), now=timezone.now()
    )
    return len(changed)
