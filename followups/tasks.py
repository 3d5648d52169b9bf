"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clinic.models import Branch
from followups.services import build_call_backs, build_missing_follow_up_reports, write_call_days


@shared_task
def build_for_treatment(treatment_id: int) -> None:
    """Build or follow the calls of one treatment as soon as it is filed, moved or cancelled."""
    build_call_backs(treatment_ids=[treatment_id], now=timezone.now())


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


@shared_task
def build_reports() -> None:
    """Build the reports that are due: Monday at six in each branch's own time zone, or later if that was missed."""
    for branch in Branch.objects.order_by("pk"):
        build_missing_follow_up_reports(branch=branch, now=timezone.now())


SCHEDULE: dict[str, dict[str, Any]] = {
    "followups: build call-backs": {"task": "followups.tasks.build_nightly", "crontab": {"hour": "18", "minute": "30"}},
    "followups: weekly reports": {"task": "followups.tasks.build_reports", "crontab": {"minute": "10"}},
}
