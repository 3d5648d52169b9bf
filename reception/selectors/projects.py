"""The projects a visitor may ask for."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.models import Project
from reception import names
from reception.models import Visit


def offered_projects(branch_id: int, visit: Visit | None = None) -> list[Project]:
    """Return what a branch offers, the most major first; with what a visit was for, whoever offers it."""
    offered = Q(offered=True, department__branch=branch_id)
    if visit is not None:
        offered |= Q(pk__in=visit.wishes.values("project"))
    return list(Project.objects.filter(offered))


@dataclass(frozen=True, slots=True)
class Choice:
    """A project as the picker shows it; `found_by` is all that may be typed for it."""

    number: int
    label: str
    found_by: str


def project_choices(projects: list[Project]) -> list[Choice]:
    """Return the projects for the picker, to be found by both names, pinyin, initials and code."""
    return [
        Choice(number=project.pk, label=str(project) or _("without a name"), found_by=_found_by(project))
        for project in projects
    ]


def _found_by(project: Project) -> str:
    words = {names.fold(project.name), project.name_en.casefold(), project.code.casefold()}
    words |= names.pinyin_keys(project.name) | names.initials_keys(project.name)
    return " ".join(sorted(word for word in words if word))
