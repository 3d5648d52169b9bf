"""Arrivals: a visitor comes to the desk and gets the next number of the day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.counters import next_number
from clinic.services.repeats import content_of, made_before
from clinic.services.turns import one_at_a_time
from reception.models import Appointment, Visit, Visitor, VisitProject
from reception.selectors.duplicates import possible_duplicates
from reception.services import appointments
from reception.services.days import end_forgotten, tell_of_void
from reception.services.file_requests import ask_when_back
from reception.services.progress import Circumstances
from reception.services.visitors import forget_last_visit, hold_visitor, refuse_merged, register_visitor


@transaction.atomic
def register_arrival(
    *,
    visitor: Visitor,
    branch: Branch,
    projects: Sequence[Project],
    purpose: Visit.Purpose = Visit.Purpose.CONSULT,
    note: str = "",
    request_key: UUID | None = None,
    circumstances: Circumstances | None = None,
    friend_name: str = "",
    replaces: Visit | None = None,
    appointment: Appointment | None = None,
    besides: object = None,
    staff: Staff,
    now: datetime,
) -> Visit:
    """Register that a visitor stands at the desk and return the visit with its queue number.

    Numbers of a branch's day run from 1 without a gap. `projects` in the order she named them; `circumstances` is what
    the desk was told beside them; `friend_name`: the absent friend she enquires for, who is not on file yet;
    `replaces`: the void entry of today that this is entered again for (R2); `appointment`: what she was expected for,
    which is linked; `besides`: what else the request said, which the caller carries out. The same `request_key` sent
    again returns the same visit. A visit of an earlier day that was never ended is ended here. For a review the file
    room is asked for her file at once.
    Raises Refused `already_here` (where and since when) while an earlier visit of today is open, Stale `request_used`
    when something else was registered under the same `request_key`, `merged` when her record was merged into another,
    `replaced` when the entry cannot be entered again, `appointment_state` when the appointment is not hers to come for
    any more.
    """
    content = content_of(
        visitor=visitor,
        branch=branch,
        projects=projects,
        purpose=purpose,
        note=note,
        circumstances=circumstances or {},
        friend_name=friend_name,
        besides=besides,
        **({"replaces": replaces} if replaces else {}),
        **({"appointment": appointment} if appointment else {}),
    )
    if again := _made_before(request_key, content):
        return again
    refuse_merged(Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk))
    _end_earlier_visit(visitor, now)
    told: Circumstances = {**(circumstances or {})}
    if friend_name.strip() and told.get("other_reason") == Visit.OtherReason.FOR_FRIEND:
        told["friend"] = register_visitor(name=friend_name, branch=branch, staff=staff, now=now)
    day = branch.today(now)
    number = next_number(branch=branch, series=Visit.SERIES, period=day.isoformat())
    if replaces is not None:
        # After the number: closing a day takes the counter before the visits, too.
        _refuse_unless_void(replaces, branch, day)
    visit = Visit.objects.create(
        branch=branch,
        day=day,
        number=number,
        visitor=visitor,
        purpose=purpose,
        note=note,
        arrived_at=now,
        registered_by=staff,
        request_key=request_key,
        request_content=content if request_key else "",
        replaces=replaces,
        **told,
    )
    VisitProject.objects.bulk_create(
        VisitProject(visit=visit, project=project, position=position)
        for position, project in enumerate(dict.fromkeys(projects))
    )
    if appointment is not None:
        appointments.record_arrival(appointment=appointment, visit=visit, staff=staff, now=now)
    Visitor.objects.filter(pk=visitor.pk).update(last_visit_on=day)
    audit.record(action="reception.register_arrival", now=now, staff=staff, branch=branch, target=visit)
    concerned = [topics.register(branch.pk), topics.visitor(visitor.pk)]
    if purpose == Visit.Purpose.REVIEW:
        ask_when_back(visit=visit, now=now)
        concerned.append(topics.file_room(branch.pk))
    outbox.announce(topics=concerned)
    return visit


@transaction.atomic
def register_newcomer(
    *,
    name: str,
    phone: str = "",
    gender: str = Visitor.Gender.UNKNOWN,
    birth_on: date | None = None,
    card_declined: bool = False,
    another_person: bool = False,
    branch: Branch,
    projects: Sequence[Project],
    purpose: Visit.Purpose = Visit.Purpose.CONSULT,
    note: str = "",
    request_key: UUID,
    circumstances: Circumstances | None = None,
    friend_name: str = "",
    appointment: Appointment | None = None,
    besides: object = None,
    staff: Staff,
    now: datetime,
) -> Visit:
    """Register a person nobody knows yet and her arrival as one thing; return the visit.

    Unless the clerk has said that this is `another_person`, somebody on file who may be her is asked about first:
    Stale `possible_duplicate` with `detail["visitors"]` (ids). Sent again with the same `request_key`, it returns
    the same visit. Otherwise raises as `register_visitor` and `register_arrival` do.
    """
    content = content_of(
        name=name,
        phone=phone,
        gender=gender,
        birth_on=birth_on,
        card_declined=card_declined,
        branch=branch,
        projects=projects,
        purpose=purpose,
        note=note,
        circumstances=circumstances or {},
        friend_name=friend_name,
        besides=besides,
        **({"appointment": appointment} if appointment else {}),
    )
    if again := _made_before(request_key, content):
        return again
    visitor = register_visitor(
        name=name,
        phone=phone,
        gender=gender,
        birth_on=birth_on,
        card_declined=card_declined,
        branch=branch,
        staff=staff,
        now=now,
    )
    one_at_a_time(f"newcomer {visitor.phone or visitor.name}")
    known = (
        []
        if another_person
        else possible_duplicates(
            name=visitor.name, phone=str(visitor.phone), birth_on=birth_on, but=visitor, name_alone=True
        )
    )
    if known:
        raise Stale(
            _("Somebody with this name or phone is on file already. Is this her?"),
            code="possible_duplicate",
            detail={"visitors": [one.pk for one in known]},
        )
    visit = register_arrival(
        visitor=visitor,
        branch=branch,
        projects=projects,
        purpose=purpose,
        note=note,
        circumstances=circumstances,
        friend_name=friend_name,
        appointment=appointment,
        staff=staff,
        now=now,
    )
    visit.request_key, visit.request_content = request_key, content
    visit.save(update_fields=["request_key", "request_content"])
    return visit


@transaction.atomic
def void_visit(*, visit: Visit, reason: str, staff: Staff, now: datetime) -> Visit:
    """Annotate a wrong entry as void; it keeps its number and is entered again (R2). Return the visit.

    Raises Refused `reason` without one; Stale `visit_state` once the visit was given to a consultant or is over,
    `asked` while somebody is asked for a name.
    """
    # In the order in which an arrival takes them.
    hold_visitor(visit.visitor_id)
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the entry is void: it stays in the register with the reason."), code="reason")
    if visit.state != Visit.State.REGISTERED or visit.consultant_id is not None:
        raise Stale(
            _("Visit %(number)s is “%(state)s” now and can no longer be made void. Undo the allocation first.")
            % {"number": visit, "state": visit.get_state_display()},
            code="visit_state",
            detail={"state": visit.state},
        )
    if visit.rule not in ("", "A1"):
        raise Stale(
            _("Somebody was asked whom to give %(number)s to. Undo the question, or note that the visitor has left.")
            % {"number": visit},
            code="asked",
        )
    visit.state = Visit.State.VOID
    visit.void_reason = reason
    visit.version += 1
    visit.save(update_fields=["state", "void_reason", "version"])
    forget_last_visit(visit)
    appointments.release_arrival(visit=visit, staff=staff, now=now)
    audit.record(
        action="reception.void_visit",
        now=now,
        staff=staff,
        branch=visit.branch,
        target=visit,
        detail={"reason": visit.void_reason},
    )
    tell_of_void(visit)
    return visit


def _made_before(request_key: UUID | None, content: str) -> Visit | None:
    return made_before(
        Visit.objects.select_related("visitor", "branch"),
        request_key,
        content,
        used_for=lambda made: (
            _(
                "This form has already registered %(number)s %(name)s at %(time)s; what was changed since is not"
                " registered. Is it another arrival? Then register it now."
            )
            % {
                "number": made,
                "name": made.visitor.name,
                "time": made.arrived_at.astimezone(made.branch.zone).strftime("%H:%M"),
            }
        ),
    )


def _end_earlier_visit(visitor: Visitor, now: datetime) -> None:
    """End an open visit of an earlier day; raise Refused `already_here` when one of today is open."""
    visit = (
        Visit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("branch")
        .filter(visitor=visitor, state__in=Visit.OPEN_STATES)
        .first()
    )
    if visit is None:
        return
    if visit.day >= visit.branch.today(now):
        raise Refused(
            _("%(name)s is here already: number %(number)s at %(branch)s since %(time)s, now “%(state)s”.")
            % {
                "name": visitor.name,
                "number": visit,
                "branch": visit.branch,
                "time": visit.arrived_at.astimezone(visit.branch.zone).strftime("%H:%M"),
                "state": visit.get_state_display(),
            },
            code="already_here",
            detail={"visit": visit.pk},
        )
    end_forgotten(visit, staff=None, now=now)


def _refuse_unless_void(replaces: Visit, branch: Branch, day: date) -> None:
    """Lock the entry to be entered again; raise Stale `replaced` unless it is void, of today, and not entered again."""
    replaces.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    void = replaces.state == Visit.State.VOID and (replaces.branch_id, replaces.day) == (branch.pk, day)
    if not void or Visit.objects.filter(replaces=replaces).exists():
        raise Stale(
            _("Number %(number)s is not a void entry of today, or was entered again already.") % {"number": replaces},
            code="replaced",
        )
