"""The visitors who belong to a consultant."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clinic.models import Staff
from reception import keys
from reception.models import Visitor, VisitorKey


def visitors_of(staff: Staff, text: str = "") -> QuerySet[Visitor]:
    """Return a consultant's visitors, the latest visit first; those `text` may mean, when it is given.

    `text` is what the front desk's search understands: last digits, a name, pinyin, initials, a file number.
    """
    rows = (
        Visitor.objects.filter(owner=staff)
        .select_related("level")
        .order_by(F("last_visit_on").desc(nulls_last=True), "-pk")
    )
    if not text.strip():
        return rows
    wanted = Q(pk=None)
    for probe in keys.probes(text):
        lookup = {"key__startswith": probe.key} if probe.prefix else {"key": probe.key}
        wanted |= Q(kind=probe.kind, **lookup)
    return rows.filter(Exists(VisitorKey.objects.filter(wanted, visitor=OuterRef("pk"))))
