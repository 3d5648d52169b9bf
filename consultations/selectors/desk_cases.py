"""Whose cases a department's desk, and each who works for it, has to do with, and who waits for whom."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from clinic.models import Department, Staff
from clinic.roles import Capability, Role
from consultations.models import Consultation, DeskCase, Treatment
from consultations.models.treatments import kind_at
from consultations.selectors.records import given_away
from consultations.selectors.treatments import unseen_results
from consultations.stages import may_see_to
from reception.models import Visit
from triage.selectors.boards import desks_operated_by
from triage.selectors.desks import DeskWish

DESKS = (Department.Kind.SURGERY, Department.Kind.LASER, Department.Kind.NON_INVASIVE)
_State = DeskCase.State
_Purpose = DeskCase.Purpose


def department_of(staff: Staff) -> Department | None:
    """Return the department whose desk a person has to do with; None for who belongs to none that has one."""
    department = staff.department
    return department if department is not None and department.kind in DESKS else None


def operates(staff: Staff) -> bool:
    """Say whether a person works the desk of her department, or only looks at it."""
    department = department_of(staff)
    return department is not None and department.code in desks_operated_by(staff)


def cases_of_desk(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases of the department whose desk a person works."""
    if not operates(staff):
        return DeskCase.objects.none()
    return with_everything(DeskCase.objects.filter(department=staff.department_id, branch=staff.branch_id))


def cases_worked_by(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases a person may carry on with: her own, and those of the desk she works."""
    mine = Q(staff=staff)
    if operates(staff):
        mine |= Q(department=staff.department_id)
    return with_everything(DeskCase.objects.filter(mine, branch=staff.branch_id))


def cases_seen_by(staff: Staff) -> QuerySet[DeskCase]:
    """Return the cases a person may look at: her own, and those of her department."""
    mine = Q(staff=staff)
    if staff.may(Capability.VIEW_DEPARTMENT_BOARD) and department_of(staff) is not None:
        mine |= Q(department=staff.department_id)
    return with_everything(DeskCase.objects.filter(mine, branch=staff.branch_id))


def open_case_of(treatment: Treatment) -> DeskCase | None:
    """Return where a visitor is at a desk for a treatment now; one query."""
    rows = DeskCase.objects.filter(
        treatment=treatment,
        purpose=_Purpose.TREATMENT,
        state__in=[_State.WAITING, _State.CALLED, _State.WITH_STAFF],
    )
    return with_everything(rows).first()


def taken_in_already(staff: Staff, visit: int, day: date) -> DeskCase | None:
    """Return the open case of a visit at the desk a person works, for who sends the form again."""
    return cases_of_desk(staff).filter(visit=visit, day=day, state__in=DeskCase.OPEN_STATES).first()


def cases_of_visit(visit: Visit) -> list[DeskCase]:
    """Return where a visit was or is at departments' desks, the earliest first; one query."""
    return list(DeskCase.objects.filter(visit=visit).select_related("department", "staff", "doctor").order_by("pk"))


def desks_to_send_to(staff: Staff) -> QuerySet[Department]:
    """Return the departments of a person's branch that have a desk."""
    return Department.objects.filter(branch=staff.branch_id, kind__in=DESKS).order_by("code")


def may_send_on(consultation: Consultation, now: datetime) -> bool:
    """Say whether a consultant may send the visitor of a consultation on to a desk.

    She is or was in her room today, and was not given to another meanwhile.
    """
    received = consultation.state in (Consultation.State.IN_ROOM, Consultation.State.FINISHED)
    return received and not given_away(consultation) and consultation.day == consultation.branch.today(now)


def of_the_day(day: date) -> Q:
    """Select the cases of a day, and of earlier ones whoever is with somebody still: midnight ends no treatment."""
    return Q(day=day) | Q(day__lt=day, state=_State.WITH_STAFF)


def with_everything(rows: QuerySet[DeskCase]) -> QuerySet[DeskCase]:
    """Return the cases with all that a row of them shows. One query."""
    return rows.select_related(
        "visit__visitor", "visit__branch", "department__branch", "treatment", "project", "doctor", "staff", "sent_by"
    )


def wish_of(case: DeskCase) -> DeskWish:
    """Return a case as the rules of a department's board are asked about it."""
    kind = kind_at(case.department.kind) if case.purpose == _Purpose.TREATMENT else None
    return DeskWish(
        desk=case.department.code,
        purpose=case.purpose,
        doctor_id=case.doctor_id,
        agrees=case.agreed_at is not None,
        project=case.project.code if case.project else "",
        beauticians=may_see_to(kind, frozenset({Role.BEAUTICIAN})),
    )


def waiting_count(staff: Staff, now: datetime) -> int:
    """Return how many wait at the desk of a person's department."""
    department = department_of(staff)
    if department is None:
        return 0
    return DeskCase.objects.filter(
        department=department, day=staff.branch.today(now), state__in=[_State.WAITING, _State.CALLED]
    ).count()


@dataclass(frozen=True, slots=True)
class OwnCases:
    """A doctor's, nurse's or beautician's cases of today: who is with her, who is called or waits for her, who is done.

    `unseen`: treatments of this doctor that are done and whose results nobody has seen; before that nobody goes home.
    """

    inside: list[DeskCase]
    upcoming: list[DeskCase]
    done: list[DeskCase]
    unseen: list[Treatment]

    @property
    def waiting(self) -> int:
        """Return how many are with her or wait for her."""
        return len(self.inside) + len(self.upcoming)


def own_cases(staff: Staff, now: datetime) -> OwnCases:
    """Return what the department's desk has given to a person today, and the results to be seen; two queries."""
    rows = list(with_everything(DeskCase.objects.filter(of_the_day(staff.branch.today(now)), staff=staff)))
    rows.sort(key=lambda one: (one.state != _State.CALLED, one.given_at or now))
    done = [one for one in rows if one.state in (_State.DONE, _State.LEFT)]
    return OwnCases(
        inside=[one for one in rows if one.state == _State.WITH_STAFF],
        upcoming=[one for one in rows if one.state in (_State.CALLED, _State.WAITING)],
        done=sorted(done, key=lambda one: one.ended_at or now, reverse=True),
        unseen=unseen_results(staff, staff.branch.today(now)),
    )


def own_count(staff: Staff, now: datetime) -> int:
    """Return how many visitors of the department's desk wait for a person."""
    waits = [_State.WAITING, _State.CALLED]
    return DeskCase.objects.filter(staff=staff, day=staff.branch.today(now), state__in=waits).count()
