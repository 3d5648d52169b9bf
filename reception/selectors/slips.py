"""What stands on a visitor's slip, how often it and her card were printed, and what a scanned slip was used for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import AuditEntry
from reception.models import Visit, Visitor, VisitProject
from reception.selectors.merging import records_of

PRINTED = "reception.print_slip"
CARD_PRINTED = "reception.print_card"


def prints_of(visit: Visit) -> QuerySet[AuditEntry]:
    """Return each time the slip of a visit was printed, the latest first."""
    entries = AuditEntry.objects.filter(object_type=Visit._meta.model_name, object_id=str(visit.pk), action=PRINTED)
    return entries.select_related("staff").order_by("-pk")


def card_prints_of(visitor: Visitor) -> QuerySet[AuditEntry]:
    """Return each time a card of a visitor, or of a record merged into hers, was printed, the latest first."""
    records = [str(pk) for pk in records_of(visitor).values_list("pk", flat=True)]
    entries = AuditEntry.objects.filter(
        object_type=Visitor._meta.model_name, object_id__in=records, action=CARD_PRINTED
    )
    return entries.select_related("staff").order_by("-pk")


def projects_on(visit: Visit) -> list[str]:
    """Return what she came for, in the order named."""
    wishes = VisitProject.objects.filter(visit=visit).select_related("project").order_by("position")
    return [str(wish.project) for wish in wishes]


@dataclass(frozen=True, slots=True)
class Use:
    """What a slip was used for, and when."""

    word: Promise
    at: datetime


def uses_of(visit: Visit) -> list[Use]:
    """Return the steps of a visit that its slip went with, in the order they happened."""
    steps = (
        (_("Registered"), visit.arrived_at),
        (_("Given to a consultant"), visit.allocated_at),
        (_("Called"), visit.accepted_at),
        (_("Went into the room"), visit.entered_at),
        (_("Finished"), visit.finished_at),
        (_("Left"), visit.left_at),
    )
    return [Use(word, at) for word, at in steps if at is not None]
