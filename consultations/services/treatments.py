"""Treatments: filed, moved, done, cancelled. Each change tells the rooms on the right, so that calls follow."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.live import topics
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from consultations.models import Consultation, Deal, Treatment
from consultations.selectors import ownership
from reception import services as reception
from reception.models import Standing, Visitor
from reception.selectors import records_of

State = Treatment.State


def _tell(treatment: Treatment) -> None:
    outbox.announce(
        topics=[topics.treatments(treatment.branch_id), topics.visitor(treatment.visitor_id)],
        event="treatment_filed",
        payload={"treatment_id": treatment.pk},
    )


def _check_date(treated_on: date, state: str, today: date) -> None:
    if state == State.DONE and treated_on > today:
        raise Refused(_("A treatment that is done cannot lie ahead."), code="done_ahead")
    if state == State.PLANNED and treated_on < today:
        raise Refused(_("This day is over. If she was treated, record it as done."), code="planned_over")
    if treated_on > today + FURTHEST_AHEAD:
        raise Refused(_("That is more than two years ahead. Check the year."), code="too_far_ahead")


def _check_doctor(doctor: Staff, treated_on: date) -> None:
    if not doctor.works_on(treated_on):
        raise Refused(
            _("%(doctor)s does not work here on that day.") % {"doctor": doctor.display_name}, code="doctor_away"
        )


def _save_once(treatment: Treatment) -> None:
    try:
        with transaction.atomic():
            treatment.save()
    except IntegrityError as error:
        raise Stale(
            _("%(project)s is already filed for this visitor on %(day)s.")
            % {"project": treatment.project, "day": date_format(treatment.treated_on)},
            code="already_filed",
        ) from error


def _locked_visitor(visitor_id: int) -> Visitor:
    return Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor_id)


@transaction.atomic
def file_treatment(
    *,
    visitor: Visitor,
    project: Project,
    doctor: Staff,
    treated_on: date,
    state: str,
    consultation: Consultation | None = None,
    notes: str = "",
    staff: Staff,
    branch: Branch,
    now: datetime,
) -> Treatment:
    """File a planned or a done treatment; a done one makes the visitor *treated*. Its calls are built on the event.

    Raises Refused for a day that does not fit the state or a doctor who has left, Stale when this project is already
    filed for the visitor on that day.
    """
    if state not in (State.PLANNED, State.DONE):
        raise Refused(_("A treatment is filed as planned or as done."), code="state_unknown")
    _check_date(treated_on, state, branch.today(now))
    _check_doctor(doctor, treated_on)
    if state == State.DONE:
        _reach_treated(_locked_visitor(visitor.pk))
    treatment = Treatment(
        visitor=visitor,
        branch=branch,
        consultation=consultation,
        project=project,
        doctor=doctor,
        treated_on=treated_on,
        state=state,
        notes=notes.strip(),
        recorded_at=now,
        recorded_by=staff,
    )
    _save_once(treatment)
    audit.record(
        action="consultations.file_treatment",
        now=now,
        staff=staff,
        target=treatment,
        detail={"project": project.code, "treated_on": treated_on.isoformat(), "state": state},
    )
    _tell(treatment)
    return treatment


def _current(treatment: Treatment, expected_version: int | None) -> Treatment:
    """Return the row locked; raise Stale with what it says now when it is not as the person saw it."""
    # No join here: a row that was waited for comes back with the joined rows of the time before the wait.
    current = Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
    if current.state == State.CANCELLED or (expected_version is not None and current.version != expected_version):
        raise Stale(
            _("This treatment changed since your screen was drawn. It now says: %(state)s, %(day)s, %(doctor)s.")
            % {
                "state": current.get_state_display(),
                "day": date_format(current.treated_on),
                "doctor": current.doctor.display_name,
            },
            code="changed",
            detail={"version": current.version},
        )
    return current


@transaction.atomic
def change_treatment(
    *,
    treatment: Treatment,
    staff: Staff,
    now: datetime,
    treated_on: date | None = None,
    doctor: Staff | None = None,
    state: str | None = None,
    notes: str | None = None,
    expected_version: int | None = None,
) -> Treatment:
    """Move a treatment, give it to another doctor, record it as done, or change its notes (None: leave as it is).

    Raises Refused for a day that does not fit, a doctor who has left, or for making a done treatment planned again;
    Stale when it is not at `expected_version` (None: do not ask), is cancelled, or the new day has the same project.
    """
    visitor = _locked_visitor(treatment.visitor_id)
    current = _current(treatment, expected_version)
    before = (current.treated_on, current.doctor_id, current.state, current.notes)
    if state == State.CANCELLED or (current.state == State.DONE and state == State.PLANNED):
        raise Refused(_("Cancel this treatment with a reason and file a new one."), code="not_undone")
    moved = treated_on is not None and treated_on != current.treated_on
    current.treated_on = treated_on or current.treated_on
    current.doctor = doctor or current.doctor
    current.state = state or current.state
    current.notes = current.notes if notes is None else notes.strip()
    if before == (current.treated_on, current.doctor_id, current.state, current.notes):
        return current
    if moved or current.state != before[2]:
        _check_date(current.treated_on, current.state, current.branch.today(now))
    if moved or current.doctor_id != before[1]:
        _check_doctor(current.doctor, current.treated_on)
    if current.state == State.DONE and before[2] != State.DONE:
        _reach_treated(visitor)
    current.version += 1
    _save_once(current)
    audit.record(
        action="consultations.change_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={
            "from": [before[0].isoformat(), before[1], before[2]],
            "to": [current.treated_on.isoformat(), current.doctor_id, current.state],
        },
    )
    _tell(current)
    return current


@transaction.atomic
def cancel_treatment(
    *, treatment: Treatment, reason: str, staff: Staff, now: datetime, expected_version: int | None = None
) -> Treatment:
    """Cancel a planned treatment, or one recorded as done by mistake; the row stays, its open calls are cancelled.

    A visitor who was *treated* by this one alone falls back to what her deals say. Raises Refused without a reason,
    Stale when it is cancelled already or not at `expected_version` (None: do not ask).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is cancelled."), code="reason_missing")
    visitor = _locked_visitor(treatment.visitor_id)
    current = _current(treatment, expected_version)
    was_done = current.state == State.DONE
    current.state = State.CANCELLED
    current.cancel_reason = reason
    current.version += 1
    current.save(update_fields=["state", "cancel_reason", "version"])
    others_done = Treatment.objects.filter(visitor=visitor, state=State.DONE).exists()
    if was_done and not others_done and visitor.standing == Standing.TREATED:
        reception.record_standing(visitor=visitor, standing=_standing_by_deals(visitor))
    audit.record(
        action="consultations.cancel_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={"reason": reason, "was_done": was_done},
    )
    _tell(current)
    return current


def _reach_treated(visitor: Visitor) -> None:
    standing = ownership.higher(Standing(visitor.standing), Standing.TREATED)
    if standing != visitor.standing:
        reception.record_standing(visitor=visitor, standing=standing)


def _standing_by_deals(visitor: Visitor) -> Standing:
    kinds = set(Deal.objects.filter(visitor__in=records_of(visitor).values("pk")).values_list("kind", flat=True))
    if Deal.Kind.PAID in kinds:
        return Standing.PAID
    if Deal.Kind.DEPOSIT in kinds:
        return Standing.DEPOSIT
    return Standing.NO_DEAL if visitor.consulted_by else Standing.NEW
