"""Visitors as far as a person may see them, and what stands on a visitor's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import Staff
from clinic.roles import Capability
from reception import keys
from reception.models import Visit, Visitor, VisitorKey
from reception.selectors.find import find_visitor_ids, with_merged_names
from reception.selectors.merging import records_of

SEES_ALL = frozenset({Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS})
EXACT_UP_TO = 20_000
CARD_FIELDS = (
    "name", "phone", "gender", "birth_on", "birth_year", "occupation", "wishes", "heard_from", "called_before",
    "referred_by", "medical_notes", "card_declined", "vip",
)  # fmt: skip


def visitors_of(staff: Staff) -> QuerySet[Visitor]:
    """Return the visitors this person may see: all, or as a consultant her own and those she has accepted (O5).

    A record merged into another's is no visitor any more; `where_merged` leads on.
    """
    visitors = Visitor.objects.filter(merged_into=None).select_related(
        "owner", "level", "registered_in", "registered_by"
    )
    if SEES_ALL & staff.capabilities:
        return visitors
    if staff.may(Capability.WORK_OWN_QUEUE):
        owned = Visitor.objects.filter(owner=staff).order_by().values("pk")
        taken = Q(state__in=Visit.TAKEN_STATES) | Q(state=Visit.State.LEFT, accepted_at__isnull=False)
        given = Visit.objects.filter(taken, consultant=staff).order_by().values("visitor_id")
        return visitors.filter(pk__in=owned.union(given))
    return visitors.none()


def visitor_seen_by(staff: Staff, pk: int) -> QuerySet[Visitor]:
    """Return the visitor if this person may see her, otherwise nothing (for `get_object_or_404`)."""
    return visitors_of(staff).filter(pk=pk)


def is_only_offered(visit: Visit, staff: Staff) -> bool:
    """Say whether a visit waits for this person, who has not accepted it yet; the desk's people know it anyway."""
    offered = visit.state == Visit.State.WAITING and visit.consultant_id == staff.pk
    return offered and not SEES_ALL & staff.capabilities


def only_offered(staff: Staff, records: Sequence[int]) -> bool:
    """Say whether one of these records waits for this person now, who has not accepted her yet (O5)."""
    if SEES_ALL & staff.capabilities or not staff.may(Capability.WORK_OWN_QUEUE):
        return False
    return Visit.objects.filter(visitor__in=records, consultant=staff, state=Visit.State.WAITING).exists()


def opens_visitor(staff: Staff, pk: int) -> bool:
    """Return whether a visitor's page opens for this person; a query only for those who see some visitors, not all."""
    return bool(SEES_ALL & staff.capabilities) or visitor_seen_by(staff, pk).exists()


def open_to(staff: Staff, pks: Iterable[int]) -> set[int]:
    """Return of which of these visitors the page opens for this person; as `opens_visitor`, for a whole list."""
    wanted = set(pks)
    if SEES_ALL & staff.capabilities or not wanted:
        return wanted
    return set(visitors_of(staff).filter(pk__in=wanted).values_list("pk", flat=True))


def records_seen_by(staff: Staff) -> QuerySet[Visitor]:
    """Return every record on file, those merged into others too, for those who may see all visitors."""
    if not SEES_ALL & staff.capabilities:
        return Visitor.objects.none()
    return Visitor.objects.select_related("owner", "registered_in", "registered_by", "merged_into")


def where_merged(staff: Staff, pk: int) -> Visitor | None:
    """Return the visitor a merged record leads to, if this person may see her; None for every other number."""
    return visitors_of(staff).filter(merged_records=pk).first()


def how_many(staff: Staff) -> int:
    """Return how many visitors this person may see; beyond EXACT_UP_TO of all, as the database last estimated it.

    Counting a million rows for every page would cost more than showing it.
    """
    if not SEES_ALL & staff.capabilities:
        return visitors_of(staff).count()
    exact = Visitor.objects.filter(merged_into=None).order_by()[: EXACT_UP_TO + 1].count()
    if exact <= EXACT_UP_TO:
        return exact
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where oid = 'reception_visitor'::regclass")
        return max(exact, int(cursor.fetchone()[0]))


def search_visitors(staff: Staff, text: str, limit: int = 50) -> list[Visitor]:
    """Return those of the visitors this person may see that the typed text may mean, best first."""
    if SEES_ALL & staff.capabilities:
        pks = find_visitor_ids(text, limit)
        by_pk = with_merged_names(visitors_of(staff)).in_bulk(pks)
        return [by_pk[pk] for pk in pks if pk in by_pk]
    fits = Q()
    for probe in keys.probes(text):
        lookup = "key__startswith" if probe.prefix else "key"
        fits |= Q(kind=probe.kind, **{lookup: probe.key})
    if not fits:
        return []
    found = visitors_of(staff).filter(Exists(VisitorKey.objects.filter(fits, visitor=OuterRef("pk"))))
    return list(with_merged_names(found)[:limit])


def open_visit_of(visitor: Visitor) -> Visit | None:
    """Return the visit a visitor is here for now, with what her page says of it; None when she is away. One query."""
    visits = Visit.objects.filter(visitor=visitor, state__in=Visit.OPEN_STATES)
    return visits.select_related("consultant", "branch", "file_request").first()


def open_visits_of(visitors: Iterable[Visitor]) -> dict[int, Visit]:
    """Return the open visit of each visitor who has one, by visitor id."""
    visits = Visit.objects.filter(visitor__in=list(visitors), state__in=Visit.OPEN_STATES).select_related("branch")
    return {visit.visitor_id: visit for visit in visits}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record's card that was changed: when, by whom (None: not known), from what to what."""

    record: str
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
    return _history([visitor.pk], since)


def history_of_records(visitor: Visitor) -> list[Change]:
    """Return what was changed on the cards of a visitor and of the records merged into hers, the latest first."""
    return _history(records_of(visitor).values_list("pk", flat=True), 0)


def changes_of_records(records: Iterable[int]) -> list[Change]:
    """Return what was changed on the cards of records, the latest first. Two queries."""
    return _history(records, 0)


def _history(records: Iterable[int], since: int) -> list[Change]:
    events = list(
        Visitor.pgh_event_model.objects.filter(pgh_obj__in=records)  # type: ignore[attr-defined]
        .select_related("pgh_context")
        .order_by("pgh_obj_id", "pgh_id")
    )
    people = {str(event.pgh_context.metadata.get("staff")) for event in events if event.pgh_context}
    names = {
        str(pk): name for pk, name in Staff.objects.filter(pk__in=people - {"None"}).values_list("pk", "display_name")
    }
    changes: list[tuple[int, Change]] = []
    for before, after in pairwise(events):
        if after.pgh_id <= since or before.pgh_obj_id != after.pgh_obj_id:
            continue
        metadata = after.pgh_context.metadata if after.pgh_context else {}
        changes += [
            (
                after.pgh_id,
                Change(
                    record=after.file_number,
                    at=after.pgh_created_at,
                    staff=names.get(str(metadata.get("staff")), ""),
                    field=field,
                    before=getattr(before, field),
                    after=getattr(after, field),
                ),
            )
            for field in CARD_FIELDS
            if getattr(before, field) != getattr(after, field)
        ]
    changes.reverse()
    return [change for _entry, change in sorted(changes, key=lambda one: -one[0])]


def latest_history_id(visitor: Visitor) -> int:
    """Return the number of the latest history entry of a visitor, 0 when there is none."""
    latest = visitor.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first()  # type: ignore[attr-defined]
    return int(latest or 0)
