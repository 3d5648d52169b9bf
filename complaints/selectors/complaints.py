"""Complaints, limited to what the person who asks may see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from clinic.models import Branch, Staff
from clinic.roles import CAPABILITIES, Capability
from clinic.selectors.people import working_at
from complaints.models import Complaint, ComplaintEntry

_SEES_ALL = (Capability.HANDLE_COMPLAINTS, Capability.SUPERVISE_COMPLAINTS, Capability.READ_REPORTS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of complaints is narrowed to; empty: not narrowed. `received_*` are days of the branch, inclusive."""

    text: str = ""
    state: str = ""
    level: str = ""
    category: str = ""
    channel: str = ""
    mine: bool = False
    received_from: date | None = None
    received_to: date | None = None


def complaints_seen_by(staff: Staff) -> QuerySet[Complaint]:
    """Return the complaints this person may read, newest first.

    Customer service, its supervisor and readers of reports see those of the branch; everybody else those she opened
    or is in charge of. Nobody sees a complaint about herself.
    """
    rows = Complaint.objects.filter(branch_id=staff.branch_id).exclude(about_staff=staff)
    if not any(staff.may(capability) for capability in _SEES_ALL):
        rows = rows.filter(Q(received_by=staff) | Q(responsible=staff))
    return rows.select_related("visitor", "responsible", "responsible_department", "received_by", "branch").order_by(
        "-received_at", "-id"
    )


def complaints_worked_by(staff: Staff) -> QuerySet[Complaint]:
    """Return the complaints this person may move on: customer service any it sees, others those in their charge."""
    rows = complaints_seen_by(staff)
    return rows if staff.may(Capability.HANDLE_COMPLAINTS) else rows.filter(responsible=staff)


def complaint_list(*, staff: Staff, wanted: Wanted) -> QuerySet[Complaint]:
    """Return the list a person asked for, newest first; *mine* leaves closed ones out unless they are asked for."""
    rows = complaints_seen_by(staff)
    exact = {"state": wanted.state, "level": wanted.level, "category": wanted.category, "channel": wanted.channel}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.state == "" and wanted.mine:
        rows = rows.exclude(state=Complaint.State.CLOSED)
    if wanted.mine:
        rows = rows.filter(responsible=staff)
    if wanted.text:
        rows = rows.filter(
            Q(number__icontains=wanted.text) | Q(visitor__name__icontains=wanted.text) | Q(text__icontains=wanted.text)
        )
    zone = staff.branch.zone
    if wanted.received_from:
        rows = rows.filter(received_at__gte=datetime.combine(wanted.received_from, time(), zone))
    if wanted.received_to:
        rows = rows.filter(received_at__lt=datetime.combine(wanted.received_to + timedelta(days=1), time(), zone))
    return rows


def number_waiting(staff: Staff) -> int:
    """Return how many complaints wait for this person: not yet taken, for customer service; in her charge, for all."""
    waiting = Q(responsible=staff, state__in=[Complaint.State.TAKEN, Complaint.State.DECIDED])
    if staff.may(Capability.HANDLE_COMPLAINTS):
        waiting |= Q(state=Complaint.State.OPEN)
    return complaints_seen_by(staff).filter(waiting).count()


def majors_not_taken(staff: Staff) -> QuerySet[Complaint]:
    """Return the major complaints of the branch that nobody has taken, oldest first."""
    return (
        complaints_seen_by(staff)
        .filter(state=Complaint.State.OPEN, level=Complaint.Level.MAJOR)
        .order_by("received_at", "id")
    )


def entries_of(complaint: Complaint) -> QuerySet[ComplaintEntry]:
    """Return the time line of a complaint, oldest first."""
    return complaint.entries.select_related("staff").order_by("id")


def supervisors_of(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who supervises complaints in a branch on a day."""
    roles = [role.value for role, may in CAPABILITIES.items() if Capability.SUPERVISE_COMPLAINTS in may]
    return working_at(branch, day).filter(groups__name__in=roles).distinct()
