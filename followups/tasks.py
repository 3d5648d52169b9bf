"""Celery tasks of this room; each may run twice, late, or be killed half-way."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clinic.models import Branch
from consultations.models import HandOverLine, Treatment
from followups.services import (
    build_call_backs,
    build_missing_follow_up_reports,
    build_owner_calls,
    escalate_reviews,
    follow_doctor,
    follow_failed_messages,
    send_step_messages,
    share_out,
    write_call_days,
)


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
    build_owner_calls(branch=branch, now=timezone.now())


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
    share_out_everywhere()


@shared_task
def share_out_calls(branch_id: int) -> None:
    """Share out the calls of a branch that are to be made today and stand on the list of nobody who is there."""
    branch, now = Branch.objects.get(pk=branch_id), timezone.now()
    share_out(branch=branch, day=branch.today(now), now=now)


@shared_task
def share_out_everywhere() -> None:
    """Share out whatever is missing of today's calls: in each branch's morning, and whenever somebody went away."""
    now = timezone.now()
    for branch in Branch.objects.order_by("pk"):
        share_out(branch=branch, day=branch.today(now), now=now)


@shared_task
def build_reports() -> None:
    """Build the reports that are due: Monday at six in each branch's own time zone, or later if that was missed."""
    for branch in Branch.objects.order_by("pk"):
        build_missing_follow_up_reports(branch=branch, now=timezone.now())


@shared_task
def build_owners_for_visitor(visitor_id: int) -> None:
    """Build or follow the owners' calls of one visitor as soon as something they depend on happened."""
    build_owner_calls(visitor_ids=[visitor_id], now=timezone.now())


@shared_task
def build_owners_for_treatment(treatment_id: int) -> None:
    """Build or follow the owners' calls of the visitor of a treatment."""
    visitors = Treatment.objects.filter(pk=treatment_id).values_list("visitor_id", flat=True)
    build_owner_calls(visitor_ids=list(visitors), now=timezone.now())


@shared_task
def build_owners_for_hand_over(hand_over_id: int) -> None:
    """Let the owners' calls of visitors who were handed over go to whom they belong now."""
    visitors = HandOverLine.objects.filter(hand_over=hand_over_id).values_list("visitor_id", flat=True)
    build_owner_calls(visitor_ids=list(visitors), now=timezone.now())


@shared_task
def build_owners_nightly() -> None:
    """Build whatever owners' calls are missing, birthdays too, and follow what nobody told."""
    build_owner_calls(now=timezone.now())


@shared_task(expires=900)
def send_messages_of_steps() -> int:
    """Queue the messages of steps whose day has come, and follow those given up; return how many calls changed."""
    changed = 0
    for branch in Branch.objects.all():
        changed += follow_failed_messages(branch=branch, now=timezone.now())
        while number := send_step_messages(branch=branch, now=timezone.now()):
            changed += number
    return changed


SCHEDULE: dict[str, dict[str, Any]] = {
    "followups: build call-backs": {"task": "followups.tasks.build_nightly", "crontab": {"hour": "18", "minute": "30"}},
    "followups: share out calls": {"task": "followups.tasks.share_out_everywhere", "crontab": {"minute": "2"}},
    "followups: urgent reviews that are overdue": {"task": "followups.tasks.escalate_overdue_reviews", "seconds": 60},
    "followups: weekly reports": {"task": "followups.tasks.build_reports", "crontab": {"minute": "10"}},
    "followups: build calls of owners": {
        "task": "followups.tasks.build_owners_nightly",
        "crontab": {"hour": "18", "minute": "40"},
    },
    "followups: send messages of plans": {
        "task": "followups.tasks.send_messages_of_steps",
        "crontab": {"minute": "5,20,35,50"},
    },
}
