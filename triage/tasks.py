"""What the worker does for this room."""

from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from triage.selectors.integrity import check_boards
from triage.services import report_difference

log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "Check every ledger": {"task": "triage.tasks.check_ledgers", "crontab": {"hour": "19", "minute": "40"}},
}


@shared_task(name="triage.tasks.check_ledgers")
def check_ledgers() -> int:
    """Check every board's ledger; tell the managers of each that differs. Returns how many do."""
    now: datetime = timezone.now()
    wrong = [finding for finding in check_boards() if finding.problems]
    for finding in wrong:
        log.error("ledger_differs", board_id=finding.board.pk, problems=finding.problems)
        report_difference(finding=finding, now=now)
    return len(wrong)
