"""Projects, departments and opening hours of a branch."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from clinic.models import Branch, BranchHours, Department, Project, Staff


def departments_seen_by(staff: Staff) -> QuerySet[Department]:
    """Return the departments of the person's branch."""
    return Department.objects.filter(branch=staff.branch_id).select_related("head")


def projects_seen_by(staff: Staff) -> QuerySet[Project]:
    """Return the projects of the person's branch, most major first."""
    return (
        Project.objects.filter(department__branch=staff.branch_id).select_related("department").order_by("rank", "code")
    )


def find_projects(*, staff: Staff, text: str, department: int | None, offered: str) -> QuerySet[Project]:
    """Return the projects that fit: text in a name or the code; `offered` is yes, no or anything else for all."""
    found = projects_seen_by(staff)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(code__icontains=text))
    if department is not None:
        found = found.filter(department=department)
    if offered in {"yes", "no"}:
        found = found.filter(offered=offered == "yes")
    return found


def closes_at(branch: Branch, day: date) -> datetime | None:
    """Return when the house closes on a day, None when it is closed all day."""
    hours = BranchHours.objects.filter(branch=branch, weekday=day.weekday()).first()
    return datetime.combine(day, hours.closes_at, branch.zone) if hours else None
