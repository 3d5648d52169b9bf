"""The audit log, read backwards a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from clinic.models import AuditEntry, Branch, Staff

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `older` is the id to go on before, None at the end."""

    entries: Sequence[AuditEntry]
    older: int | None


def entries_seen_by(staff: Staff) -> QuerySet[AuditEntry]:
    """Return the entries of the person's branch; an administrator sees all, those without a branch too."""
    entries = AuditEntry.objects.select_related("staff")
    return entries if staff.is_superuser else entries.filter(branch=staff.branch_id)


def audit_page(
    *,
    reader: Staff,
    who: str = "",
    action: str = "",
    object_type: str = "",
    object_id: str = "",
    day: date | None = None,
    before: int | None = None,
) -> Page:
    """Return a page of what the reader may see: by person (name or login name), start of action, object, day."""
    entries = entries_seen_by(reader)
    if who:
        people = Staff.objects.filter(Q(login_name=who) | Q(display_name__icontains=who)).values("pk")
        entries = entries.filter(staff__in=people)
    if action:
        entries = entries.filter(action__startswith=action)
    if object_type:
        entries = entries.filter(object_type=object_type)
    if object_id:
        entries = entries.filter(object_id=object_id)
    if day is not None:
        begin, end = _bounds(day, reader.branch)
        entries = entries.filter(at__gte=begin, at__lt=end)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    rows = list(entries.order_by("-id")[: PAGE + 1])
    return Page(entries=rows[:PAGE], older=rows[PAGE - 1].pk if len(rows) > PAGE else None)


def _bounds(day: date, branch: Branch) -> tuple[datetime, datetime]:
    """Return the first instant of the branch's day and of the next."""
    begin = datetime.combine(day, time(), tzinfo=branch.zone)
    return begin, datetime.combine(day + timedelta(days=1), time(), tzinfo=branch.zone)
