"""Consultations, and all that is known of a visitor in this room."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Project, Staff
from clinic.roles import Capability
from consultations.models import Consultation, Deal, DealShare, Treatment
from consultations.selectors.treatments import treatments_for
from reception.models import Visit, Visitor, VisitProject
from reception.selectors import records_of

SHOWN = 50


def consultations_seen_by(staff: Staff) -> QuerySet[Consultation]:
    """Return a consultant's own consultations; with VIEW_ALL_VISITORS those of the branch."""
    rows = Consultation.objects.select_related("visit", "visitor__owner", "consultant", "branch").prefetch_related(
        Prefetch("visit__wishes", VisitProject.objects.select_related("project"))
    )
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return rows.filter(Q(branch_id=staff.branch_id) | Q(consultant=staff))
    return rows.filter(consultant=staff)


def deals_of(consultation: Consultation) -> QuerySet[Deal]:
    """Return the deals of one consultation with projects and shares, the earliest first."""
    return (
        Deal.objects.filter(consultation=consultation)
        .prefetch_related("projects", Prefetch("shares", DealShare.objects.select_related("staff")))
        .order_by("made_at", "pk")
    )


def treatments_of(consultation: Consultation) -> QuerySet[Treatment]:
    """Return the treatments filed in one consultation, by date."""
    return (
        Treatment.objects.filter(consultation=consultation)
        .select_related("project", "doctor")
        .order_by("treated_on", "pk")
    )


def visitors_seen_by(staff: Staff) -> QuerySet[Visitor]:
    """Return the visitors whose consultations this person may read.

    All with VIEW_ALL_VISITORS; a consultant's own and those given to her; those whose treatments the person works on.
    """
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return Visitor.objects.all()
    seen = Q(Exists(treatments_for(staff).filter(visitor=OuterRef("pk"))))
    if staff.may(Capability.WORK_OWN_QUEUE):
        seen = (
            seen
            | Q(owner=staff)
            | Exists(Visit.objects.filter(visitor=OuterRef("pk"), consultant=staff))
            | Exists(Consultation.objects.filter(visitor=OuterRef("pk"), consultant=staff))
        )
    return Visitor.objects.filter(seen)


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """One thing that happened to a visitor in this room; exactly one of the three is set."""

    on: date
    at: datetime
    consultation: Consultation | None = None
    deal: Deal | None = None
    treatment: Treatment | None = None


def story_of(visitor: Visitor, *, but: Consultation | None = None) -> list[StoryEntry]:
    """Return consultations, deals and treatments of a visitor, the latest first, at most SHOWN of each.

    `but`: without this consultation and what came of it.
    """
    left_out = but.pk if but else 0
    consultations = (
        Consultation.objects.filter(visitor=visitor)
        .exclude(pk=left_out)
        .exclude(state__in=[Consultation.State.OFFERED, Consultation.State.WITHDRAWN])
        .select_related("consultant", "visit")
        .order_by("-offered_at")[:SHOWN]
    )
    deals = (
        Deal.objects.filter(visitor__in=records_of(visitor).values("pk"))
        .exclude(consultation=left_out)
        .select_related("branch", "made_by")
        .prefetch_related("projects", Prefetch("shares", DealShare.objects.select_related("staff")))[:SHOWN]
    )
    treatments = (
        Treatment.objects.filter(visitor=visitor)
        .exclude(consultation=left_out)
        .select_related("project", "doctor")[:SHOWN]
    )
    entries = chain(
        (StoryEntry(on=one.day, at=one.offered_at, consultation=one) for one in consultations),
        (StoryEntry(on=one.branch.today(one.made_at), at=one.made_at, deal=one) for one in deals),
        (StoryEntry(on=one.treated_on, at=one.recorded_at, treatment=one) for one in treatments),
    )
    return sorted(entries, key=lambda entry: (entry.on, entry.at), reverse=True)


def offered_projects() -> QuerySet[Project]:
    """Return the projects one can buy here, the most major first, with their department."""
    return Project.objects.filter(offered=True).select_related("department")
