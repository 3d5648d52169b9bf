"""Appointments are booked, and booked anew, where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit
from clinic.services.repeats import content_of, made_before
from clinic.services.turns import one_at_a_time
from reception import slots
from reception.models import Appointment, AppointmentEntry, AppointmentProject, PreReport, ProjectGroup, Visitor
from reception.selectors import appointments as reads
from reception.services import pre_reports
from reception.services.appointments import announce, lock_as_seen, move_to, note, refuse_unless

_State = Appointment.State
_Kind = AppointmentEntry.Kind


@dataclass(frozen=True, slots=True)
class Wish:
    """When an appointment is to be and what for; `minutes` None: as long as its project usually takes."""

    day: date
    starts: time
    projects: Sequence[Project] = ()
    minutes: int | None = None
    urgent: bool = False
    note: str = ""


@transaction.atomic
def book_appointment(
    *,
    branch: Branch,
    wish: Wish,
    visitor: Visitor | None = None,
    name: str = "",
    phone: str = "",
    agent: Staff,
    pre_report: PreReport | None = None,
    instead_of: Appointment | None = None,
    seen: int | None = None,
    overbook_reason: str = "",
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> Appointment:
    """Book a time and return the appointment. Of two who want the last room at once, the second is told.

    Without `visitor`, the one on file with this phone is meant, if there is exactly one. `instead_of`: the appointment
    this one replaces, open ones become moved, who did not come stays so; `seen` is its version on the screen. What an
    agent books for somebody she has no pre-report of, is her pre-report too. Raises Refused `past`, `too_far`,
    `closed_then`, `half_hours`, `nobody`, `booked_already`; Stale `slot_full` with `detail["free"]`, the next free
    times, unless somebody who sets capacity gives an `overbook_reason`; Stale `request_used`, `appointment_changed`.
    """
    content = content_of(
        wish=[wish.day, wish.starts, [one.pk for one in wish.projects], wish.minutes, wish.urgent, wish.note],
        visitor=visitor,
        name=name,
        phone=phone,
        agent=agent,
        pre_report=pre_report,
        instead_of=instead_of,
    )
    if again := made_before(
        Appointment.objects.select_related("branch"),
        request_key,
        content,
        used_for=lambda made: (
            _("This form has already booked %(name)s at %(time)s. To book what you changed, send it again.")
            % {"name": made.name, "time": f"{made.day:%m-%d} {made.starts:%H:%M}"}
        ),
    ):
        return again
    # The day before the row, as closing a day does it: two that wait for each other would wait for ever.
    one_at_a_time(f"appointments {branch.pk} {wish.day.isoformat()}")
    if instead_of is not None:
        lock_as_seen(instead_of, seen)
        refuse_unless(instead_of, (*Appointment.OPEN, _State.NO_SHOW))
        _refuse_rebooked(instead_of)
        visitor, name, phone = instead_of.visitor, instead_of.name, str(instead_of.phone)
        pre_report = pre_report or instead_of.pre_report
    elif pre_report is not None:
        visitor, name = visitor or pre_report.visitor, name or pre_report.name
        phone = phone or str(pre_report.phone)
    visitor, name, phone = pre_reports.person_named(visitor, name, phone)
    _refuse_odd_time(branch, wish, now)
    group = reads.group_of(wish.projects)
    minutes = wish.minutes or slots.MINUTES[group]
    weight = slots.weight_of(group, urgent=wish.urgent, vip=visitor is not None and visitor.vip)
    _refuse_twice(branch, wish, visitor, name, phone, but=instead_of)
    if instead_of is not None and instead_of.is_open:
        # Its room is free for the new one, which may be half an hour later.
        move_to(instead_of, _State.MOVED, _Kind.MOVED, "", staff, now)
    overbooked = _room(branch, wish, group, minutes, weight, overbook_reason.strip(), staff)
    if pre_report is None and agent.may(Capability.WORK_OWN_PRE_REPORTS):
        pre_report = _own_pre_report(branch, agent, visitor, name, phone, wish, staff, now)
    appointment = Appointment.objects.create(
        branch=branch,
        day=wish.day,
        starts=wish.starts,
        minutes=minutes,
        group=group,
        weight=weight,
        urgent=wish.urgent,
        note=wish.note,
        visitor=visitor,
        name=name,
        phone=phone,
        agent=agent,
        pre_report=pre_report,
        instead_of=instead_of,
        overbooked_because=overbook_reason.strip()[:200] if overbooked else "",
        made_at=now,
        made_by=staff,
        request_key=request_key,
        request_content=content if request_key else "",
    )
    AppointmentProject.objects.bulk_create(
        AppointmentProject(appointment=appointment, project=project, position=position)
        for position, project in enumerate(dict.fromkeys(wish.projects))
    )
    note(appointment, _Kind.BOOKED, appointment.overbooked_because, staff, now)
    pre_reports.follow(pre_report.pk if pre_report is not None else None)
    detail = {"day": wish.day.isoformat(), "overbooked": overbooked}
    audit.record(
        action="reception.book_appointment", now=now, staff=staff, branch=branch, target=appointment, detail=detail
    )
    announce(appointment)
    return appointment


def _refuse_odd_time(branch: Branch, wish: Wish, now: datetime) -> None:
    today = branch.today(now)
    ends = datetime.combine(wish.day, wish.starts, tzinfo=branch.zone) + timedelta(minutes=slots.HALF_HOUR)
    if wish.day < today or ends <= now:
        raise Refused(_("This time is over. Choose a later one."), code="past")
    if wish.day > today + FURTHEST_AHEAD:
        raise Refused(_("This is more than two years ahead. Check the year."), code="too_far")
    minutes = wish.minutes or slots.HALF_HOUR
    if slots.minute_of(wish.starts) % slots.HALF_HOUR or minutes % slots.HALF_HOUR or not 0 < minutes <= slots.LONGEST:
        raise Refused(_("Appointments begin and end at full and half hours."), code="half_hours")


def _refuse_twice(
    branch: Branch, wish: Wish, visitor: Visitor | None, name: str, phone: str, *, but: Appointment | None
) -> None:
    """Refuse a second appointment of the same person at the same time."""
    same = Appointment.objects.filter(day=wish.day, starts=wish.starts, state__in=Appointment.OPEN)
    same = same.filter(visitor=visitor) if visitor is not None else same.filter(branch=branch, name=name, phone=phone)
    if but is not None:
        same = same.exclude(pk=but.pk)
    if same.exists():
        raise Refused(
            _("%(name)s is expected at this time already.") % {"name": name or (visitor and visitor.name)},
            code="booked_already",
        )


def _room(
    branch: Branch, wish: Wish, group: ProjectGroup, minutes: int, weight: int, reason: str, staff: Staff
) -> bool:
    """Look for room under the day's lock; return whether there is none and it is booked all the same."""
    (plan,) = reads.plans_of(branch, [wish.day])
    if not plan.is_open(wish.starts, minutes):
        raise Refused(_("The house is not open all that time. Choose another."), code="closed_then")
    if plan.fits(slots.Taken(group, wish.starts, minutes, weight)):
        return False
    if reason and staff.may(Capability.SET_CAPACITY):
        return True
    free = reads.free_times_after(branch, group=group, minutes=minutes, weight=weight, after=(wish.day, wish.starts))
    raise Stale(
        _("%(group)s has no room left at %(time)s. Choose another time.")
        % {"group": group.label, "time": f"{wish.starts:%H:%M}"},
        code="slot_full",
        detail={"free": free},
    )


def _refuse_rebooked(appointment: Appointment) -> None:
    after = Appointment.objects.filter(instead_of=appointment).first()
    if after is not None:
        raise Stale(
            _("%(name)s has another appointment already: %(day)s at %(time)s.")
            % {"name": after.name, "day": after.day.isoformat(), "time": f"{after.starts:%H:%M}"},
            code="rebooked",
        )


def _own_pre_report(
    branch: Branch,
    agent: Staff,
    visitor: Visitor | None,
    name: str,
    phone: str,
    wish: Wish,
    staff: Staff,
    now: datetime,
) -> PreReport:
    """Return the newest pre-report this agent has of somebody that is not over, or record one."""
    mine = PreReport.objects.filter(
        agent=agent, branch=branch, state__in=(PreReport.State.LEAD, PreReport.State.BOOKED)
    )
    mine = mine.filter(visitor=visitor) if visitor is not None else mine.filter(visitor=None, name=name, phone=phone)
    known = mine.order_by("-pk").first()
    return known or pre_reports.record_pre_report(
        branch=branch,
        agent=agent,
        visitor=visitor,
        name=name,
        phone=phone,
        projects=wish.projects,
        said=wish.note,
        staff=staff,
        now=now,
    )
