"""What the worker does for this room."""

from datetime import datetime
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Job
from clinic.problems import Refused
from clinic.services import jobs
from triage.selectors.boards import past_boards_open
from triage.selectors.integrity import check_boards
from triage.services import close_past_board, rehearse_past, report_difference

log = structlog.get_logger(__name__)

SCHEDULE: dict[str, dict[str, Any]] = {
    "Close the boards of past days": {"task": "triage.tasks.close_past_boards", "crontab": {"minute": "7"}},
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


@shared_task(name="triage.tasks.close_past_boards")
def close_past_boards() -> int:
    """Close the boards of past days that no desk closed: their owed turns end. Returns how many there were."""
    now: datetime = timezone.now()
    boards = past_boards_open(now)
    for board in boards:
        close_past_board(board=board, now=now)
    return len(boards)


@shared_task(name="triage.tasks.rehearse_past")
def rehearse_past_task(job_id: str) -> None:
    """Play the past days a job asks for; one that is over, or is asked to stop, ends here."""
    try:
        rehearse_past(job_id=job_id, now=timezone.now())
    except jobs.Cancelled:
        log.info("rehearsal_cancelled", job_id=job_id)
    except Refused as refused:
        log.info("rehearsal_over", job_id=job_id, code=refused.code)
    except Exception:
        sentence = _("These days could not be played to their end. Tell whoever looks after the system.")
        jobs.fail(job=Job.objects.get(pk=job_id), error=sentence, now=timezone.now())
        raise
