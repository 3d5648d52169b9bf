"""Projects, the branch and its hours change."""

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.catalogue import install_catalogue
from clinic.models import Branch, BranchHours, Department, Project, Staff
from clinic.problems import Refused
from clinic.services import audit
from clinic.services.calendar import tell_of_days
from clinic.services.meanwhile import refuse_if_changed
from clinic.services.turns import one_at_a_time


@transaction.atomic
def open_branch(*, code: str, name: str, name_en: str, time_zone: str, now: datetime) -> Branch:
    """Open a house: open every day from nine to six, with the departments and projects a hospital begins with.

    Raises Refused (`branch_code_taken`) when another branch has the code.
    """
    if Branch.objects.filter(code=code).exists():
        raise Refused(_("Another branch has this code. Choose another."), code="branch_code_taken")
    branch = Branch.objects.create(code=code, name=name, name_en=name_en, time_zone=time_zone)
    BranchHours.objects.bulk_create(
        BranchHours(branch=branch, weekday=day, opens_at=time(9), closes_at=time(18)) for day in range(7)
    )
    install_catalogue(branch)
    audit.record(action="clinic.open_branch", now=now, staff=None, branch=branch, target=branch)
    return branch


@transaction.atomic
def add_project(
    *,
    code: str,
    name: str,
    name_en: str,
    department: Department,
    rank: int,
    offered: bool,
    staff: Staff,
    now: datetime,
    list_price: Decimal | None = None,
    effect_days: int | None = None,
) -> Project:
    """Create a project; `list_price` in yuan for one session, None without one. `effect_days`: when its effect shows.

    Raises Refused (`code_taken`) when another one has the code.
    """
    one_at_a_time(f"project {code}")
    if Project.objects.filter(code=code).exists():
        raise Refused(_("Another project has this code. Choose another."), code="code_taken")
    project = Project.objects.create(
        code=code,
        name=name,
        name_en=name_en,
        department=department,
        rank=rank,
        offered=offered,
        list_price=list_price,
        effect_days=effect_days,
    )
    audit.record(action="clinic.add_project", now=now, staff=staff, target=project)
    return project


@transaction.atomic
def change_project(
    *, project: Project, changes: Mapping[str, object], seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Set what a project is, costs and takes, or whether it is offered; earlier visits keep what they asked for.

    `seen` is the audit entry the form was drawn after: raises Stale `changed_meanwhile` when it was changed since.
    """
    project.refresh_from_db(from_queryset=Project.objects.select_for_update(no_key=True))
    _change(project, changes, action="clinic.change_project", seen=seen, staff=staff, now=now)


@transaction.atomic
def change_branch(
    *, branch: Branch, changes: Mapping[str, object], seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Set names, phone or time zone of a branch. Raises Stale `changed_meanwhile` as `change_project`."""
    branch.refresh_from_db(from_queryset=Branch.objects.select_for_update(no_key=True))
    _change(branch, changes, action="clinic.change_branch", seen=seen, staff=staff, now=now)


@transaction.atomic
def change_department(
    *, department: Department, changes: Mapping[str, object], seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Set who heads a department, who then approves amendments that touch it (R4).

    Raises Refused `not_here` for a person of another branch, Stale `changed_meanwhile` as `change_project`.
    """
    department.refresh_from_db(from_queryset=Department.objects.select_for_update(no_key=True))
    head = changes.get("head")
    if isinstance(head, Staff) and head.branch_id != department.branch_id:
        raise Refused(_("Choose somebody of this branch."), code="not_here")
    _change(department, changes, action="clinic.change_department", seen=seen, staff=staff, now=now)


@transaction.atomic
def set_hours(
    *, branch: Branch, hours: Mapping[int, tuple[time, time]], seen: int | None = None, staff: Staff, now: datetime
) -> None:
    """Set the opening hours: weekday (0 = Monday) → opens, closes. A weekday that is left out is closed.

    Raises Stale `changed_meanwhile` as `change_project`, for the hours alone.
    """
    branch = Branch.objects.select_for_update().get(pk=branch.pk)
    refuse_if_changed(branch, seen=seen, by=("clinic.set_hours",))
    before = {row.weekday: (row.opens_at, row.closes_at) for row in branch.hours.all()}
    if before == dict(hours):
        return
    branch.hours.all().delete()
    BranchHours.objects.bulk_create(
        BranchHours(branch=branch, weekday=weekday, opens_at=opens, closes_at=closes)
        for weekday, (opens, closes) in sorted(hours.items())
    )
    detail = {str(day): f"{opens:%H:%M}-{closes:%H:%M}" for day, (opens, closes) in sorted(hours.items())}
    audit.record(action="clinic.set_hours", now=now, staff=staff, target=branch, detail=detail)
    if before.keys() != hours.keys():
        tell_of_days(branch)


def _change(
    thing: Project | Branch | Department,
    changes: Mapping[str, object],
    *,
    action: str,
    seen: int | None,
    staff: Staff,
    now: datetime,
) -> None:
    refuse_if_changed(thing, seen=seen, by=(action,))
    changed = sorted(name for name, value in changes.items() if getattr(thing, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(thing, name, changes[name])
    thing.save(update_fields=changed)
    audit.record(action=action, now=now, staff=staff, target=thing, detail={"changed": changed})
