"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clinic.models import Branch
from followups.services import build_call_backs, escalate_reviews, follow_doctor, write_call_days


@shared_task
def build_for_treatment(treatment_id: int) -> None:
    """Build or follow the calls of one treatment as soon as it is filed, moved or cancelled."""
    build_call_backs(treatment_ids=[treatment_id], now=timezone.now())


@shared_task
def follow_doctor_of_treatment(treatment_id: int) -> None:
    """Ask the doctor a treatment has now for the urgent reviews nobody has answered yet."""
    follow_doctor(treatment_id=treatment_id, now=timezone.now())


@shared_task(expires=60)
def escalate_overdue_reviews() -> None:
    """Tell who heads the department, and who supervises the calls, of urgent reviews nobody answered in time."""
    escalate_reviews(now=timezone.now())


@shared_task
def follow_branch_days(branch_id: int) -> None:
    """Move the calls of a branch that fall on a day it does not call any more, or calls again."""
    branch = Branch.objects.get(pk=branch_id)
    write_call_days(branch)
    build_call_backs(branch=branch, now=timezone.now())


@shared_task
def build_all() -> None:
    """Let all calls follow a plan that was changed."""
    build_call_backs(now=timezone.now())


@shared_task
def build_nightly() -> None:
    """Build whatever is missing, whyever it was not built when it happened."""
    for branch in Branch.objects.all():
        write_call_days(branch)
    build_call_backs(now=timezone.now())


SCHEDULE: dict[str, dict[str, Any]] = {
    "followups: build call-backs": {"task": "followups.tasks.build_nightly", "crontab": {"hour": "18", "minute": "30"}},
    "followups: urgent reviews that are overdue": {"task": "followups.tasks.escalate_overdue_reviews", "seconds": 60},
}
