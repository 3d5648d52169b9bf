"""Which projects a consultant receives, and what of that cannot be meant together."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinic.models import Project


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Projects that stand in one list (`name`) against what another says, and a sentence about it."""

    name: str
    projects: tuple[Project, ...]
    sentence: str


def contradictions(
    *, scope: Collection[Project], excluded: Collection[Project], dedicated: Collection[Project]
) -> list[Contradiction]:
    """Return what cannot be meant together; nothing when all of it can. An empty `scope` is every project."""
    return [
        Contradiction(name, projects, sentence % {"projects": _(", ").join(map(str, projects))})
        for name, projects, sentence in (
            (
                "excluded",
                tuple(one for one in excluded if one in scope),
                _("%(projects)s: received and never received at once. Keep one of the two ticks."),
            ),
            (
                "dedicated",
                tuple(one for one in dedicated if one in excluded),
                _("%(projects)s: dedicated and never received at once. Keep one of the two ticks."),
            ),
            (
                "dedicated",
                tuple(one for one in dedicated if scope and one not in scope and one not in excluded),
                _("%(projects)s: dedicated, but not among the only projects received. Tick it there as well."),
            ),
        )
        if projects
    ]
