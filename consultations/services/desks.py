"""A visitor at a department's desk: sent on, taken in, given out, called, received.

Rows are locked in the order of this room: the visitor where her treatments are read, board, visit, then the case.
Whoever is given out, taken back or named moves the department's board by the services of triage, in the same
transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from consultations.models import Consultation, DeskCase, Treatment
from consultations.selectors.desk_cases import DESKS, may_send_on, wish_of
from consultations.selectors.desks import expected_minutes
from consultations.services.desk_rules import locked_case, locked_visit, saved, tell_screens_of
from reception import services as reception
from reception.models import Visit
from triage import services as triage
from triage.models import Decision

State = DeskCase.State
Purpose = DeskCase.Purpose

# What a decision of the board changes in a case, and what taking it back puts back.
_TIMES = ("given_at", "called_at", "waits_since_at", "expected_at", "agreed_at")
_KEPT = ("state", "staff_id", "agreed_noted_by_id")


@transaction.atomic
def send_to_desk(*, consultation: Consultation, department: Department, staff: Staff, now: datetime) -> DeskCase:
    """The consultant sends her visitor on to a department, whose desk then expects her.

    For the treatment that is planned there today, else to be seen by a doctor. Sent twice is sent once. Raises Refused
    `no_desk` for a department without a desk, or of another branch; Stale `gone` once the visitor has left,
    `moved_away` unless she is or was in this room today.
    """
    if department.kind not in DESKS or department.branch_id != consultation.branch_id:
        raise Refused(_("This department has no desk to send her to."), code="no_desk")
    reception.hold_visitor(consultation.visitor_id)
    visit = locked_visit(consultation.visit_id)
    consultation.refresh_from_db(fields=["state"])
    consultation.visit = visit
    if not may_send_on(consultation, now):
        raise Stale(_("Visitor %(number)s is no longer with you.") % {"number": visit}, code="moved_away")
    open_case = _open_case(visit, department)
    if open_case is not None:
        return open_case
    planned = (
        Treatment.objects.filter(
            visitor=visit.visitor_id,
            branch=visit.branch_id,
            project__department__kind=department.kind,
            treated_on=visit.day,
            state=Treatment.State.PLANNED,
        )
        .order_by("pk")
        .first()
    )
    case = DeskCase.objects.create(
        visit=visit,
        branch_id=visit.branch_id,
        department=department,
        day=visit.day,
        purpose=Purpose.TREATMENT if planned else Purpose.CONSULT,
        treatment=planned,
        project=planned.project if planned else _wish_in(visit, department),
        doctor=planned.doctor if planned else None,
        state=State.SENT,
        sent_at=now,
        sent_by=staff,
    )
    audit.record(
        action="consultations.send_to_desk", now=now, staff=staff, target=case, detail={"department": department.code}
    )
    tell_screens_of(case)
    return case


@transaction.atomic
def take_in(
    *,
    visit: Visit,
    department: Department,
    purpose: str,
    treatment: Treatment | None = None,
    staff: Staff,
    now: datetime,
) -> DeskCase:
    """The desk of a department takes a visitor in: she waits there from `now`. Taken in twice is taken in once.

    `treatment`: the one she comes for, or the one that is reviewed; its doctor is whom she is given to. Raises Refused
    `no_desk` for a department without one, `treatment_unfit` when the treatment is not hers, of another department or
    branch, or in another state; Stale `gone` once she has left, `isolated` while she is set apart.
    """
    if department.kind not in DESKS or department.branch_id != visit.branch_id:
        raise Refused(_("This department has no desk."), code="no_desk")
    visit = locked_visit(visit.pk)
    reception.refuse_isolated(visit)
    case = _open_case(visit, department)
    if case is not None and case.state != State.SENT:
        return case
    if treatment is not None:
        _fits(treatment, visit, department, purpose)
    if case is None:
        case = DeskCase(visit=visit, branch_id=visit.branch_id, department=department, day=visit.day)
    if case.sent_at is None or treatment is not None:
        case.purpose, case.treatment = Purpose(purpose), treatment
        case.project = treatment.project if treatment else _wish_in(visit, department)
        case.doctor = treatment.doctor if treatment else None
    case.state, case.arrived_at, case.taken_in_by = State.WAITING, now, staff
    case.version += case.pk is not None
    case.save()
    audit.record(
        action="consultations.take_in",
        now=now,
        staff=staff,
        target=case,
        detail={"department": department.code, "purpose": case.purpose},
    )
    tell_screens_of(case)
    return case


@transaction.atomic
def give_case(*, case: DeskCase, expected_sequence: int | None, staff: Staff, now: datetime) -> Decision:
    """Give a waiting visitor out on the department's board (A1, A12): she is called, or waits for whom she is given to.

    `expected_sequence` is the board's at the time of the proposal (None: whatever it says now). Raises Stale
    `board_moved`, `already_allocated`, `moved_on`; Refused `doctor_absent`, `nobody_free`, `no_board`, `day_closed`.
    """
    current = locked_case(case, State.WAITING)
    decision = triage.allocate_at_desk(
        visit=current.visit,
        wish=wish_of(current),
        expected_sequence=expected_sequence,
        before=_as_it_is(current),
        staff=staff,
        now=now,
    )
    _given(current, decision, staff, now)
    return decision


@transaction.atomic
def agree_to_another(*, case: DeskCase, expected_version: int, staff: Staff, now: datetime) -> DeskCase:
    """Note that the visitor agrees to another than the doctor she came for, and by whom it was noted.

    Who waits for the doctor on the board is given to the next in turn at once; who waits at the desk can be from now
    on. Noted twice is noted once. Raises Stale `changed`, Refused `no_doctor` when she came for nobody in particular,
    `nobody_free` when nobody else can take her, Stale `isolated` when she would be given out while she is set apart.
    """
    current = locked_case(case, State.WAITING)
    if current.agreed_at is not None:
        return current
    _refuse_changed(current, expected_version)
    if current.doctor_id is None:
        raise Refused(_("She came for nobody in particular: the rotation decides."), code="no_doctor")
    before = _as_it_is(current)
    current.agreed_at, current.agreed_noted_by, current.waits_since_at = now, staff, None
    audit.record(
        action="consultations.agree_to_another",
        now=now,
        staff=staff,
        target=current,
        detail={"consultant": current.doctor_id},
    )
    if current.staff_id is not None:
        reception.refuse_isolated(current.visit)
        decision = triage.give_to_another(
            visit=current.visit, wish=wish_of(current), before=before, staff=staff, now=now
        )
        _given(current, decision, staff, now)
        return current
    return saved(current)


@transaction.atomic
def wait_for_doctor(*, case: DeskCase, expected_version: int, staff: Staff, now: datetime) -> DeskCase:
    """Note that the visitor waits for the doctor she came for, and the time she was told, as far as one can be told.

    Raises Stale `changed`, Refused `no_doctor`.
    """
    current = locked_case(case, State.WAITING)
    if current.waits_since_at is not None and current.agreed_at is None:
        return current
    _refuse_changed(current, expected_version)
    if current.doctor_id is None:
        raise Refused(_("She came for nobody in particular: the rotation decides."), code="no_doctor")
    current.waits_since_at, current.agreed_at, current.agreed_noted_by = now, None, None
    _told(current, now)
    audit.record(
        action="consultations.wait_for_doctor",
        now=now,
        staff=staff,
        target=current,
        detail={"consultant": current.doctor_id},
    )
    return saved(current)


@transaction.atomic
def name_for_case(
    *, case: DeskCase, consultant: Staff, reason: str, turn: str | None, staff: Staff, now: datetime
) -> Decision:
    """Whoever works the board gives a visitor to somebody against the order (K9), with a reason everybody can read.

    `turn` is "counted" or "free" (None: counted for who has no doctor of her own). Raises Refused `reason_missing` or
    in the words of the rule; Stale `moved_on` once she is with somebody.
    """
    current = locked_case(case, State.WAITING, State.CALLED)
    decision = triage.name_at_desk(
        visit=current.visit,
        wish=wish_of(current),
        consultant=consultant,
        reason=reason,
        turn=turn,
        before=_as_it_is(current),
        staff=staff,
        now=now,
    )
    _given(current, decision, staff, now)
    return decision


@transaction.atomic
def give_to_new_doctor(*, case: DeskCase, doctor: Staff, reason: str = "", staff: Staff, now: datetime) -> DeskCase:
    """The treatment has another doctor: who was given out is given to that one (K9), who is with somebody is with her.

    `reason`: why, when it is another than that. Raises Refused in the words of the rule when she was only given out
    and the doctor is not here; Stale `moved_on`.
    """
    current = locked_case(case, State.WAITING, State.CALLED, State.WITH_STAFF, gone_too=True)
    inside, entered_at, called_at = current.state == State.WITH_STAFF, current.entered_at, current.called_at
    before = _as_it_is(current)
    current.doctor = doctor
    current.agreed_at = current.agreed_noted_by = current.waits_since_at = current.expected_at = None
    try:
        with transaction.atomic():
            decision = triage.name_at_desk(
                visit=current.visit,
                wish=wish_of(current),
                consultant=doctor,
                reason=reason or _("Her treatment was given to another doctor."),
                turn=None,
                before=before,
                staff=staff,
                now=now,
            )
            if inside:
                triage.enter_at_desk(visit=current.visit, desk=current.department.code, staff=staff, now=now)
    except (Refused, Stale):
        if not inside:
            raise
        # Whoever operates operates; the board at least holds nobody busy who does not.
        triage.finish_at_desk(visit=current.visit, desk=current.department.code, staff=staff, now=now)
    if not inside:
        _given(current, decision, staff, now)
        return current
    current.staff, current.entered_at, current.called_at = doctor, entered_at, called_at
    return saved(current)


@transaction.atomic
def undo_case(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """Take the last decision about a visitor back within ten seconds (K8): board and case are as before.

    Raises Refused `too_late`, `undo_refused`, `nothing_to_undo`; Stale `moved_on` once she is with somebody.
    """
    current = locked_case(case, State.WAITING, State.CALLED)
    before = triage.undo_at_desk(visit=current.visit, desk=current.department.code, staff=staff, now=now)
    if before.get("doctor_id", current.doctor_id) != current.doctor_id:
        raise Refused(_("Her treatment has another doctor since: she stays with that one."), code="undo_refused")
    for name in _KEPT:
        setattr(current, name, before[name])
    for name in _TIMES:
        setattr(current, name, datetime.fromisoformat(before[name]) if before[name] else None)
    return saved(current)


@transaction.atomic
def call_case(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """Call a visitor in to whoever has her. Called twice is called once.

    Raises Refused `nobody_has_her` before she is given out, Stale `moved_on` when she is further or gone, `isolated`
    while she is set apart.
    """
    current = locked_case(case, State.WAITING, State.CALLED)
    if current.state == State.CALLED:
        return current
    reception.refuse_isolated(current.visit)
    if current.staff_id is None:
        raise Refused(_("Nobody has this visitor yet: give her out first."), code="nobody_has_her")
    current.state, current.called_at = State.CALLED, now
    audit.record(action="consultations.call_case", now=now, staff=staff, target=current)
    return saved(current)


@transaction.atomic
def enter_case(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """The visitor is with whoever has her: a reception on the department's board. Entering twice is entering once.

    Raises Refused `nobody_has_her` before she is given out, Stale `moved_on` when she is gone, `isolated` while she
    is set apart.
    """
    current = locked_case(case, State.WAITING, State.CALLED, State.WITH_STAFF)
    if current.state == State.WITH_STAFF:
        return current
    reception.refuse_isolated(current.visit)
    if current.staff_id is None:
        raise Refused(_("Nobody has this visitor yet: give her out first."), code="nobody_has_her")
    triage.enter_at_desk(visit=current.visit, desk=current.department.code, staff=staff, now=now)
    current.state, current.entered_at = State.WITH_STAFF, now
    current.called_at = current.called_at or now
    audit.record(action="consultations.enter_case", now=now, staff=staff, target=current)
    return saved(current)


def _open_case(visit: Visit, department: Department) -> DeskCase | None:
    return DeskCase.objects.filter(visit=visit, department=department, state__in=DeskCase.OPEN_STATES).first()


def _refuse_changed(case: DeskCase, expected_version: int) -> None:
    if case.version != expected_version:
        raise Stale(
            _("%(number)s has changed since your screen was drawn. Look again.") % {"number": case.visit},
            code="changed",
        )


def _fits(treatment: Treatment, visit: Visit, department: Department, purpose: str) -> None:
    wanted = Treatment.State.DONE if purpose == Purpose.REVIEW else Treatment.State.PLANNED
    hers = treatment.visitor_id == visit.visitor_id and treatment.project.department.kind == department.kind
    # What was done elsewhere can be reviewed here; what is planned elsewhere is not done here.
    elsewhere = purpose != Purpose.REVIEW and treatment.branch_id != visit.branch_id
    if not hers or elsewhere or treatment.state != wanted:
        raise Refused(
            _("This treatment is not one that she can come to this desk for. Look at the list again."),
            code="treatment_unfit",
        )


def _wish_in(visit: Visit, department: Department) -> Any:
    wish = (
        visit.wishes.filter(project__department__kind=department.kind)
        .select_related("project")
        .order_by("position")
        .first()
    )
    return wish.project if wish else None


def _as_it_is(case: DeskCase) -> Mapping[str, Any]:
    times = {name: getattr(case, name) for name in _TIMES}
    kept = {name: getattr(case, name) for name in _KEPT}
    # Asked for when it is taken back: the doctor of the treatment may be another by then.
    kept["doctor_id"] = case.doctor_id
    return {**kept, **{name: moment.isoformat() if moment else None for name, moment in times.items()}}


def _given(case: DeskCase, decision: Decision, staff: Staff, now: datetime) -> None:
    """Write down who has her by a decision: she is called, or waits when whoever it is is busy."""
    waits = decision.outcome == "wait"
    case.staff_id = decision.consultant_id
    case.given_at = now
    case.state = State.WAITING if waits else State.CALLED
    case.called_at = None if waits else now
    case.waits_since_at = now if waits else None
    case.expected_at = None
    if waits:
        _told(case, now)
    saved(case)


def _told(case: DeskCase, now: datetime) -> None:
    """Keep the time that can be told now; none when nobody can say."""
    minutes = expected_minutes(case, now)
    case.expected_at = now + timedelta(minutes=minutes) if minutes is not None else None
