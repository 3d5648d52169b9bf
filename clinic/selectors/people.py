"""Who works here, as managers see it."""

from datetime import date

from django.db.models import Q, QuerySet

from clinic.models import Branch, Staff
from clinic.roles import ROLE_NAMES, Role


def staff_seen_by(manager: Staff) -> QuerySet[Staff]:
    """Return everybody the manager may manage: the people of her own branch; an administrator sees all."""
    everybody = Staff.objects.select_related("branch", "department")
    return everybody if manager.is_superuser else everybody.filter(branch=manager.branch_id)


def find_staff(
    *, manager: Staff, text: str, role: str, department: int | None, employed: str, today: date
) -> QuerySet[Staff]:
    """Return the people who fit, by pinyin: text in name, pinyin or login name; `employed` is here, left or all."""
    found = staff_seen_by(manager).prefetch_related("groups")
    if text:
        found = found.filter(
            Q(display_name__icontains=text) | Q(login_name__icontains=text) | Q(name_key__startswith=text.lower())
        )
    if role in ROLE_NAMES:
        found = found.filter(groups__name=role)
    if department is not None:
        found = found.filter(department=department)
    here = Q(active_until=None) | Q(active_until__gte=today)
    if employed == "left":
        found = found.exclude(here)
    elif employed != "all":
        found = found.filter(here)
    return found.order_by("name_key", "login_name", "pk")


def working_at(branch: Branch, day: date) -> QuerySet[Staff]:
    """Return who works at a branch on a day, in order of name."""
    return (
        Staff.objects.filter(branch=branch, active_from__lte=day)
        .exclude(active_until__lt=day)
        .order_by("name_key", "login_name")
    )


def colleagues_of(staff: Staff, today: date) -> QuerySet[Staff]:
    """Return who works at the same branch today, without the person herself."""
    return working_at(staff.branch, today).exclude(pk=staff.pk)


def stand_ins_for(staff: Staff, today: date) -> QuerySet[Staff]:
    """Return the consultants among her colleagues of today, and who is her stand-in already, in order of name."""
    consultants = colleagues_of(staff, today).filter(groups__name=Role.CONSULTANT)
    return Staff.objects.filter(Q(pk__in=consultants.values("pk")) | Q(pk=staff.stand_in_id)).order_by(
        "name_key", "login_name"
    )


def branches_seen_by(staff: Staff) -> QuerySet[Branch]:
    """Return the branches a person manages: her own; an administrator manages all."""
    return Branch.objects.all() if staff.is_superuser else Branch.objects.filter(pk=staff.branch_id)
