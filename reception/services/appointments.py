"""Appointments: booked where there is room, confirmed, moved, cancelled, arrived, not come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.message_texts import CONFIRM_APPOINTMENT, language_for
from clinic.models import Branch, OutgoingMessage, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit, messages, outbox
from clinic.services.repeats import content_of
from clinic.services.turns import one_at_a_time
from reception import slots
from reception.models import (
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    MessageRefusal,
    PreReport,
    ProjectGroup,
    SlotCapacity,
    Visit,
    Visitor,
)
from reception.models.appointments import GRACE
from reception.selectors import appointments as reads
from reception.services import pre_reports

_State = Appointment.State
_Kind = AppointmentEntry.Kind
# What an answer of the day before makes of an appointment.
ANSWERS: Mapping[str, tuple[Appointment.State | None, AppointmentEntry.Kind]] = {
    "confirmed": (_State.CONFIRMED, _Kind.CONFIRMED),
    "not_reached": (None, _Kind.NOT_REACHED),
    "cancelled": (_State.CANCELLED, _Kind.CANCELLED),
}


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
    if request_key is not None:
        one_at_a_time(f"appointment {request_key}")
        if (made := Appointment.objects.select_related("branch").filter(request_key=request_key).first()) is not None:
            if made.request_content != content:
                raise Stale(
                    _("This form has already booked %(name)s at %(time)s. To book what you changed, send it again.")
                    % {"name": made.name, "time": f"{made.day:%m-%d} {made.starts:%H:%M}"},
                    code="request_used",
                )
            return made
    # The day before the row, as closing a day does it: two that wait for each other would wait for ever.
    one_at_a_time(f"appointments {branch.pk} {wish.day.isoformat()}")
    if instead_of is not None:
        _lock(instead_of, seen)
        _refuse_unless(instead_of, (*Appointment.OPEN, _State.NO_SHOW))
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
        _set(instead_of, _State.MOVED, _Kind.MOVED, "", staff, now)
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
    _note(appointment, _Kind.BOOKED, appointment.overbooked_because, staff, now)
    pre_reports.set_state(pre_report.pk if pre_report is not None else None, PreReport.State.BOOKED)
    detail = {"day": wish.day.isoformat(), "overbooked": overbooked}
    audit.record(
        action="reception.book_appointment", now=now, staff=staff, branch=branch, target=appointment, detail=detail
    )
    _announce(appointment)
    return appointment


@transaction.atomic
def answer_appointment(
    *,
    appointment: Appointment,
    what: str,
    text: str = "",
    call_again_at: datetime | None = None,
    seen: int | None = None,
    staff: Staff,
    now: datetime,
) -> Appointment:
    """Write down what was answered: one of ANSWERS. A cancelled one with `call_again_at` is a deferred project.

    The call-back is then a promise on her pre-report, which is made if there is none. Raises Stale
    `appointment_changed`, `appointment_state`; Refused `answer`, `reason` when cancelled without one, `promise_due`.
    """
    if what not in ANSWERS:
        raise Refused(_("Choose what was answered."), code="answer")
    _lock(appointment, seen)
    _refuse_unless(appointment, Appointment.OPEN)
    state, kind = ANSWERS[what]
    if what == "cancelled" and not text.strip():
        raise Refused(_("Say why it is cancelled."), code="reason")
    if state is None:
        appointment.not_reached += 1
        appointment.version += 1
        appointment.save(update_fields=["not_reached", "version"])
        _note(appointment, kind, text, staff, now)
    else:
        _set(appointment, state, kind, text, staff, now)
    if what == "cancelled":
        _cancelled(appointment, call_again_at, staff, now)
    audit.record(
        action="reception.answer_appointment",
        now=now,
        staff=staff,
        branch=appointment.branch,
        target=appointment,
        detail={"answer": what},
    )
    _announce(appointment)
    return appointment


def record_arrival(*, appointment: Appointment, visit: Visit, staff: Staff, now: datetime) -> Appointment:
    """Link a visit to the appointment it was for, inside the transaction that registers the arrival.

    Notes how many minutes after its time she came. Raises Stale `appointment_state` when it is not hers to come for:
    cancelled, moved, arrived already, of another day or branch.
    """
    _lock(appointment, None)
    of_today = appointment.branch_id == visit.branch_id and appointment.day == visit.day
    _refuse_unless(appointment, (*Appointment.OPEN, _State.NO_SHOW) if of_today else ())
    after = visit.arrived_at - appointment.begins_at
    late = int(after.total_seconds() // 60)
    appointment.visit = visit
    appointment.visitor = visit.visitor
    appointment.late_minutes = min(late, 24 * 60) if after > GRACE else 0
    said = _("%(count)d minutes late") % {"count": late} if appointment.late_minutes else ""
    _set(appointment, _State.ARRIVED, _Kind.ARRIVED, said, staff, now, "visit", "visitor", "late_minutes")
    pre_reports.set_state(appointment.pre_report_id, PreReport.State.CAME)
    _announce(appointment)
    return appointment


def release_arrival(*, visit: Visit, staff: Staff, now: datetime) -> None:
    """Expect somebody again whose visit was a wrong entry, inside the transaction that makes it void."""
    appointment = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(visit=visit).first()
    if appointment is None:
        return
    appointment.visit, appointment.late_minutes = None, 0
    _set(appointment, _State.BOOKED, _Kind.RELEASED, "", staff, now, "visit", "late_minutes")
    pre_reports.set_state(appointment.pre_report_id, PreReport.State.BOOKED)
    _announce(appointment)


@transaction.atomic
def close_appointments_of(*, branch: Branch, day: date, staff: Staff | None, now: datetime) -> int:
    """Note of everybody still expected on a day that she did not come; return how many.

    Run twice, late, or at once by two, each is noted once. Raises Refused `not_over` for a day still to come.
    """
    if day > branch.today(now):
        raise Refused(_("This day is still to come."), code="not_over")
    one_at_a_time(f"appointments {branch.pk} {day.isoformat()}")
    absent = list(
        Appointment.objects.select_for_update(no_key=True).filter(branch=branch, day=day, state__in=Appointment.OPEN)
    )
    if not absent:
        return 0
    for one in absent:
        one.state = _State.NO_SHOW
        one.version += 1
    Appointment.objects.bulk_update(absent, ["state", "version"], batch_size=500)
    AppointmentEntry.objects.bulk_create(
        [AppointmentEntry(appointment=one, at=now, staff=staff, kind=_Kind.NO_SHOW) for one in absent], batch_size=500
    )
    audit.record(
        action="reception.close_appointments",
        now=now,
        staff=staff,
        branch=branch,
        detail={"day": day.isoformat(), "absent": len(absent)},
    )
    outbox.announce(topics=[topics.appointments(branch.pk)])
    return len(absent)


@transaction.atomic
def ask_for_message(
    *, appointment: Appointment, seen: int | None = None, staff: Staff, now: datetime
) -> OutgoingMessage:
    """Queue the confirmation message of an appointment, in her language; the same one is not sent twice.

    Raises Refused `no_phone`, `wants_none`; Stale `appointment_state`, `appointment_changed`.
    """
    _lock(appointment, seen)
    _refuse_unless(appointment, Appointment.OPEN)
    phone = str(appointment.phone)
    if phone and not reads.may_send_messages(phone=phone):
        raise Refused(
            _("%(name)s wants no messages. Please call instead.") % {"name": appointment.name}, code="wants_none"
        )
    language = language_for(appointment.name)
    with override(language):
        values = {
            "hospital": str(appointment.branch),
            "name": appointment.name,
            "day": formats.date_format(appointment.day, "SHORT_DATE_FORMAT"),
            "time": f"{appointment.starts:%H:%M}",
            "phone": appointment.branch.phone or "—",
        }
    message = messages.queue_message(
        branch=appointment.branch,
        phone=phone,
        template=CONFIRM_APPOINTMENT,
        language=language,
        values=values,
        about=f"appointment {appointment.pk}",
        staff=staff,
        now=now,
    )
    if appointment.messaged_at is None:
        appointment.messaged_at = now
        appointment.version += 1
        appointment.save(update_fields=["messaged_at", "version"])
        _note(appointment, _Kind.MESSAGED, "", staff, now)
        audit.record(
            action="reception.ask_for_message", now=now, staff=staff, branch=appointment.branch, target=appointment
        )
        _announce(appointment)
    return message


@transaction.atomic
def refuse_messages(*, appointment: Appointment, staff: Staff, now: datetime) -> None:
    """Note that the owner of an appointment's number wants no messages. Raises Refused `no_phone` without one."""
    if not appointment.phone:
        raise Refused(_("There is no phone number to send a message to."), code="no_phone")
    _row, new = MessageRefusal.objects.get_or_create(
        phone=appointment.phone, defaults={"refused_at": now, "noted_by": staff}
    )
    if new:
        audit.record(
            action="reception.refuse_messages", now=now, staff=staff, branch=appointment.branch, target=appointment
        )
        _announce(appointment)


@transaction.atomic
def set_capacity(
    *,
    branch: Branch,
    group: str,
    weekdays: Sequence[int],
    begins: time,
    ends: time,
    capacity: int,
    staff: Staff,
    now: datetime,
) -> int:
    """Set what each half hour between two times can take on some weekdays (0 = Monday); return how many half hours.

    What is booked already stays. Raises Refused `half_hours` when no half hour lies between.
    """
    between = slots.slots_between(begins, ends)
    if not between or not weekdays:
        raise Refused(_("Choose at least one weekday, and an end at least half an hour later."), code="half_hours")
    rows = [
        SlotCapacity(branch=branch, group=group, weekday=weekday, starts=starts, capacity=capacity)
        for weekday in sorted(set(weekdays))
        for starts in between
    ]
    SlotCapacity.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["branch", "group", "weekday", "starts"],
        update_fields=["capacity"],
    )
    audit.record(
        action="reception.set_capacity",
        now=now,
        staff=staff,
        branch=branch,
        detail={
            "group": group,
            "weekdays": sorted(set(weekdays)),
            "from": f"{begins:%H:%M}",
            "to": f"{ends:%H:%M}",
            "capacity": capacity,
        },
    )
    outbox.announce(topics=[topics.appointments(branch.pk)])
    return len(rows)


# --- what may not be ---


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


def _refuse_unless(appointment: Appointment, states: Sequence[Appointment.State]) -> None:
    if appointment.state not in states:
        raise Stale(
            _("The appointment of %(name)s on %(day)s at %(time)s is “%(state)s” now.")
            % {
                "name": appointment.name,
                "day": appointment.day.isoformat(),
                "time": f"{appointment.starts:%H:%M}",
                "state": appointment.get_state_display(),
            },
            code="appointment_state",
        )


def _refuse_rebooked(appointment: Appointment) -> None:
    after = Appointment.objects.filter(instead_of=appointment).first()
    if after is not None:
        raise Stale(
            _("%(name)s has another appointment already: %(day)s at %(time)s.")
            % {"name": after.name, "day": after.day.isoformat(), "time": f"{after.starts:%H:%M}"},
            code="rebooked",
        )


# --- what is written ---


def _lock(appointment: Appointment, seen: int | None) -> None:
    appointment.refresh_from_db(from_queryset=Appointment.objects.select_for_update(no_key=True))
    if seen is not None and seen != appointment.version:
        last = appointment.entries.select_related("staff").order_by("-pk").first()
        raise Stale(
            _("%(who)s changed this appointment meanwhile: “%(what)s”. Look at it again.")
            % {
                "who": (last and last.staff) or _("Somebody"),
                "what": last.get_kind_display() if last else appointment.get_state_display(),
            },
            code="appointment_changed",
            detail={"seen": appointment.version},
        )


def _set(
    appointment: Appointment, state: Appointment.State, kind: str, text: str, staff: Staff, now: datetime, *also: str
) -> None:
    appointment.state = state
    appointment.version += 1
    appointment.save(update_fields=["state", "version", *also])
    _note(appointment, kind, text, staff, now)


def _note(appointment: Appointment, kind: str, text: str, staff: Staff | None, now: datetime) -> None:
    AppointmentEntry.objects.create(appointment=appointment, at=now, staff=staff, kind=kind, text=text.strip()[:200])


def _cancelled(appointment: Appointment, call_again_at: datetime | None, staff: Staff, now: datetime) -> None:
    """A cancelled appointment makes her a lead again; a deferred project is called about when it was asked for."""
    report = appointment.pre_report
    if report is None and call_again_at is not None:
        report = pre_reports.record_pre_report(
            branch=appointment.branch,
            agent=appointment.agent,
            visitor=appointment.visitor,
            name=appointment.name,
            phone=str(appointment.phone),
            projects=[wish.project for wish in appointment.wishes.select_related("project")],
            staff=staff,
            now=now,
        )
        appointment.pre_report = report
        appointment.save(update_fields=["pre_report"])
    if report is None:
        return
    pre_reports.set_state(report.pk, PreReport.State.LEAD)
    if call_again_at is not None:
        pre_reports.promise_answer(
            report=report,
            promised=_("Call back about the deferred project"),
            due_at=call_again_at,
            staff=staff,
            now=now,
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


def _announce(appointment: Appointment) -> None:
    heard = [topics.appointments(appointment.branch_id)]
    if appointment.visitor_id is not None:
        heard.append(topics.visitor(appointment.visitor_id))
    outbox.announce(topics=heard)
