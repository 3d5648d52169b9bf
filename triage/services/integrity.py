"""What follows when a ledger does not say any more what it said."""

from datetime import datetime

from django.db import transaction

from clinic.live import topics
from clinic.roles import Role
from clinic.selectors.people import working_at
from clinic.services import audit
from clinic.services.outbox import announce
from triage.selectors.integrity import Finding


@transaction.atomic
def report_difference(*, finding: Finding, now: datetime) -> None:
    """Write what was found into the audit log, and refresh the screens of the managers and auditors of the branch."""
    board = finding.board
    audit.record(
        action="triage.ledger_differs",
        now=now,
        staff=None,
        branch=board.branch,
        target=board,
        detail={"problems": list(finding.problems)},
    )
    here = working_at(board.branch, board.branch.today(now))
    told = here.filter(groups__name__in=[Role.MANAGER.value, Role.AUDITOR.value])
    announce(topics=[topics.board(board.pk), *(topics.staff(pk) for pk in told.values_list("pk", flat=True))])
