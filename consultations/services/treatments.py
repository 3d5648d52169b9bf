"""Treatments: filed, moved, cancelled. Each change tells the rooms on the right, so that calls follow."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.models import Branch, Project, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit
from consultations.models import Consultation, DealLine, Treatment
from consultations.selectors.drugs import given_in, uses_of
from consultations.selectors.packages import next_session
from consultations.selectors.stays import open_stay_of
from consultations.selectors.treatments import roles_of
from consultations.services.at_desk import end_expected, hold_case_of, hold_desk_of, rename_doctor, tell_desk
from consultations.services.course import begin_as_done
from consultations.services.course_rules import (
    check_doctor,
    fall_back,
    heads,
    locked_treatment,
    may_cancel,
    not_recorded_by,
    refuse_unready,
    save_once,
    tell,
)
from consultations.services.preparation import tell_new_doctor
from consultations.stages import Stage, may_enter
from reception import services as reception
from reception.models import Visitor

State = Treatment.State
# Whose filing is an order in itself.
_ORDERS = frozenset({Role.DOCTOR, Role.CONSULTANT})


def _check_date(treated_on: date, state: str, today: date) -> None:
    if state == State.DONE and treated_on > today:
        raise Refused(_("A treatment that is done cannot lie ahead."), code="done_ahead")
    if state == State.PLANNED and treated_on < today:
        raise Refused(_("This day is over. If she was treated, record it as done."), code="planned_over")
    if treated_on > today + FURTHEST_AHEAD:
        raise Refused(_("That is more than two years ahead. Check the year."), code="too_far_ahead")


def _session_of(line: DealLine, project: Project, visitor: Visitor) -> int:
    """Return the session a new treatment of a package gets. The visitor is locked, so nobody else counts meanwhile."""
    if not DealLine.objects.filter(pk=line.pk, deal__corrected_by=None, deal__void=False).exists():
        raise Stale(_("The deal of this package was corrected meanwhile. Choose the package again."), code="corrected")
    if line.deal.visitor_id != visitor.pk and line.deal.visitor.merged_into_id != visitor.pk:
        raise Refused(_("This package belongs to another visitor."), code="package_of_another")
    if line.project_id != project.pk:
        raise Refused(
            _("This package is for %(project)s. Choose that project, or no package.") % {"project": line.project},
            code="package_project",
        )
    session = next_session(line)
    if session is None:
        raise Refused(
            _("All %(number)s sessions of %(project)s are used. A further one needs a new deal, or no package.")
            % {"number": line.sessions, "project": line.project},
            code="package_used",
        )
    return session


@transaction.atomic
def file_treatment(
    *,
    visitor: Visitor,
    project: Project,
    doctor: Staff,
    treated_on: date,
    state: str,
    consultation: Consultation | None = None,
    deal_line: DealLine | None = None,
    notes: str = "",
    staff: Staff,
    branch: Branch,
    now: datetime,
) -> Treatment:
    """File a planned or a done treatment; a done one makes the visitor *treated*. Its calls are built on the event.

    Filed by a doctor or consultant it is ordered with that. `deal_line`: the package it is a session of; it gets the
    lowest session that is free. One filed as done today passes the same gate as one that is recorded step by step;
    one of an earlier day is entered afterwards and is over.

    Raises Refused for a day that does not fit the state, a doctor who has left, a package that is used up or is not
    this visitor's or project's, `not_yours` when the role does not say that it is done, `unready` when something is
    missing before it; Stale when this project is already filed for the visitor on that day.
    """
    if state not in (State.PLANNED, State.DONE):
        raise Refused(_("A treatment is filed as planned or as done."), code="state_unknown")
    today = branch.today(now)
    _check_date(treated_on, state, today)
    check_doctor(doctor, treated_on)
    locked = reception.hold_visitor(visitor.pk)
    treatment = Treatment(
        visitor=locked,
        branch=branch,
        consultation=consultation,
        project=project,
        doctor=doctor,
        treated_on=treated_on,
        state=State.PLANNED,
        notes=notes.strip(),
        recorded_at=now,
        recorded_by=staff,
        ordered_by=staff if roles_of(staff) & _ORDERS else None,
        deal_line=deal_line,
        session=_session_of(deal_line, project, locked) if deal_line is not None else None,
    )
    save_once(treatment)
    if state == State.DONE:
        if treated_on == today:
            refuse_unready(treatment, Stage.DONE, staff)
        elif not may_enter(treatment.kind, roles_of(staff)):
            raise not_recorded_by(treatment, Stage.DONE)
        # What was done on an earlier day is over, unless she has been in a bed of the house since.
        stay = open_stay_of(locked) if treated_on < today else None
        in_bed = stay is not None and branch.today(stay.admitted_at) <= treated_on
        begin_as_done(treatment, locked, staff=staff, now=now, over=treated_on < today and not in_bed)
    audit.record(
        action="consultations.file_treatment",
        now=now,
        staff=staff,
        target=treatment,
        detail={"project": project.code, "treated_on": treated_on.isoformat(), "state": state},
    )
    tell(treatment, follow=True)
    return treatment


@transaction.atomic
def order_treatment(
    *, treatment: Treatment, staff: Staff, now: datetime, expected_version: int | None = None
) -> Treatment:
    """Give the order for a treatment that somebody else filed. Ordered twice is ordered once.

    Raises Refused `not_yours` unless a doctor or consultant does, Stale when it changed or is cancelled.
    """
    if not roles_of(staff) & _ORDERS:
        raise Refused(_("Only a doctor or a consultant orders a treatment."), code="not_yours")
    reception.hold_visitor(treatment.visitor_id)
    current = locked_treatment(treatment, expected_version)
    if current.ordered_by_id is not None:
        return current
    current.ordered_by = staff
    current.version += 1
    current.save(update_fields=["ordered_by", "version"])
    audit.record(action="consultations.order_treatment", now=now, staff=staff, target=current)
    tell(current)
    return current


@transaction.atomic
def change_treatment(
    *,
    treatment: Treatment,
    staff: Staff,
    now: datetime,
    treated_on: date | None = None,
    doctor: Staff | None = None,
    notes: str | None = None,
    expected_version: int | None = None,
) -> Treatment:
    """Move a treatment, give it to another doctor, or change its notes (None: leave as it is).

    A new doctor is told of the abnormal tests that are open. A desk that has given her out has her for the other doctor
    from then on; on another day it expects her no longer.

    Raises Refused for a day that does not fit, a doctor who has left or cannot have her at the desk, or for moving a
    visitor who is here to another day; Stale when it is not at `expected_version` (None: do not ask), is cancelled, or
    the new day has the same project.
    """
    reception.hold_visitor(treatment.visitor_id)
    hold_case_of(treatment)
    current = locked_treatment(treatment, expected_version)
    before = (current.treated_on, current.doctor_id, current.notes)
    moved = treated_on is not None and treated_on != current.treated_on
    current.treated_on = treated_on or current.treated_on
    current.doctor = doctor or current.doctor
    if current.doctor_id != before[1]:
        current.result_seen_at = current.result_seen_by = None
    current.notes = current.notes if notes is None else notes.strip()
    if before == (current.treated_on, current.doctor_id, current.notes):
        return current
    if moved and current.state == State.PLANNED and current.stage != Stage.ORDERED:
        raise Refused(
            _("She is here already: put the treatment back to “ordered” with a reason before you move it."),
            code="already_here",
        )
    if moved:
        _check_date(current.treated_on, current.state, current.branch.today(now))
    if moved or current.doctor_id != before[1]:
        check_doctor(current.doctor, current.treated_on)
    current.version += 1
    save_once(current)
    if moved and current.state == State.PLANNED:
        # No desk has to find the new doctor here today: it expects her no longer.
        end_expected(current, staff, now)
    elif current.doctor_id != before[1]:
        rename_doctor(current, staff, now)
    audit.record(
        action="consultations.change_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={
            "from": [before[0].isoformat(), before[1]],
            "to": [current.treated_on.isoformat(), current.doctor_id],
        },
    )
    told = tell_new_doctor(current, now) if current.doctor_id != before[1] else ()
    tell(current, follow=True, staff=told, instead_of=before[1])
    return current


@transaction.atomic
def cancel_treatment(
    *, treatment: Treatment, reason: str, staff: Staff, now: datetime, expected_version: int | None = None
) -> Treatment:
    """Cancel a planned treatment, or one recorded as done by mistake; the row stays, its open calls are cancelled.

    A session of a package is free again, and so is a doctor who was with her at the desk. A visitor who was *treated*
    by this one alone falls back to what her deals say. Raises Refused without a reason, `not_yours` once she is here
    for it unless the person may say that it is done, or heads the department; `done_already` when she was observed or
    went home after it, or when doses stand and somebody else than the head of the department cancels it; Stale when it
    is cancelled already or not at `expected_version` (None: do not ask).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is cancelled."), code="reason_missing")
    visitor = reception.hold_visitor(treatment.visitor_id)
    held = hold_desk_of(treatment, visitor, Stage.DONE, staff, now)
    current = locked_treatment(treatment, expected_version)
    if not may_cancel(current, staff):
        raise Refused(
            _("Your role does not cancel a treatment that is “%(stage)s”.") % {"stage": current.stage_word},
            code="not_yours",
        )
    _refuse_what_was_done(current, staff)
    was_done = current.state == State.DONE
    current.state = State.CANCELLED
    current.cancel_reason = reason
    current.version += 1
    current.save(update_fields=["state", "cancel_reason", "version"])
    if was_done:
        fall_back(visitor)
    audit.record(
        action="consultations.cancel_treatment",
        now=now,
        staff=staff,
        target=current,
        detail={"reason": reason, "was_done": was_done},
    )
    tell(current, follow=True)
    tell_desk(current, held, Stage.DONE, staff, now)
    return current


def _refuse_what_was_done(current: Treatment, staff: Staff) -> None:
    """Refuse to cancel what people saw happen; one that was only entered as done may have been entered by mistake."""
    if current.observed_at is not None or current.discharged_at is not None:
        raise Refused(
            _(
                "This treatment is “%(stage)s” already. If that is wrong, put it back to “%(done)s” with a reason"
                " first; if something went wrong with it, note a complication."
            )
            % {"stage": current.stage_word, "done": current.word_of(Stage.DONE)},
            code="done_already",
        )
    if given_in(uses_of(current)) and not heads(staff, current):
        raise Refused(
            _(
                "Doses were noted for this treatment. If nothing was given, take them back first; if it was broken off,"
                " the head of the department cancels it."
            ),
            code="done_already",
        )
