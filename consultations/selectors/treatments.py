"""Treatments, by day, doctor and department."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from clinic.models import Staff
from clinic.roles import Capability, Role
from consultations.models import Treatment

TABS = ("today", "upcoming", "past", "all")


def treatments_for(staff: Staff) -> QuerySet[Treatment]:
    """Return the treatments this person works with.

    All of the branch with VIEW_ALL_VISITORS; a doctor's own; a desk's or nurse's department's (the branch's when they
    belong to none); a consultant's, which she filed or whose visitor is hers.
    """
    rows = Treatment.objects.select_related("visitor", "project", "doctor", "branch").filter(branch_id=staff.branch_id)
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return rows
    mine = Q(pk=None)
    if Role.DOCTOR in staff.roles:
        mine |= Q(doctor=staff)
    if staff.roles & {Role.DEPARTMENT_DESK, Role.NURSE}:
        mine |= Q(project__department=staff.department_id) if staff.department_id else Q(pk__isnull=False)
    if Role.CONSULTANT in staff.roles:
        mine |= Q(visitor__owner=staff) | Q(consultation__consultant=staff)
    return rows.filter(mine)


def treatments_in_tab(rows: QuerySet[Treatment], tab: str, today: date) -> QuerySet[Treatment]:
    """Return one tab of a treatment list: `today`, `upcoming` and the soonest first, else the latest first."""
    if tab == "today":
        return rows.filter(treated_on=today).order_by("state", "project__rank", "pk")
    if tab == "upcoming":
        return rows.filter(treated_on__gt=today).order_by("treated_on", "pk")
    if tab == "past":
        return rows.filter(treated_on__lt=today).order_by("-treated_on", "-pk")
    return rows.order_by("-treated_on", "-pk")


def tab_counts(rows: QuerySet[Treatment], today: date) -> dict[str, int]:
    """Return how many treatments not cancelled stand in *today* and *upcoming*, and how many planned are overdue."""
    live = rows.exclude(state=Treatment.State.CANCELLED)
    return live.order_by().aggregate(
        today=Count("pk", filter=Q(treated_on=today)),
        upcoming=Count("pk", filter=Q(treated_on__gt=today)),
        overdue=Count("pk", filter=Q(treated_on__lt=today, state=Treatment.State.PLANNED)),
    )


def doctors_of(staff: Staff, today: date) -> QuerySet[Staff]:
    """Return the doctors who work at this person's branch, by name."""
    is_doctor = Staff.groups.through.objects.filter(staff=OuterRef("pk"), group__name=Role.DOCTOR.value)
    return Staff.objects.filter(
        Exists(is_doctor),
        Q(active_until=None) | Q(active_until__gte=today),
        branch_id=staff.branch_id,
        active_from__lte=today,
    )
