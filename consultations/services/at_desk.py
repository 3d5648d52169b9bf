"""A treatment and its department's desk are told the same thing once: she is here, she is with somebody, it is done.

Rows are locked in the order of this room: visitor, board, visit. Treatment and case come behind them, in either order:
whoever locks both holds the visitor.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from clinic.models import Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from clinic.services import audit
from clinic.services.turns import one_at_a_time
from consultations.models import DeskCase, Treatment
from consultations.selectors.desk_cases import DESKS
from consultations.services import desk_endings, desks
from consultations.services.course_rules import tell
from consultations.services.desk_rules import saved
from consultations.services.preparation import tell_new_doctor
from consultations.stages import Stage
from reception import services as reception
from reception.models import Visit, Visitor
from triage import services as triage

State = DeskCase.State
TOLD = frozenset({Stage.ARRIVED, Stage.IN_THEATRE, Stage.DONE})
_LONGEST_IN_THEATRE = timedelta(days=1)
_GONE = (Visit.State.LEFT, Visit.State.VOID)


def hold_desk_of(
    treatment: Treatment, visitor: Visitor, stage: str, staff: Staff, now: datetime
) -> tuple[Visit, Department] | None:
    """Lock the board of a treatment's department and the visit she is here on; None when no desk is concerned.

    `visitor` is whose it is, locked already: the treatment, read before, may name a record that was merged since. Call
    `tell_desk` once the treatment has come to the stage.
    """
    kind = treatment.project.department.kind
    if stage not in TOLD or kind not in DESKS:
        return None
    found = _where_she_is(treatment, stage, now) or _where_she_comes(treatment, visitor, kind, staff, now)
    if found is None:
        return None
    visit, department = found
    triage.hold_desk(visit=visit, desk=department.code)
    return Visit.objects.select_for_update(no_key=True).get(pk=visit.pk), department


def _where_she_is(treatment: Treatment, stage: str, now: datetime) -> tuple[Visit, Department] | None:
    """Return where a desk has her for this treatment: midnight and the end of her visit change nothing of that.

    Who was only expected, or waited, on an earlier day, and was forgotten there, comes anew.
    """
    rows = DeskCase.objects.filter(
        treatment=treatment, purpose=DeskCase.Purpose.TREATMENT, state__in=DeskCase.OPEN_STATES
    )
    if stage != Stage.DONE:
        rows = rows.exclude(visit__state__in=_GONE)
    if stage == Stage.ARRIVED:
        rows = rows.filter(day=treatment.branch.today(now))
    else:
        rows = rows.filter(desk_endings.in_hand() | Q(day__gte=desk_endings.since_day(treatment.branch, now)))
    case = rows.select_related("visit", "department").order_by("-day", "-pk").first()
    return (case.visit, case.department) if case is not None else None


def _where_she_comes(
    treatment: Treatment, visitor: Visitor, kind: str, staff: Staff, now: datetime
) -> tuple[Visit, Department] | None:
    # Who is done at the front desk may still be at a department.
    here_today = Visit.objects.filter(
        visitor=visitor, branch=treatment.branch_id, day=treatment.branch.today(now)
    ).exclude(state__in=_GONE)
    visit = here_today.order_by(Case(When(state__in=Visit.OPEN_STATES, then=0), default=1), "-number").first()
    if visit is None:
        return None
    here = Department.objects.filter(branch=treatment.branch_id, kind=kind)
    department = here.filter(desk_cases__visit=visit, desk_cases__state__in=DeskCase.OPEN_STATES).first()
    if department is None:
        department = here.order_by(Case(When(pk=staff.department_id or 0, then=0), default=1), "code").first()
    return (visit, department) if department is not None else None


def tell_desk(
    treatment: Treatment, held: tuple[Visit, Department] | None, stage: Stage, staff: Staff, now: datetime
) -> None:
    """Carry her case at the desk along: taken in, with somebody, done.

    What the desk does not allow (its board is not open, nobody there is free, it sees her for something else) is left
    to the desk: the treatment goes on all the same.
    """
    if held is None:
        return
    visit, department = held
    with suppress(Refused, Stale), transaction.atomic():
        if stage == Stage.DONE:
            _end(treatment, visit, department, staff, now)
            return
        case = desks.take_in(
            visit=visit,
            department=department,
            purpose=DeskCase.Purpose.TREATMENT,
            treatment=treatment,
            staff=staff,
            now=now,
        )
        if stage == Stage.IN_THEATRE and case.treatment_id == treatment.pk:
            if case.state == State.WAITING and case.staff_id is None:
                desks.give_case(case=case, expected_sequence=None, staff=staff, now=now)
            if Role.DOCTOR in staff.roles:
                case = _to_the_doctor(case, treatment, staff, now)
            was_with = case.state == State.WITH_STAFF
            entered = desks.enter_case(case=case, staff=staff, now=now)
            # Who was with somebody already stays with the doctor the treatment says since.
            if not was_with and entered.staff_id is not None:
                _treats_instead(treatment, Staff.objects.get(pk=entered.staff_id), staff, now)


def _to_the_doctor(case: DeskCase, treatment: Treatment, staff: Staff, now: datetime) -> DeskCase:
    """A doctor begins what the desk gave to somebody who is none: its doctor has her, and who had her is free.

    When the board cannot have the doctor, it stays as it is.
    """
    if case.staff is None or Role.DOCTOR in case.staff.roles:
        return case
    with suppress(Refused, Stale), transaction.atomic():
        return desks.give_to_new_doctor(
            case=case,
            doctor=treatment.doctor,
            reason=_("A doctor has begun her treatment."),
            staff=staff,
            now=now,
        )
    return case


@transaction.atomic
def enter_case(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """The visitor is with whoever has her, as `desks.enter_case` says it.

    A doctor who has her for a treatment in the place of another is the doctor of that treatment from then on: she
    agreed to it, or the desk named the doctor with a reason, and what follows (the steps, the result to be seen, the
    call-backs) is that doctor's. Raises Refused `elsewhere` as well while she is with somebody else.
    """
    visitor = reception.hold_visitor(case.visit.visitor_id)
    _refuse_elsewhere(case, visitor)
    entered = desks.enter_case(case=case, staff=staff, now=now)
    if entered.purpose == DeskCase.Purpose.TREATMENT and entered.treatment_id and entered.staff_id:
        treatment = Treatment.objects.select_for_update(of=("self",), no_key=True).get(pk=entered.treatment_id)
        if treatment.state == Treatment.State.PLANNED:
            _treats_instead(treatment, Staff.objects.get(pk=entered.staff_id), staff, now)
    return entered


def _refuse_elsewhere(case: DeskCase, visitor: Visitor) -> None:
    """Refuse to have a locked visitor come in to two at once; a case that has her already is left alone."""
    inside = DeskCase.objects.filter(visit__visitor=visitor, state=State.WITH_STAFF).select_related("staff", "visit")
    cases = list(inside)
    if any(one.pk == case.pk for one in cases):
        return
    rooms = Visit.objects.filter(visitor=visitor, state=Visit.State.IN_ROOM, day=case.day).select_related("consultant")
    with_whom = [(one.visit, one.staff) for one in cases] + [(one, one.consultant) for one in rooms]
    if with_whom:
        visit, person = with_whom[0]
        raise Refused(
            _("%(number)s is still with %(name)s. Let that be finished first.")
            % {"number": visit, "name": person.display_name if person is not None else ""},
            code="elsewhere",
        )


def refuse_two_in_theatre(treatment: Treatment, held: tuple[Visit, Department] | None, now: datetime) -> None:
    """Raise Refused `doctor_in_theatre` when whoever treats her now has somebody else in theatre.

    That is whom the desk has given her to, else the doctor of the locked treatment. What was begun more than a day ago
    was forgotten and stands in nobody's way.
    """
    doctor = treatment.doctor_id
    if held is not None:
        given = DeskCase.objects.filter(
            visit=held[0], department=held[1], treatment=treatment, state__in=DeskCase.OPEN_STATES, staff__isnull=False
        ).select_related("staff")
        doctor = next((one.staff.pk for one in given if one.staff and Role.DOCTOR in one.staff.roles), doctor)
    one_at_a_time(f"theatre {doctor}")
    other = (
        Treatment.objects.filter(
            doctor=doctor,
            state=Treatment.State.PLANNED,
            stage=Stage.IN_THEATRE,
            started_at__range=(now - _LONGEST_IN_THEATRE, now),
        )
        .exclude(pk=treatment.pk)
        .select_related("visitor", "project", "doctor")
        .order_by("started_at")
        .first()
    )
    if other is not None:
        raise Refused(
            _("%(doctor)s is in theatre with %(visitor)s (%(project)s). Record that as done first.")
            % {"doctor": other.doctor.display_name, "visitor": other.visitor.name, "project": other.project},
            code="doctor_in_theatre",
        )


def _treats_instead(treatment: Treatment, doctor: Staff, staff: Staff, now: datetime) -> None:
    """Make whoever has her, or had her when it was done, the doctor of a locked treatment."""
    before = treatment.doctor_id
    if before == doctor.pk or Role.DOCTOR not in doctor.roles:
        return
    treatment.doctor = doctor
    treatment.version += 1
    treatment.save(update_fields=["doctor", "version"])
    day = treatment.treated_on.isoformat()
    audit.record(
        action="consultations.change_treatment",
        now=now,
        staff=staff,
        target=treatment,
        detail={"from": [day, before], "to": [day, doctor.pk]},
    )
    tell(treatment, follow=True, instead_of=before, staff=tell_new_doctor(treatment, now))


def _end(treatment: Treatment, visit: Visit, department: Department, staff: Staff, now: datetime) -> None:
    """It is done or cancelled: whatever the desk still had her for is over, and who had her or was to is free.

    Done without anybody having said that she went in, it was done by whom the desk had given her to.
    """
    treated = treatment.state == Treatment.State.DONE
    rows = DeskCase.objects.filter(
        visit=visit, department=department, treatment=treatment, purpose=DeskCase.Purpose.TREATMENT
    )
    for one in rows.filter(state__in=DeskCase.OPEN_STATES).select_related("staff", "visit", "department"):
        inside = one.state == State.WITH_STAFF
        case = _to_the_doctor(one, treatment, staff, now) if treated and not inside and _is_doctor(staff) else one
        # She was not with somebody by the desk: that is with whoever the treatment says since.
        had_her = case.staff if case.staff is not None and not inside else treatment.doctor
        desk_endings.end_case(
            case=case,
            received_by=had_her if treated else None,
            reason=treatment.cancel_reason,
            staff=staff,
            now=now,
        )
        if treated:
            _treats_instead(treatment, had_her, staff, now)


def _is_doctor(staff: Staff) -> bool:
    return Role.DOCTOR in staff.roles


def hold_case_of(treatment: Treatment) -> None:
    """Lock board and visit of where a desk has her for a treatment, before the treatment; the visitor is locked."""
    case = (
        DeskCase.objects.filter(treatment=treatment, purpose=DeskCase.Purpose.TREATMENT, state__in=DeskCase.OPEN_STATES)
        .select_related("visit", "department")
        .order_by("-day", "-pk")
        .first()
    )
    if case is not None:
        triage.hold_desk(visit=case.visit, desk=case.department.code)
        Visit.objects.select_for_update(no_key=True).get(pk=case.visit_id)


def rename_doctor(treatment: Treatment, staff: Staff, now: datetime) -> None:
    """Let the desk have her for the doctor who treats her now; whom it had given her to is free.

    Raises Refused in the words of the board's rules when she was given out and the doctor cannot have her there.
    """
    cases = DeskCase.objects.filter(treatment=treatment, state__in=DeskCase.OPEN_STATES)
    cases = cases.exclude(purpose=DeskCase.Purpose.REVIEW)
    for case in cases.filter(staff=None).select_for_update(of=("self",), no_key=True):
        case.doctor_id = treatment.doctor_id
        case.agreed_at = case.agreed_noted_by = case.waits_since_at = case.expected_at = None
        saved(case)
    for case in cases.exclude(staff=None).exclude(staff=treatment.doctor_id):
        desks.give_to_new_doctor(case=case, doctor=treatment.doctor, staff=staff, now=now)


def end_expected(treatment: Treatment, staff: Staff, now: datetime) -> None:
    """The treatment is on another day: no desk expects her for it, or waits with her."""
    cases = DeskCase.objects.filter(treatment=treatment, purpose=DeskCase.Purpose.TREATMENT)
    for case in cases.filter(state__in=[State.SENT, State.WAITING, State.CALLED]):
        desk_endings.end_case(case=case, staff=staff, now=now)


def forget_arrival(treatment: Treatment) -> None:
    """She had not arrived after all: the desk expects her again, as long as nobody has her there."""
    waiting = DeskCase.objects.filter(
        treatment=treatment, purpose=DeskCase.Purpose.TREATMENT, state=State.WAITING, staff=None
    )
    for case in waiting.select_for_update(of=("self",), no_key=True):
        case.state, case.arrived_at, case.taken_in_by = State.SENT, None, None
        case.waits_since_at = case.expected_at = case.numbing_started_at = case.numbing_minutes = None
        saved(case)
