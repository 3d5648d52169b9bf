"""People who work here: they come, change roles, set what they like, and leave."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Department, Project, Staff
from clinic.names import sort_key
from clinic.problems import Refused
from clinic.roles import Role
from clinic.scope import contradictions
from clinic.services import audit
from clinic.services.meanwhile import refuse_if_changed
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time

PREFERENCES = frozenset({"language", "theme", "text_size"})


def ensure_roles() -> None:
    """Create the group of each role that is missing."""
    Group.objects.bulk_create([Group(name=role.value) for role in Role], ignore_conflicts=True)


@transaction.atomic
def create_staff(
    *,
    login_name: str,
    display_name: str,
    branch: Branch,
    roles: Iterable[Role],
    password: str | None,
    active_from: date,
    now: datetime,
    by: Staff | None = None,
    department: Department | None = None,
    phone_extension: str = "",
    room: str = "",
    active_until: date | None = None,
    language: str = "",
    scope: Iterable[Project] = (),
    excluded: Iterable[Project] = (),
    dedicated: Iterable[Project] = (),
    stand_in: Staff | None = None,
) -> Staff:
    """Create and return a person who may sign in from `active_from` on; `password` None: not until one is set.

    Raises Refused `login_name_taken` when somebody has or had that login name, `projects_contradict` as `set_scope`.
    """
    scope, excluded, dedicated = _possible(scope, excluded, dedicated)
    login_name = login_name.strip()
    one_at_a_time(f"login name {login_name.casefold()}")
    if Staff.objects.filter(login_name__iexact=login_name).exists():
        raise Refused(_("Somebody has this login name already. Choose another."), code="login_name_taken")
    staff = Staff.objects.create_user(
        login_name,
        password,
        display_name=display_name,
        name_key=sort_key(display_name),
        branch=branch,
        department=department,
        phone_extension=phone_extension,
        room=room,
        active_from=active_from,
        active_until=active_until,
        language=language,
        stand_in=stand_in,
    )
    named = sorted({Role(role) for role in roles})
    staff.groups.set(Group.objects.filter(name__in=named))
    staff.scope.set(scope)
    staff.excluded.set(excluded)
    staff.dedicated.set(dedicated)
    audit.record(action="clinic.create_staff", now=now, staff=by, branch=branch, target=staff, detail={"roles": named})
    return staff


@transaction.atomic
def edit_staff(
    *,
    staff: Staff,
    changes: Mapping[str, object],
    roles: Iterable[Role],
    projects: Mapping[str, Iterable[Project]],
    seen: int | None = None,
    by: Staff,
    now: datetime,
) -> None:
    """Save what a manager says of a person, all of it or nothing: details, roles, and scope, excluded, dedicated.

    `seen` is the audit entry her form was drawn after: raises Stale `changed_meanwhile`, naming the fields, when
    somebody changed the person since. Raises Refused as `change_staff`, `set_roles` and `set_scope`.
    """
    staff.refresh_from_db(from_queryset=Staff.objects.select_for_update(no_key=True))
    refuse_if_changed(staff, seen=seen, by=("clinic.change_staff", "clinic.set_roles", "clinic.set_scope"))
    set_roles(staff=staff, roles=roles, by=by, now=now)
    set_scope(
        staff=staff,
        scope=projects["scope"],
        excluded=projects["excluded"],
        dedicated=projects["dedicated"],
        by=by,
        now=now,
    )
    change_staff(staff=staff, changes=changes, by=by, now=now)


@transaction.atomic
def change_staff(*, staff: Staff, changes: Mapping[str, object], by: Staff, now: datetime) -> None:
    """Set name, extension, room, department, stand-in or active dates. `changes` maps field names to cleaned values.

    Raises Refused (`stand_in_is_self`) when she would stand in for herself.
    """
    if changes.get("stand_in") == staff:
        raise Refused(_("Somebody else must be the stand-in."), code="stand_in_is_self")
    changed = sorted(name for name, value in changes.items() if getattr(staff, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(staff, name, changes[name])
    staff.name_key = sort_key(staff.display_name)
    staff.save(update_fields=[*changed, "name_key"])
    audit.record(action="clinic.change_staff", now=now, staff=by, target=staff, detail={"changed": changed})
    if not staff.works_on(staff.branch.today(now)):
        end_streams(staff=staff)


@transaction.atomic
def set_roles(*, staff: Staff, roles: Iterable[Role], by: Staff | None, now: datetime) -> None:
    """Give the person these roles and no others; her open pages lose what they may no longer hear.

    Raises Refused (`own_manager_role`) when a manager would take the role of manager from herself.
    """
    named = {Role(role) for role in roles}
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    before = set(staff.groups.values_list("name", flat=True)) & {role.value for role in Role}
    if before == named:
        return
    if by is not None and by.pk == staff.pk and Role.MANAGER in before and Role.MANAGER not in named:
        raise Refused(_("You cannot take the manager's role from yourself."), code="own_manager_role")
    staff.groups.set(Group.objects.filter(name__in=named))
    staff.__dict__.pop("roles", None)
    staff.__dict__.pop("capabilities", None)
    audit.record(
        action="clinic.set_roles",
        now=now,
        staff=by,
        target=staff,
        detail={"added": sorted(named - before), "taken": sorted(before - named)},
    )
    end_streams(staff=staff)


@transaction.atomic
def set_scope(
    *,
    staff: Staff,
    scope: Iterable[Project],
    excluded: Iterable[Project],
    dedicated: Iterable[Project],
    by: Staff | None,
    now: datetime,
) -> None:
    """Say which projects a consultant may receive (none: all), which she never receives, which are hers before others.

    They bind rotation and dedicated lanes (A11, A12), never an owner's visit or a designation. Raises Refused
    `projects_contradict` for a project that is received and never received, or dedicated and not received.
    """
    lists = zip(("scope", "excluded", "dedicated"), _possible(scope, excluded, dedicated), strict=True)
    wanted = {name: {project.pk for project in projects} for name, projects in lists}
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    before = {name: set(getattr(staff, name).values_list("pk", flat=True)) for name in wanted}
    changed = [name for name, keys in wanted.items() if before[name] != keys]
    if not changed:
        return
    for name in changed:
        getattr(staff, name).set(wanted[name])
    detail = {name: sorted(keys) for name, keys in wanted.items()} | {"changed": changed}
    audit.record(action="clinic.set_scope", now=now, staff=by, target=staff, detail=detail)


def _possible(*lists: Iterable[Project]) -> tuple[list[Project], list[Project], list[Project]]:
    """Return scope, excluded and dedicated as lists; raise Refused `projects_contradict` for what cannot be."""
    scope, excluded, dedicated = (list(projects) for projects in lists)
    if found := contradictions(scope=scope, excluded=excluded, dedicated=dedicated):
        raise Refused(" ".join(one.sentence for one in found), code="projects_contradict")
    return scope, excluded, dedicated


@transaction.atomic
def end_employment(
    *, staff: Staff, last_day: date, now: datetime, by: Staff | None, successor: Staff | None = None
) -> None:
    """Let the person work until `last_day` is over; when that is past, sign-in, sessions and streams end now.

    `successor` takes over her visitors in the rules of triage. Raises Refused: `own_employment`, `too_early`,
    `successor_is_self`.
    """
    if by is not None and by.pk == staff.pk:
        raise Refused(_("You cannot end your own employment here."), code="own_employment")
    if last_day < staff.active_from:
        raise Refused(_("The last day lies before the first."), code="too_early")
    if successor is not None and successor.pk == staff.pk:
        raise Refused(_("Somebody else must be the successor."), code="successor_is_self")
    staff.active_until = last_day
    staff.successor = successor
    if last_day < staff.branch.today(now):
        # The hash of a session covers the password: without one every session of hers is void from now on.
        staff.set_unusable_password()
        end_streams(staff=staff)
    staff.save(update_fields=["active_until", "successor", "password"])
    audit.record(
        action="clinic.end_employment",
        now=now,
        staff=by,
        target=staff,
        detail={"last_day": last_day.isoformat(), "successor": successor.pk if successor else None},
    )


@transaction.atomic
def reset_password(*, staff: Staff, password: str, by: Staff | None, now: datetime) -> None:
    """Set a new password for somebody who forgot hers: lock-outs end, and wherever she is signed in, she is signed out.

    Raises Refused (`left`) when she does not work here any more.
    """
    if staff.active_until is not None and staff.active_until < staff.branch.today(now):
        raise Refused(_("This person does not work here any more. Change the last day first."), code="left")
    staff.set_password(password)
    staff.save(update_fields=["password"])
    AccessAttempt.objects.filter(username=staff.login_name).delete()
    audit.record(action="clinic.reset_password", now=now, staff=by, target=staff)
    end_streams(staff=staff)


@transaction.atomic
def change_own_password(*, staff: Staff, password: str, now: datetime) -> None:
    """Set the person's own new password; her other browsers are signed out."""
    staff.set_password(password)
    staff.save(update_fields=["password"])
    audit.record(action="clinic.change_own_password", now=now, staff=staff, target=staff)
    end_streams(staff=staff)


@transaction.atomic
def keep_preferences(*, staff: Staff, changes: Mapping[str, str]) -> None:
    """Keep language, theme or text size of the person. Raises ValueError on anything else."""
    if not changes.keys() <= PREFERENCES:
        raise ValueError(f"not a preference: {sorted(changes.keys() - PREFERENCES)}")
    for name, value in changes.items():
        setattr(staff, name, value)
    staff.save(update_fields=sorted(changes))


@transaction.atomic
def keep_notice_switches(*, staff: Staff, sound: bool, desktop: bool, title: bool) -> None:
    """Keep by which of sound, desktop notice and tab title the person is told of somebody who waits for her."""
    staff.notice_sound, staff.notice_desktop, staff.notice_title = sound, desktop, title
    staff.save(update_fields=["notice_sound", "notice_desktop", "notice_title"])


def end_streams(*, staff: Staff) -> None:
    """End the open streams of a person; pages of hers that may go on fetch a new ticket. Inside a transaction."""
    announce(topics=[topics.sign_out(staff.pk)])
