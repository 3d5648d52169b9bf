"""What becomes of appointments: confirmed, cancelled, arrived, not come."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.models import Appointment, AppointmentEntry, Visit, Visitor
from reception.models.appointments import GRACE
from reception.names import fold
from reception.services import pre_reports

_State = Appointment.State
_Kind = AppointmentEntry.Kind
# What an answer of the day before makes of an appointment.
ANSWERS: Mapping[str, tuple[Appointment.State | None, AppointmentEntry.Kind]] = {
    "confirmed": (_State.CONFIRMED, _Kind.CONFIRMED),
    "not_reached": (None, _Kind.NOT_REACHED),
    "cancelled": (_State.CANCELLED, _Kind.CANCELLED),
}


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
    lock_as_seen(appointment, seen)
    refuse_unless(appointment, Appointment.OPEN)
    state, kind = ANSWERS[what]
    if what == "cancelled" and not text.strip():
        raise Refused(_("Say why it is cancelled."), code="reason")
    if state is None:
        appointment.not_reached += 1
        appointment.version += 1
        appointment.save(update_fields=["not_reached", "version"])
        note(appointment, kind, text, staff, now)
    else:
        move_to(appointment, state, kind, text, staff, now)
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
    announce(appointment)
    return appointment


def record_arrival(*, appointment: Appointment, visit: Visit, staff: Staff, now: datetime) -> Appointment:
    """Link a visit to the appointment it was for, inside the transaction that registers the arrival.

    Notes how many minutes after its time she came. Raises Stale `appointment_state` when it is not hers to come for:
    cancelled, moved, arrived already, of another day or branch, or somebody else's.
    """
    lock_as_seen(appointment, None)
    of_today = appointment.branch_id == visit.branch_id and appointment.day == visit.day
    refuse_unless(appointment, (*Appointment.OPEN, _State.NO_SHOW) if of_today else ())
    _refuse_somebody_elses(appointment, visit.visitor)
    after = visit.arrived_at - appointment.begins_at
    late = int(after.total_seconds() // 60)
    appointment.visit = visit
    appointment.visitor = visit.visitor
    appointment.late_minutes = min(late, 24 * 60) if after > GRACE else 0
    said = _("%(count)d minutes late") % {"count": late} if appointment.late_minutes else ""
    move_to(appointment, _State.ARRIVED, _Kind.ARRIVED, said, staff, now, "visit", "visitor", "late_minutes")
    pre_reports.follow(appointment.pre_report_id)
    announce(appointment)
    return appointment


def release_arrival(*, visit: Visit, staff: Staff, now: datetime) -> None:
    """Expect somebody again whose visit was a wrong entry, inside the transaction that makes it void."""
    appointment = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(visit=visit).first()
    if appointment is None:
        return
    appointment.visit, appointment.late_minutes = None, 0
    move_to(appointment, _State.BOOKED, _Kind.RELEASED, "", staff, now, "visit", "late_minutes")
    pre_reports.follow(appointment.pre_report_id)
    announce(appointment)


def hand_arrival_over(*, visit: Visit, to: Visit, staff: Staff, now: datetime) -> None:
    """Link the appointment of a wrong entry to the one it was entered again as, inside the transaction that does it."""
    appointment = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(visit=visit).first()
    if appointment is None:
        return
    appointment.visit, appointment.visitor = to, to.visitor
    said = _("Entered again as %(number)s") % {"number": to}
    move_to(appointment, _State.ARRIVED, _Kind.ARRIVED, said, staff, now, "visit", "visitor")
    announce(appointment)


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


def refuse_unless(appointment: Appointment, states: Sequence[Appointment.State]) -> None:
    """Raise Stale `appointment_state` when an appointment is in none of these states."""
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


def _refuse_somebody_elses(appointment: Appointment, visitor: Visitor) -> None:
    """It is hers when it was made for her record, or for nobody's with her phone or by her name."""
    unnamed = appointment.visitor_id is None
    same_phone = bool(appointment.phone) and appointment.phone == visitor.phone
    if appointment.visitor_id == visitor.pk or (
        unnamed and (same_phone or fold(appointment.name) == fold(visitor.name))
    ):
        return
    raise Stale(
        _("The appointment at %(time)s is of %(name)s. Choose hers, or “came for something else”.")
        % {"name": appointment.name, "time": f"{appointment.starts:%H:%M}"},
        code="appointment_state",
    )


def lock_as_seen(appointment: Appointment, seen: int | None) -> None:
    """Lock an appointment and read it again; raise Stale `appointment_changed` when `seen` is not its version."""
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


def move_to(
    appointment: Appointment, state: Appointment.State, kind: str, text: str, staff: Staff, now: datetime, *also: str
) -> None:
    """Write the new state of an appointment, the fields named in `also`, and a line of its history."""
    appointment.state = state
    appointment.version += 1
    appointment.save(update_fields=["state", "version", *also])
    note(appointment, kind, text, staff, now)


def note(appointment: Appointment, kind: str, text: str, staff: Staff | None, now: datetime) -> None:
    """Add a line to the history of an appointment."""
    AppointmentEntry.objects.create(appointment=appointment, at=now, staff=staff, kind=kind, text=text.strip()[:200])


def announce(appointment: Appointment) -> None:
    """Tell the screens that show an appointment, or whose it is."""
    heard = [topics.appointments(appointment.branch_id)]
    if appointment.visitor_id is not None:
        heard.append(topics.visitor(appointment.visitor_id))
        payload = {"visitor_id": appointment.visitor_id}
        outbox.announce(topics=heard, event="appointment_changed", payload=payload)
        return
    outbox.announce(topics=heard)


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
    pre_reports.follow(report.pk)
    if call_again_at is not None:
        pre_reports.promise_answer(
            report=report,
            promised=_("Call back about the deferred project"),
            due_at=call_again_at,
            staff=staff,
            now=now,
        )
