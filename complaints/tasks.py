"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clinic.models import Branch
from complaints.services import build_missing_reports


@shared_task
def build_weekly_reports() -> None:
    """Build the reports that are due: Monday at six in each branch's own time zone, or later if that was missed."""
    for branch in Branch.objects.order_by("pk"):
        build_missing_reports(branch=branch, now=timezone.now())


SCHEDULE: dict[str, dict[str, Any]] = {
    "complaints: weekly reports": {"task": "complaints.tasks.build_weekly_reports", "crontab": {"minute": "5"}},
}
