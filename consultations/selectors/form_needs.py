"""Which forms treatments need: a project's own list, else its department's, else what a hospital begins with."""

from collections.abc import Iterable

from django.db.models import Q

from clinic.models import Department, Project
from consultations import starting_forms
from consultations.models import FormNeed, SignedForm

# What may be asked for before a treatment; the others are signed at its end.
BEFORE = (
    SignedForm.Kind.TREATMENT,
    SignedForm.Kind.ANAESTHESIA,
    SignedForm.Kind.PHOTOGRAPHS,
    SignedForm.Kind.NO_PREGNANCY,
)


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return kinds of forms in the order they are asked, each once."""
    wanted = set(kinds)
    return tuple(kind.value for kind in SignedForm.Kind if kind in wanted)


def own_need(thing: Project | Department) -> FormNeed | None:
    """Return the list a manager wrote for this project or department, None when there is none."""
    return FormNeed.objects.filter(**{_side(thing): thing}).first()


def usual_needs(thing: Project | Department) -> tuple[str, ...]:
    """Return what it needs without a list of its own; of a project with its `department`."""
    if isinstance(thing, Department):
        return in_order(starting_forms.of_department(thing.kind))
    written = FormNeed.objects.filter(department=thing.department_id).first()
    return _usual(thing, written)


def needs_of(projects: Iterable[Project]) -> dict[int, tuple[str, ...]]:
    """Return project → the forms to be signed before it. Projects come with their `department`. One query."""
    asked = {project.pk: project for project in projects}
    if not asked:
        return {}
    departments = {project.department_id for project in asked.values()}
    written = list(FormNeed.objects.filter(Q(project__in=asked) | Q(department__in=departments)))
    own = {need.project_id: need for need in written if need.project_id is not None}
    theirs = {need.department_id: need for need in written if need.department_id is not None}
    return {
        pk: in_order(own[pk].kinds) if pk in own else _usual(project, theirs.get(project.department_id))
        for pk, project in asked.items()
    }


def _usual(project: Project, department: FormNeed | None) -> tuple[str, ...]:
    kinds = department.kinds if department is not None else starting_forms.of_department(project.department.kind)
    return in_order([*kinds, *starting_forms.more_for(project.code)])


def _side(thing: Project | Department) -> str:
    return "project" if isinstance(thing, Project) else "department"
