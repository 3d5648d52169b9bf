"""Treatments, by day, doctor and department."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Department, Staff
from clinic.roles import Capability, Role
from consultations.models import DeskCase, StageEntry, Treatment, TreatmentStep
from consultations.stages import IN_THE_HOUSE, Kind, Stage, way_of

TABS = ("today", "upcoming", "past", "all")
# What a row of a treatment shows beside its own columns.
SHOWN = ("visitor", "project__department", "doctor", "branch", "deal_line", "assistant")


def roles_of(staff: Staff) -> frozenset[Role]:
    """Return the roles somebody acts in: a superuser in every one."""
    return frozenset(Role) if staff.is_superuser else staff.roles


def treatments_for(staff: Staff) -> QuerySet[Treatment]:
    """Return the treatments this person works with.

    All of the branch with VIEW_ALL_VISITORS, and for who leads visitors; a doctor's own, and those for which the desk
    gave the visitor to that doctor; those for the department of a desk, nurse or beautician, whose project's own is of
    the same kind (the branch's when they belong to none); a consultant's, which she filed or whose visitor is hers.
    """
    rows = Treatment.objects.select_related(*SHOWN).filter(branch_id=staff.branch_id)
    if staff.may(Capability.VIEW_ALL_VISITORS) or staff.may(Capability.LEAD_VISITORS):
        return rows
    mine = Q(pk=None)
    if Role.DOCTOR in staff.roles:
        given = DeskCase.objects.filter(treatment=OuterRef("pk"), staff=staff)
        mine |= Q(doctor=staff) | Q(Exists(given))
    if staff.roles & {Role.DEPARTMENT_DESK, Role.NURSE, Role.BEAUTICIAN}:
        if staff.department_id is None:
            return rows
        kind = Department.objects.filter(pk=staff.department_id).values("kind")
        mine |= Q(project__department__kind__in=kind)
    if Role.CONSULTANT in staff.roles:
        mine |= Q(visitor__owner=staff) | Q(consultation__consultant=staff)
    return rows.filter(mine)


def asks_result(treatment: Treatment) -> bool:
    """Say whether a treatment, read with its department, waits for its doctor to see the result before she goes."""
    return (
        treatment.kind == Kind.INJECTABLE
        and treatment.state == Treatment.State.DONE
        and treatment.result_seen_at is None
        and treatment.stage != Stage.DISCHARGED
    )


def unseen_results(staff: Staff, today: date) -> list[Treatment]:
    """Return the treatments of this doctor today whose results the doctor still has to see. One query."""
    done = Treatment.objects.filter(
        doctor=staff, treated_on=today, state=Treatment.State.DONE, result_seen_at=None
    ).select_related("visitor", "project__department")
    return [one for one in done if asks_result(one)]


def treatments_in_tab(rows: QuerySet[Treatment], tab: str, today: date) -> QuerySet[Treatment]:
    """Return one tab of a treatment list: `today`, `upcoming` and the soonest first, else the latest first."""
    if tab == "today":
        return rows.filter(treated_on=today).order_by("state", "project__rank", "pk")
    if tab == "upcoming":
        return rows.filter(treated_on__gt=today).order_by("treated_on", "pk")
    if tab == "past":
        return rows.filter(treated_on__lt=today).order_by("-treated_on", "-pk")
    return rows.order_by("-treated_on", "-pk")


def tab_counts(rows: QuerySet[Treatment], today: date) -> dict[str, int]:
    """Return how many treatments not cancelled stand in *today* and *upcoming*, and how many planned are overdue."""
    live = rows.filter(Q(treated_on__gte=today) | Q(state=Treatment.State.PLANNED))
    live = live.exclude(state=Treatment.State.CANCELLED)
    return live.order_by().aggregate(
        today=Count("pk", filter=Q(treated_on=today)),
        upcoming=Count("pk", filter=Q(treated_on__gt=today)),
        overdue=Count("pk", filter=Q(treated_on__lt=today, state=Treatment.State.PLANNED)),
    )


def in_the_house(staff: Staff, today: date) -> QuerySet[Treatment]:
    """Return today's treatments of the branch whose visitors are here, with what is due; who waits longest first."""
    return (
        Treatment.objects.select_related(*SHOWN, "visit")
        .filter(branch_id=staff.branch_id, treated_on=today, stage__in=sorted(IN_THE_HOUSE))
        .exclude(state=Treatment.State.CANCELLED)
        .prefetch_related(
            Prefetch("steps", TreatmentStep.objects.filter(result=""), to_attr="due"),
            Prefetch("course", StageEntry.objects.order_by("id"), to_attr="entries"),
        )
        .order_by("arrived_at", "pk")
    )


def expected_today(staff: Staff, today: date) -> QuerySet[Treatment]:
    """Return today's treatments of the branch whose visitors have not come to their department yet."""
    return (
        Treatment.objects.select_related(*SHOWN)
        .filter(branch_id=staff.branch_id, treated_on=today, state=Treatment.State.PLANNED, stage=Stage.ORDERED)
        .order_by("project__rank", "pk")
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """One stage on the way of a treatment as a screen shows it; `at` None: not written down or not yet."""

    stage: str
    word: object
    at: datetime | None
    by: Staff | None
    is_now: bool
    is_past: bool


def course_of(treatment: Treatment) -> list[StageEntry]:
    """Return every step of a treatment, the earliest first."""
    return list(StageEntry.objects.filter(treatment=treatment).select_related("by"))


def without_drug(treatment: Treatment, course: list[StageEntry]) -> StageEntry | None:
    """Return the step that says why no drug was given to who was injected, while it stands."""
    last = course[-1] if course else None
    ended = last is not None and last.sort == StageEntry.Sort.STEP and last.stage == Stage.DISCHARGED
    return last if ended and last is not None and last.reason and treatment.stage == Stage.DISCHARGED else None


def way_shown(treatment: Treatment, course: list[StageEntry]) -> list[Reached]:
    """Return the way of a treatment from beginning to end: what it has passed, where it is, what follows."""
    order = list(Stage)
    now = order.index(Stage(treatment.stage))
    reached = {entry.stage: entry for entry in course if entry.sort == StageEntry.Sort.STEP}
    stages = [*way_of(treatment.kind)]
    if treatment.stage not in stages:
        stages = [stage for stage in order if stage in stages or stage == treatment.stage]
    return [
        Reached(
            stage=stage.value,
            word=treatment.word_of(stage),
            at=entry.at if (entry := reached.get(stage.value)) and position <= now else None,
            by=entry.by if entry and position <= now else None,
            is_now=position == now,
            is_past=position < now,
        )
        for stage in stages
        for position in [order.index(stage)]
    ]


def doctors_of(staff: Staff, today: date) -> QuerySet[Staff]:
    """Return the doctors who work at this person's branch, those of a department together, by name."""
    return (
        _with_role(staff, today, Role.DOCTOR)
        .select_related("department")
        .order_by("department__code", "name_key", "login_name")
    )


def assistants_of(staff: Staff, today: date) -> QuerySet[Staff]:
    """Return the nurses and beauticians who work at this person's branch, by name."""
    return _with_role(staff, today, Role.NURSE, Role.BEAUTICIAN)


def _with_role(staff: Staff, today: date, *roles: Role) -> QuerySet[Staff]:
    has_role = Staff.groups.through.objects.filter(staff=OuterRef("pk"), group__name__in=[role.value for role in roles])
    return Staff.objects.filter(
        Exists(has_role),
        Q(active_until=None) | Q(active_until__gte=today),
        branch_id=staff.branch_id,
        active_from__lte=today,
    )
