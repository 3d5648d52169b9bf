"""Visitors as far as a person may see them, and what stands on a visitor's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from clinic.models import Staff
from clinic.roles import Capability
from reception import keys
from reception.models import Visit, Visitor, VisitorKey, VisitProject
from reception.selectors.find import find_visitor_ids

SEES_ALL = frozenset({Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS})
EXACT_UP_TO = 20_000
CARD_FIELDS = (
    "name", "phone", "gender", "birth_on", "birth_year", "occupation", "wishes", "heard_from", "called_before",
    "referred_by", "medical_notes", "card_declined", "vip",
)  # fmt: skip


def visitors_of(staff: Staff) -> QuerySet[Visitor]:
    """Return the visitors this person may see: all, or as a consultant her own and those given to her."""
    visitors = Visitor.objects.select_related("owner", "registered_in", "registered_by")
    if SEES_ALL & staff.capabilities:
        return visitors
    if staff.may(Capability.WORK_OWN_QUEUE):
        owned = Visitor.objects.filter(owner=staff).order_by().values("pk")
        given = Visit.objects.filter(consultant=staff).order_by().values("visitor_id")
        return visitors.filter(pk__in=owned.union(given))
    return visitors.none()


def visitor_seen_by(staff: Staff, pk: int) -> QuerySet[Visitor]:
    """Return the visitor if this person may see her, otherwise nothing (for `get_object_or_404`)."""
    return visitors_of(staff).filter(pk=pk)


def how_many(staff: Staff) -> int:
    """Return how many visitors this person may see; beyond EXACT_UP_TO of all, as the database last estimated it.

    Counting a million rows for every page would cost more than showing it.
    """
    if not SEES_ALL & staff.capabilities:
        return visitors_of(staff).count()
    exact = Visitor.objects.order_by()[: EXACT_UP_TO + 1].count()
    if exact <= EXACT_UP_TO:
        return exact
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where oid = 'reception_visitor'::regclass")
        return max(exact, int(cursor.fetchone()[0]))


def search_visitors(staff: Staff, text: str, limit: int = 50) -> list[Visitor]:
    """Return those of the visitors this person may see that the typed text may mean, best first."""
    if SEES_ALL & staff.capabilities:
        pks = find_visitor_ids(text, limit)
        by_pk = visitors_of(staff).in_bulk(pks)
        return [by_pk[pk] for pk in pks if pk in by_pk]
    fits = Q()
    for probe in keys.probes(text):
        lookup = "key__startswith" if probe.prefix else "key"
        fits |= Q(kind=probe.kind, **{lookup: probe.key})
    if not fits:
        return []
    return list(visitors_of(staff).filter(Exists(VisitorKey.objects.filter(fits, visitor=OuterRef("pk"))))[:limit])


def visits_of(visitor: Visitor) -> QuerySet[Visit]:
    """Return a visitor's visits, the latest first, with all that a row shows. Two queries however many rows."""
    wishes = Prefetch("wishes", VisitProject.objects.select_related("project"))
    visits = Visit.objects.filter(visitor=visitor).select_related("consultant", "branch", "visitor")
    return visits.prefetch_related(wishes).order_by("-day", "-number")


def open_visits_of(visitors: Iterable[Visitor]) -> dict[int, Visit]:
    """Return the open visit of each visitor who has one, by visitor id."""
    visits = Visit.objects.filter(visitor__in=list(visitors), state__in=Visit.OPEN_STATES).select_related("branch")
    return {visit.visitor_id: visit for visit in visits}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a card that was changed: when, by whom (None: not known), from what to what."""

    at: datetime
    staff: str
    field: str
    before: object
    after: object

    @property
    def label(self) -> str:
        """Return the name of the field as the card shows it."""
        return str(getattr(Visitor._meta.get_field(self.field), "verbose_name", self.field))


def card_history(visitor: Visitor, *, since: int = 0) -> list[Change]:
    """Return what was changed on a visitor's card after history entry `since`, the latest first. Two queries."""
    events = list(visitor.events.select_related("pgh_context").order_by("pgh_id"))  # type: ignore[attr-defined]
    people = {str(event.pgh_context.metadata.get("staff")) for event in events if event.pgh_context}
    names = {
        str(pk): name for pk, name in Staff.objects.filter(pk__in=people - {"None"}).values_list("pk", "display_name")
    }
    changes = []
    for before, after in pairwise(events):
        if after.pgh_id <= since:
            continue
        metadata = after.pgh_context.metadata if after.pgh_context else {}
        changes += [
            Change(
                at=after.pgh_created_at,
                staff=names.get(str(metadata.get("staff")), ""),
                field=field,
                before=getattr(before, field),
                after=getattr(after, field),
            )
            for field in CARD_FIELDS
            if getattr(before, field) != getattr(after, field)
        ]
    return changes[::-1]


def latest_history_id(visitor: Visitor) -> int:
    """Return the number of the latest history entry of a visitor, 0 when there is none."""
    latest = visitor.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first()  # type: ignore[attr-defined]
    return int(latest or 0)
