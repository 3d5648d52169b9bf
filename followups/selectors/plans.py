"""The plans of the hospital: which version holds on a day, what comes, and what a new version begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet

from clinic.asked import number_in
from clinic.models import Department, Project, Staff
from consultations.models import Treatment
from followups.models import Plan, PlanQuestion, PlanStep
from followups.plans import Question, Step, Words
from followups.selectors.calls import treating_kinds

State = Literal["coming", "holds", "over", "replaced"]
# What no list shows.
_LONG = ("script", "script_en", "normal_signs", "normal_signs_en", "warning_signs", "warning_signs_en")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a plan is for: the treatments of a kind of department, one project, or one treatment."""

    department_kind: str = ""
    project: Project | None = None
    treatment: Treatment | None = None

    def __str__(self) -> str:
        """Return its name in the language of the reader."""
        if self.treatment is not None:
            day = self.treatment.treated_on.isoformat()
            return f"{self.treatment.visitor.name}, {self.treatment.project} {day}"
        if self.project is not None:
            return str(self.project)
        return str(Department.Kind(self.department_kind).label)

    @property
    def query(self) -> str:
        """Return how an address names it."""
        if self.treatment is not None:
            return urlencode({"treatment": self.treatment.pk})
        named = {"project": self.project.pk} if self.project is not None else {"department": self.department_kind}
        return urlencode(named)

    @property
    def followed_project(self) -> Project | None:
        """Return the project whose treatments it is about; None for a whole department."""
        return self.treatment.project if self.treatment is not None else self.project

    @property
    def general(self) -> str:
        """Return the kind of department whose plan holds where this has none of its own; empty for a department."""
        return self.project.department.kind if self.project is not None else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A department or project with the version that holds (None: none yet) and the next one to begin."""

    subject: Subject
    holds: Plan | None
    coming: Plan | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version with what has become of it; `until`: the day from which the next one holds."""

    plan: Plan
    state: State
    until: date | None


def general_plans() -> QuerySet[Plan]:
    """Return the plans that are for more than one treatment, with what a page says of them."""
    return Plan.objects.filter(treatment=None).select_related("project__department", "made_by")


def subject_of(plan: Plan) -> Subject:
    """Return what a plan of the hospital is for."""
    return Subject(plan.department_kind, plan.project)


def treatments_planned_by(staff: Staff) -> QuerySet[Treatment]:
    """Return the treatments of the person's branch whose calls can have a plan of their own."""
    kinds = [kind for kind, _word in treating_kinds()]
    rows = Treatment.objects.select_related("visitor", "branch", "doctor", "project__department")
    return rows.filter(branch=staff.branch_id, project__department__kind__in=kinds)


def subject_named(staff: Staff, department: str, project: str, treatment: str = "") -> Subject | None:
    """Return what an address names; None for what has no plan of calls, and for a treatment of another branch."""
    if (pk := number_in(treatment)) is not None:
        one = treatments_planned_by(staff).filter(pk=pk).first()
        return Subject(treatment=one) if one is not None else None
    kinds = dict(treating_kinds())
    if department in kinds:
        return Subject(department_kind=department)
    number = number_in(project)
    if number is None:
        return None
    rows = Project.objects.select_related("department").filter(pk=number, department__kind__in=kinds)
    found = rows.first()
    return Subject(project=found) if found is not None else None


def _of(subject: Subject) -> QuerySet[Plan]:
    if subject.treatment is not None:
        return Plan.objects.filter(treatment=subject.treatment).select_related("made_by")
    return general_plans().filter(department_kind=subject.department_kind, project=subject.project)


def general_plan_for(treatment: Treatment) -> Plan | None:
    """Return the version that holds for a treatment unless it has a plan of its own, as building chooses it."""
    begun = general_plans().filter(starts_on__lte=treatment.treated_on).order_by("-version")
    own = begun.filter(project=treatment.project_id).first()
    if own is not None and not own.inherits:
        return own
    return begun.filter(department_kind=treatment.project.department.kind).first()


def plan_for(treatment: Treatment) -> Plan | None:
    """Return the version that holds for a treatment: its own, or the general one."""
    own = last_version(Subject(treatment=treatment))
    return own if own is not None and not own.inherits else general_plan_for(treatment)


def last_version(subject: Subject) -> Plan | None:
    """Return the newest version of a plan, whether it has begun or not."""
    return _of(subject).order_by("-version").first()


def beginning_steps(subject: Subject) -> list[PlanStep]:
    """Return the calls a new version begins with: those of the newest one, or of the plan that holds instead of it."""
    if subject.treatment is not None:
        last = plan_for(subject.treatment)
    else:
        last = last_version(subject)
        if (last is None or last.inherits) and subject.general:
            last = last_version(Subject(department_kind=subject.general))
    return steps_of(last) if last is not None else []


def steps_of(plan: Plan) -> list[PlanStep]:
    """Return the calls of a version in their order, with their questions."""
    return list(plan.steps.order_by("position").prefetch_related("questions"))


def former_version(plan: Plan) -> Plan | None:
    """Return the version that was published before another one of the same plan; None when it was the first."""
    rows = _of(subject_of(plan)).filter(version__lt=plan.version)
    return rows.order_by("-version").first()


def step_rows(steps: Sequence[Step], plan: Plan | None = None) -> list[PlanStep]:
    """Return steps as rows of a plan, not written yet."""
    return [
        PlanStep(
            plan=plan,
            code=step.code,
            position=position,
            anchor=step.anchor,
            offset=step.offset,
            unit=step.unit,
            kind=step.kind,
            tracked_only=step.tracked_only,
            risk=step.risk,
            most_tries=step.most_tries,
            pause_no_answer=step.pause_no_answer,
            name=step.zh.name,
            name_en=step.en.name,
            script=step.zh.script,
            script_en=step.en.script,
            normal_signs=step.zh.normal,
            normal_signs_en=step.en.normal,
            warning_signs=step.zh.warning,
            warning_signs_en=step.en.warning,
        )
        for position, step in enumerate(steps, start=1)
    ]


def question_rows(steps: Sequence[Step], written: Sequence[PlanStep]) -> list[PlanQuestion]:
    """Return the questions of steps as rows, not written yet; `written`: the row of each step."""
    return [
        PlanQuestion(
            step=row,
            position=position,
            code=question.code,
            kind=question.kind,
            warns_at=question.warns_at,
            name=question.zh,
            name_en=question.en,
        )
        for step, row in zip(steps, written, strict=True)
        for position, question in enumerate(step.questions, start=1)
    ]


def step_from(row: PlanStep) -> Step:
    """Return a written call as a new version can take it over; its questions are loaded."""
    return Step(
        row.code,
        row.offset,
        row.unit,  # type: ignore[arg-type]
        row.risk,
        Words(row.name, row.script, row.normal_signs, row.warning_signs),
        Words(row.name_en, row.script_en, row.normal_signs_en, row.warning_signs_en),
        anchor=row.anchor,  # type: ignore[arg-type]
        kind=row.kind,  # type: ignore[arg-type]
        tracked_only=row.tracked_only,
        questions=tuple(
            Question(one.code, one.kind, one.name, one.name_en, one.warns_at)  # type: ignore[arg-type]
            for one in row.questions.all()
        ),
        most_tries=row.most_tries,
        pause_no_answer=row.pause_no_answer,
    )


def versions_of(subject: Subject, today: date) -> list[Version]:
    """Return all versions of a plan with what has become of each, the newest first."""
    found: list[Version] = []
    until = None
    for plan in _of(subject).order_by("-version"):
        found.append(Version(plan, _state(plan, until, today), until))
        until = plan.starts_on
    return found


def _state(plan: Plan, until: date | None, today: date) -> State:
    if until is not None and until <= plan.starts_on:
        return "replaced"
    if plan.starts_on > today:
        return "coming"
    return "holds" if until is None or until > today else "over"


def plans_on(today: date) -> tuple[list[Standing], list[Standing]]:
    """Return how the plans of the treating departments stand on a day, with their calls, and those of the projects.

    A project is listed once it has had a plan of its own. In three queries, however many there are.
    """
    one_each = ("department_kind", "project_id")
    rows = general_plans()
    held = rows.filter(starts_on__lte=today).order_by(*one_each, "-version").distinct(*one_each)
    coming = rows.filter(starts_on__gt=today).order_by(*one_each, "starts_on", "-version").distinct(*one_each)
    steps = Prefetch("steps", PlanStep.objects.order_by("position").defer(*_LONG))
    by_subject = _by_subject(held.prefetch_related(steps))
    to_come = _by_subject(coming)
    of_departments = [
        Standing(Subject(department_kind=kind), by_subject.get((kind, None)), to_come.get((kind, None)))
        for kind, _word in treating_kinds()
    ]
    of_projects = [
        Standing(subject_of(plan), by_subject.get(key), to_come.get(key))
        for key, plan in (by_subject | to_come).items()
        if plan.project is not None
    ]
    return of_departments, sorted(of_projects, key=_place)


def _by_subject(plans: Iterable[Plan]) -> dict[tuple[str, int | None], Plan]:
    return {(plan.department_kind, plan.project_id): plan for plan in plans}


def _place(standing: Standing) -> tuple[int, str]:
    project = standing.subject.project
    return (project.rank, project.code) if project is not None else (0, "")


def projects_by_kind(without: Sequence[Standing]) -> list[tuple[str, list[Project]]]:
    """Return the projects that are followed up by the kind of their department, without those that are given."""
    listed = {one.subject.project.pk for one in without if one.subject.project is not None}
    kinds = dict(treating_kinds())
    found: dict[str, list[Project]] = {kind: [] for kind in kinds}
    for project in Project.objects.filter(department__kind__in=kinds).select_related("department"):
        if project.pk not in listed:
            found[project.department.kind].append(project)
    return [(kinds[kind], projects) for kind, projects in found.items() if projects]
