"""A closed day is amended (R4): proposed by one, approved by two others, applied with the second approval."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Department, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.counters import next_number
from clinic.services.repeats import content_of, made_before
from clinic.services.turns import one_at_a_time
from reception.models import Amendment, DayClose, Visit, Visitor, VisitProject
from reception.models.days import HEAD, SUPERVISOR
from reception.selectors.amendments import TIMES
from reception.selectors.days import is_on_a_closed_sheet
from reception.services import appointments
from reception.services.days import frozen_again, tell_of_void
from reception.services.visitors import forget_last_visit, refuse_merged

# What makes an entry void.
_VOID = ("state", "void_reason")


@transaction.atomic
def propose_amendment(
    *,
    visit: Visit,
    visit_type: str | None = None,
    purpose: str | None = None,
    consultant: Staff | None = None,
    projects: Sequence[Project] | None = None,
    note: str | None = None,
    times: Mapping[str, datetime] | None = None,
    visitor: Visitor | None = None,
    make_void: bool = False,
    reason: str,
    department: Department,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> Amendment:
    """Propose to change an entry of a closed day; nothing changes until two others have approved. Return the proposal.

    What is None stays. `times`: by the names of TIMES. `make_void` annotates the entry as void with the reason;
    another `visitor` does the same and enters it again for her (R2), with whatever else is changed. `department` is the
    one whose interest it touches: its head approves. The same `request_key` again returns the same proposal. Raises
    Refused `reason`, `not_closed` (an entry of an open day is made void and entered again), `no_head`, `nothing` when
    nothing would change, `times` when they cannot be, `replaced` when a void entry is to be entered again, `came_to`
    when an entry would be void on which something was bought or done; Stale `merged`, `waiting` while another amendment
    of the entry waits, and `request_used` when something else was proposed under the same `request_key`.
    """
    content = content_of(
        visit=visit,
        visit_type=visit_type,
        purpose=purpose,
        consultant=consultant,
        projects=projects,
        note=note,
        times=times,
        visitor=visitor,
        make_void=make_void,
        reason=reason,
        department=department,
    )
    if again := made_before(
        Amendment.objects.select_related("visit"),
        request_key,
        content,
        used_for=lambda made: (
            _(
                "This form has already proposed an amendment of number %(number)s; what was changed since is not in it."
                " Withdraw that one, then send this one."
            )
            % {"number": made.visit}
        ),
    ):
        return again
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    if not is_on_a_closed_sheet(visit):
        raise Refused(
            _("This entry is not on the sheet of a closed day. Make it void and enter it again."), code="not_closed"
        )
    if not reason.strip():
        raise Refused(_("Say why: whoever approves it has only this to go by."), code="reason")
    if department.branch_id != visit.branch_id or department.head_id is None:
        raise Refused(
            _("This department has no head who could approve. A manager names one on the branch's page."),
            code="no_head",
        )
    wanted: dict[str, Any] = {}
    for name, value in (("visit_type", visit_type), ("purpose", purpose), ("note", note)):
        if value is not None:
            wanted[name] = value
    if consultant is not None:
        wanted["consultant_id"] = consultant.pk
    if projects is not None:
        wanted["projects"] = [project.pk for project in dict.fromkeys(projects)]
    if times:
        _refuse_impossible(visit, times, now)
        wanted |= {name: at.astimezone(UTC).isoformat() for name, at in _in_order(visit, times).items()}
    if visitor is not None and visitor.pk != visit.visitor_id:
        _refuse_to_enter_again(visit, visitor)
        wanted["visitor"] = visitor.pk
    if make_void or "visitor" in wanted:
        _refuse_what_stands(visit)
        wanted |= {"state": Visit.State.VOID.value, "void_reason": reason.strip()[:200]}
    now_is = _as_is(visit, wanted)
    after = {name: value for name, value in wanted.items() if now_is[name] != value}
    if not after:
        raise Refused(_("Nothing of this differs from what the register says."), code="nothing")
    if Amendment.objects.waiting().filter(visit=visit).exists():
        raise Stale(_("An amendment of this entry waits already. Have it decided first."), code="waiting")
    before = {name: now_is[name] for name in after}
    amendment = Amendment.objects.create(
        branch=visit.branch,
        day=visit.day,
        visit=visit,
        before=before,
        after=after,
        words=_names(before, after),
        reason=reason.strip(),
        department=department,
        author=staff,
        proposed_at=now,
        request_key=request_key,
        request_content=content if request_key else "",
    )
    audit.record(
        action="reception.propose_amendment",
        now=now,
        staff=staff,
        branch=visit.branch,
        target=amendment,
        detail={"day": visit.day.isoformat(), "number": str(visit), "fields": sorted(after)},
    )
    _tell(amendment)
    return amendment


@transaction.atomic
def approve_amendment(*, amendment: Amendment, part: str, staff: Staff, now: datetime) -> Amendment:
    """Approve as the `supervisor` or as the `head` of the department; the second approval applies it. Return it.

    Raises Refused `author` for its author, `same_person` for who has given the other approval, `not_hers` for who is
    neither, `came_to` as `propose_amendment`; Stale `decided` when this part is decided already, `entry_changed` when
    the entry was amended meanwhile.
    """
    locked = _locked(amendment)
    _refuse_author(locked, staff)
    other = locked.head_id if part == SUPERVISOR else locked.supervisor_id
    if staff.pk == other:
        raise Refused(_("You have approved this already. The other approval is another person's."), code="same_person")
    if not locked.is_post_of(part, staff):
        raise Refused(_("This approval is not yours to give."), code="not_hers")
    if part == HEAD:
        decided, locked.head, locked.head_at = locked.head_id, staff, now
    else:
        decided, locked.supervisor, locked.supervisor_at = locked.supervisor_id, staff, now
    if decided is not None:
        raise Stale(_("This approval has been given already."), code="decided")
    locked.save(update_fields=["supervisor", "supervisor_at", "head", "head_at"])
    audit.record(
        action="reception.approve_amendment",
        now=now,
        staff=staff,
        branch=locked.branch,
        target=locked,
        detail={"as": part},
    )
    if locked.supervisor_id is not None and locked.head_id is not None:
        _apply(locked, staff=staff, now=now)
    _tell(locked)
    return locked


@transaction.atomic
def refuse_amendment(*, amendment: Amendment, reason: str, staff: Staff, now: datetime) -> Amendment:
    """Refuse it with a reason; it stays in the list with that. Its author may withdraw it so. Return it.

    Raises Refused `reason` without one, `not_hers` for who may not decide it; Stale `decided` when it is over.
    """
    locked = _locked(amendment)
    if not reason.strip():
        raise Refused(_("Say why it is refused: its author reads it."), code="reason")
    if not locked.may_refuse(staff):
        raise Refused(_("This amendment is not yours to decide."), code="not_hers")
    locked.refused_by, locked.refused_at, locked.refused_reason = staff, now, reason.strip()
    locked.save(update_fields=["refused_by", "refused_at", "refused_reason"])
    audit.record(
        action="reception.refuse_amendment",
        now=now,
        staff=staff,
        branch=locked.branch,
        target=locked,
        detail={"reason": locked.refused_reason},
    )
    _tell(locked)
    return locked


def _locked(amendment: Amendment) -> Amendment:
    locked = (
        Amendment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("branch", "department", "visit")
        .get(pk=amendment.pk)
    )
    if not locked.waits:
        raise Stale(
            _("This amendment is applied already.") if locked.applied_at else _("This amendment was refused already."),
            code="decided",
        )
    return locked


def _refuse_author(amendment: Amendment, staff: Staff) -> None:
    if staff.pk == amendment.author_id:
        raise Refused(
            _("You have proposed this amendment. Two others have to approve it: nobody approves her own."),
            code="author",
        )


def _apply(amendment: Amendment, *, staff: Staff, now: datetime) -> None:
    """Change the entry and freeze the sheet once more, in the transaction of the second approval."""
    day = amendment.day.isoformat()
    one_at_a_time(f"register {amendment.branch_id} {day}")
    visit = Visit.objects.select_for_update(no_key=True).get(pk=amendment.visit_id)
    again = amendment.after.get("visitor")
    if _as_is(visit, amendment.after) != amendment.before:
        raise Stale(
            _("The entry says something else by now. Refuse this amendment and propose it again."),
            code="entry_changed",
        )
    if amendment.after.get("state") == Visit.State.VOID:
        _refuse_what_stands(visit)
    columns = {
        name: datetime.fromisoformat(value) if name in TIMES else value
        for name, value in amendment.after.items()
        if name not in ("projects", "visitor")
    }
    if again is not None:
        amendment.entered = _enter_again(visit, amendment, columns)
        appointments.hand_arrival_over(visit=visit, to=amendment.entered, staff=staff, now=now)
        columns = {name: columns[name] for name in _VOID}
    for name, value in columns.items():
        setattr(visit, name, value)
    visit.version += 1
    visit.save(update_fields=[*(name.removesuffix("_id") for name in columns), "version"])
    if "projects" in amendment.after and again is None:
        VisitProject.objects.filter(visit=visit).delete()
        _write_projects(visit, amendment.after["projects"])
    if visit.state == Visit.State.VOID:
        forget_last_visit(visit)
        tell_of_void(visit)
    closing = DayClose.objects.filter(branch=amendment.branch_id, day=amendment.day).latest("last_number")
    changed = [*columns, "projects"] if "projects" in amendment.after and again is None else list(columns)
    amendment.sheet = frozen_again(closing=closing, visit=visit, columns=changed, entered=amendment.entered, now=now)
    amendment.closing, amendment.applied_at = closing, now
    amendment.save(update_fields=["closing", "sheet", "applied_at", "entered"])
    audit.record(
        action="reception.amend_day",
        now=now,
        staff=staff,
        branch=amendment.branch,
        target=amendment,
        detail={"day": day, "number": str(visit), "fields": sorted(amendment.after), "hash": amendment.sheet.hash},
    )


def _enter_again(visit: Visit, amendment: Amendment, columns: Mapping[str, Any]) -> Visit:
    """Enter a visit again for the visitor an amendment names, with the day's next number; return the new entry."""
    visitor = Visitor.objects.select_for_update(no_key=True).get(pk=amendment.after["visitor"])
    _refuse_to_enter_again(visit, visitor)
    wishes = visit.wishes.order_by("position").values_list("project_id", flat=True)
    projects = amendment.after["projects"] if "projects" in amendment.after else list(wishes)
    entry = Visit.objects.get(pk=visit.pk)
    entry.pk, entry._state.adding = None, True
    entry.number = next_number(branch=amendment.branch, series=Visit.SERIES, period=amendment.day.isoformat())
    entry.visitor, entry.replaces, entry.registered_by = visitor, visit, amendment.author
    entry.request_key, entry.request_content, entry.version = None, "", 1
    for name, value in columns.items():
        if name not in _VOID:
            setattr(entry, name, value)
    entry.save(force_insert=True)
    _write_projects(entry, projects)
    came_before = Q(last_visit_on=None) | Q(last_visit_on__lt=entry.day)
    Visitor.objects.filter(came_before, pk=visitor.pk).update(last_visit_on=entry.day)
    return entry


def _write_projects(visit: Visit, projects: Sequence[int]) -> None:
    VisitProject.objects.bulk_create(
        VisitProject(visit=visit, project_id=pk, position=position) for position, pk in enumerate(projects)
    )


def _refuse_to_enter_again(visit: Visit, visitor: Visitor) -> None:
    refuse_merged(visitor)
    if visit.state == Visit.State.VOID or Visit.objects.filter(replaces=visit).exists():
        raise Refused(
            _("Number %(number)s is void or was entered again already. Amend the other entry.") % {"number": visit},
            code="replaced",
        )


def _refuse_what_stands(visit: Visit) -> None:
    """Refuse to make an entry void while something that was bought or done on it stands, in the record of its visitor.

    Rooms to the right know it, and have their own ways to put it right: those come first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select from ({import_string(settings.CAME_TO)}) as came_to where visit_id = %s)",  # noqa: S608
            [visit.pk],
        )
        (found,) = cursor.fetchone()
    if found:
        raise Refused(
            _(
                "A deal or a treatment of number %(number)s stands. Let the consulting supervisor make the deal void,"
                " and have the treatment cancelled; then propose this once more."
            )
            % {"number": visit},
            code="came_to",
        )


def _refuse_impossible(visit: Visit, times: Mapping[str, datetime], now: datetime) -> None:
    """Raise Refused `times` unless she arrived on the day, then came into the room, then it was over, all before now.

    What was never written has not happened, and gets no time here. Of two times in one minute nobody sees which is
    first.
    """
    said = [times.get(name) or getattr(visit, name) for name in TIMES]
    in_order = [at.replace(second=0, microsecond=0) for at in said if at is not None]
    if (
        any(getattr(visit, name) is None for name in times)
        or in_order != sorted(in_order)
        or in_order[-1] > now
        or in_order[0].astimezone(visit.branch.zone).date() != visit.day
    ):
        raise Refused(
            _("These times cannot be: she arrives on that day, then enters the room, then it is over."), code="times"
        )


def _in_order(visit: Visit, times: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return the amended times, none before what stands before it: in the same minute they are set to its second."""
    found: dict[str, datetime] = {}
    before: datetime | None = None
    for name in TIMES:
        at = times.get(name) or getattr(visit, name)
        if at is None:
            continue
        if name in times:
            at = at.replace(second=0, microsecond=0)
            at = found[name] = at if before is None else max(at, before)
        before = at
    return found


def _as_is(visit: Visit, fields: Mapping[str, Any]) -> dict[str, Any]:
    columns = {"visitor": "visitor_id"}
    found: dict[str, Any] = {name: getattr(visit, columns.get(name, name)) for name in fields if name != "projects"}
    found |= {name: at.astimezone(UTC).isoformat() for name, at in found.items() if name in TIMES and at is not None}
    if "projects" in fields:
        found["projects"] = list(visit.wishes.order_by("position").values_list("project_id", flat=True))
    return found


def _names(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names of the people and projects a change speaks of, as they are called now."""
    people = [pk for one in (before, after) if (pk := one.get("consultant_id")) is not None]
    projects = {pk for one in (before, after) for pk in one.get("projects", ())}
    visitors = [one["visitor"] for one in (before, after) if "visitor" in one]
    return {
        "visitors": {
            str(pk): f"{name} {number}"
            for pk, name, number in Visitor.objects.filter(pk__in=visitors).values_list("pk", "name", "file_number")
        },
        "people": {str(pk): name for pk, name in Staff.objects.filter(pk__in=people).values_list("pk", "display_name")},
        "projects": {
            str(pk): [name, name_en]
            for pk, name, name_en in Project.objects.filter(pk__in=projects).values_list("pk", "name", "name_en")
        },
    }


def _tell(amendment: Amendment) -> None:
    """Let the register's screens hear of it, and everybody who may have to approve it."""
    heard = [topics.register(amendment.branch_id), topics.days(amendment.branch_id)]
    if amendment.entered is not None:
        heard += [topics.visitor(amendment.visit.visitor_id), topics.visitor(amendment.entered.visitor_id)]
    outbox.announce(topics=heard)
