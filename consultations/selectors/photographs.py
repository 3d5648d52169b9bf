"""Photographs as far as a person may see them. The pictures themselves are read one at a time, never with a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, QuerySet

from clinic.models import Project, Staff
from clinic.roles import Capability
from consultations.models import Photograph, Treatment
from consultations.selectors.records import visitors_seen_by
from reception.models import Visit, Visitor


def pictured_visitors(staff: Staff, today: date) -> QuerySet[Visitor]:
    """Return the visitors whose photographs this person may see.

    Those whose consultations she may read; to the photo room also whoever is here today.
    """
    seen = visitors_seen_by(staff).filter(merged_into=None)
    if staff.may(Capability.WORK_FILE_ROOM):
        here = Visit.objects.filter(visitor=OuterRef("pk"), branch=staff.branch_id, day=today)
        here = here.exclude(state=Visit.State.VOID)
        return seen | Visitor.objects.filter(Exists(here), merged_into=None)
    return seen


def photographs_of(visitor: Visitor) -> QuerySet[Photograph]:
    """Return a visitor's photographs without their content, those removed too, the latest first."""
    return (
        Photograph.objects.filter(visitor=visitor)
        .select_related("file", "branch", "taken_by", "removed_by", "treatment__project")
        .defer("file__content", "file__thumbnail")
        .order_by("-taken_on", "-pk")
    )


def photographs_seen_by(staff: Staff, today: date) -> QuerySet[Photograph]:
    """Return the photographs this person may open, without their content; others are not there."""
    return (
        Photograph.objects.filter(visitor__in=pictured_visitors(staff, today).order_by().values("pk"))
        .select_related("file", "visitor", "taken_by", "branch", "treatment__project")
        .defer("file__content", "file__thumbnail")
    )


def content_of(photograph: Photograph, *, small: bool) -> bytes:
    """Return the JPEG of a photograph, small or whole; empty when it was removed."""
    column = "thumbnail" if small else "content"
    content = Photograph.objects.values_list(f"file__{column}", flat=True).get(pk=photograph.pk)
    return bytes(content)


def how_many(visitor: Visitor) -> int:
    """Return how many photographs of a visitor there are that were not removed."""
    return Photograph.objects.filter(visitor=visitor, removed_at=None).count()


@dataclass(frozen=True, slots=True)
class Stage:
    """The photographs of a day that show one stage of one treatment."""

    stage: str
    project: Project | None
    photographs: list[Photograph]


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its photographs, by stage."""

    taken_on: date
    stages: list[Stage]


_STAGES = list(Photograph.Stage.values)
_VIEWS = list(Photograph.View.values)


def by_day(photographs: Iterable[Photograph]) -> list[Day]:
    """Return photographs (the latest first) by day, within it by stage and treatment, within that by view."""
    days = []
    for taken_on, of_day in groupby(photographs, key=lambda one: one.taken_on):
        rows = sorted(of_day, key=lambda one: (*_group(one), _VIEWS.index(one.view), one.pk))
        stages = []
        for _key, group in groupby(rows, key=_group):
            shown = list(group)
            treatment = shown[0].treatment
            stages.append(Stage(shown[0].get_stage_display(), treatment.project if treatment else None, shown))
        days.append(Day(taken_on, stages))
    return days


def _group(photograph: Photograph) -> tuple[int, int]:
    return _STAGES.index(photograph.stage), photograph.treatment_id or 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One view before and after, each in the order they were taken; `during` between them."""

    view: str
    before: list[Photograph]
    during: list[Photograph]
    after: list[Photograph]


def side_by_side(photographs: Iterable[Photograph]) -> list[Pair]:
    """Return photographs of one treatment by view; a view of which there is none is left out."""
    found: dict[tuple[str, str], list[Photograph]] = {}
    for one in sorted(photographs, key=lambda one: (one.taken_on, one.pk)):
        found.setdefault((one.view, one.stage), []).append(one)
    return [
        Pair(str(view.label), *(found.get((view, stage), []) for stage in Photograph.Stage))
        for view in Photograph.View
        if any((view, stage) in found for stage in Photograph.Stage)
    ]


@dataclass(frozen=True, slots=True)
class Course:
    """A treatment with how many photographs it has; None: those that belong to no treatment."""

    treatment: Treatment | None
    number: int

    @property
    def key(self) -> int:
        """Return what an address calls it by."""
        return self.treatment.pk if self.treatment is not None else 0


def courses_of(visitor: Visitor) -> list[Course]:
    """Return the treatments of a visitor of which there are photographs, the latest first. Two queries at most."""
    counted = dict(
        Photograph.objects.filter(visitor=visitor, removed_at=None)
        .order_by()
        .values_list("treatment")
        .annotate(number=Count("pk"))
    )
    treatments = Treatment.objects.filter(pk__in=[pk for pk in counted if pk is not None]).select_related("project")
    courses = [Course(one, counted[one.pk]) for one in treatments.order_by("-treated_on", "-pk")]
    return courses + ([Course(None, counted[None])] if None in counted else [])


def treatments_to_picture(visitor: Visitor) -> QuerySet[Treatment]:
    """Return the treatments new photographs may belong to, the latest first."""
    rows = Treatment.objects.filter(visitor=visitor).exclude(state=Treatment.State.CANCELLED)
    return rows.select_related("project").order_by("-treated_on", "-pk")


def on_file(visitor: Visitor, hashes: Iterable[str]) -> dict[str, Photograph]:
    """Return hash → photograph of those of these pictures that are in the visitor's file already."""
    rows = photographs_of(visitor).filter(removed_at=None, file__sha256__in=list(hashes))
    return {one.file.sha256: one for one in rows}


def may_remove(photograph: Photograph, staff: Staff, today: date) -> bool:
    """Say whether a person may remove a photograph: her own on the day it came in, else with REMOVE_PHOTOGRAPHS.

    Only the branch that took it in removes it: what is removed is gone for every branch.
    """
    if staff.may(Capability.REMOVE_PHOTOGRAPHS) and staff.branch_id == photograph.branch_id:
        return True
    return photograph.taken_by_id == staff.pk and photograph.branch.today(photograph.added_at) == today
