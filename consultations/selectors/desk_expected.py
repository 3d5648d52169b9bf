"""Who is expected at a department's desk: sent on to it, here for a review, or with a treatment of today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Department, Staff
from consultations.models import DeskCase, Treatment
from reception.models import Visit, VisitProject

_State = DeskCase.State
_Purpose = DeskCase.Purpose


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """Somebody who is in the house and has not been taken in here: what for, and which treatments it may be about."""

    visit: Visit
    purpose: str
    choices: Sequence[Treatment]
    case: DeskCase | None = None

    @property
    def purpose_words(self) -> str:
        """Return what she comes for."""
        return str(_Purpose(self.purpose).label)

    @property
    def doctor(self) -> Staff | None:
        """Return whose she is when only one doctor comes into question."""
        if self.case is not None:
            return self.case.doctor
        return self.choices[0].doctor if len({one.doctor_id for one in self.choices}) == 1 else None


def expected_at(department: Department, day: date, cases: Iterable[DeskCase]) -> tuple[list[ExpectedRow], int]:
    """Return who is in the house for this department and not taken in yet, and how many of today are not here yet.

    A project is this department's when its own is of the same kind: the projects are the whole group's.
    Reviews and paid treatments that the front desk sends here (A1, C3), treatments of today, and whom a consultant
    sends on.
    """
    planned = list(
        Treatment.objects.filter(
            branch=department.branch_id,
            project__department__kind=department.kind,
            treated_on=day,
            state=Treatment.State.PLANNED,
        )
        .select_related("project", "doctor")
        .order_by("pk")
    )
    visits = list(_visits_for(department, day, {one.visitor_id for one in planned}))
    done = _done_treatments(department, {visit.visitor_id for visit in visits})
    rows = [
        ExpectedRow(one.visit, one.purpose, [one.treatment] if one.treatment else [], one)
        for one in cases
        if one.state == _State.SENT
    ]
    here = [one for one in cases if one.state != _State.LEFT]
    is_open = {one.visit_id for one in cases if one.state in DeskCase.OPEN_STATES}
    was_here = {one.visit_id for one in here}
    # A treatment that was put back after the desk was done with her can be taken in again.
    taken = {
        one.treatment_id
        for one in here
        if not (one.state == _State.DONE and one.treatment and one.treatment.state == Treatment.State.PLANNED)
    }
    for visit in visits:
        if visit.pk in is_open:
            continue
        mine = [one for one in planned if one.visitor_id == visit.visitor_id and one.pk not in taken]
        if mine:
            rows.append(ExpectedRow(visit, _Purpose.TREATMENT, mine))
        elif visit.pk not in was_here and visit.state in Visit.OPEN_STATES:
            row = _by_type(visit, department, done.get(visit.visitor_id, []))
            rows += [row] if row is not None else []
    rows.sort(key=lambda row: (row.visit.arrived_at, row.visit.pk))
    arrived = {visit.visitor_id for visit in visits}
    return rows, len({one.visitor_id for one in planned} - arrived)


def _visits_for(department: Department, day: date, visitors: set[int]) -> QuerySet[Visit]:
    """Return the visits of a day that may be for a department, each with its wishes."""
    review = Q(visit_type=Visit.VisitType.REVIEW) | Q(visit_type="", purpose=Visit.Purpose.REVIEW)
    paid = Q(other_reason=Visit.OtherReason.PAID_TREATMENT)
    wished = VisitProject.objects.filter(visit=OuterRef("pk"), project__department__kind=department.kind)
    treated = Treatment.objects.filter(
        visitor=OuterRef("visitor"), project__department__kind=department.kind, state=Treatment.State.DONE
    )
    return (
        Visit.objects.filter(branch=department.branch_id, day=day)
        .exclude(state__in=[Visit.State.LEFT, Visit.State.VOID])
        .filter(Q(visitor__in=visitors) | ((review | paid) & (Exists(wished) | Exists(treated))))
        .filter(isolated_at=None)
        .select_related("visitor", "branch", "consultant")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project__department")))
        .order_by("arrived_at", "pk")
    )


def _done_treatments(department: Department, visitors: set[int]) -> dict[int, list[Treatment]]:
    """Return the last done treatment of each project, by visitor, the latest first."""
    found: dict[int, list[Treatment]] = {}
    rows = Treatment.objects.filter(
        visitor__in=visitors, project__department__kind=department.kind, state=Treatment.State.DONE
    ).select_related("project", "doctor")
    latest = rows.order_by("visitor_id", "project_id", "-treated_on", "-pk").distinct("visitor_id", "project_id")
    for one in sorted(latest, key=lambda treatment: (treatment.treated_on, treatment.pk), reverse=True):
        found.setdefault(one.visitor_id, []).append(one)
    return found


def _by_type(visit: Visit, department: Department, done: Sequence[Treatment]) -> ExpectedRow | None:
    """Return the row of a visit that the front desk sends to a department; None when it is for another one.

    A project named at the desk decides which department it is and which treatment is meant first; with none named, it
    is where she was treated.
    """
    wished = [wish.project for wish in visit.wishes.all()]
    if wished and all(project.department.kind != department.kind for project in wished):
        return None
    if visit.other_reason == Visit.OtherReason.PAID_TREATMENT:
        return ExpectedRow(visit, _Purpose.TREATMENT, [])
    named = {project.pk for project in wished}
    return ExpectedRow(visit, _Purpose.REVIEW, sorted(done, key=lambda one: one.project_id not in named))
