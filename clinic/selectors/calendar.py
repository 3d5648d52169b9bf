"""The days of a branch that are not as their weekday says."""

from datetime import date

from django.db.models import QuerySet

from clinic.models import BranchDay, Staff


def days_seen_by(staff: Staff) -> QuerySet[BranchDay]:
    """Return the days of the person's branch."""
    return BranchDay.objects.filter(branch=staff.branch_id)


def branch_days(staff: Staff, *, today: date, over: bool = False) -> QuerySet[BranchDay]:
    """Return those from today on, the next first; `over`: those that are over, the latest first."""
    days = days_seen_by(staff)
    return days.filter(day__lt=today).order_by("-day") if over else days.filter(day__gte=today).order_by("day")
