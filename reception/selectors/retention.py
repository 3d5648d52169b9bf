"""How long each kind is kept, which lists of what is due there are, and which of them wait for a decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from reception.models.retention import (
    FILES_AT_LEAST,
    LOG_AT_LEAST,
    Kept,
    RetentionItem,
    RetentionLine,
    RetentionList,
    RetentionPeriod,
)

# Months each kind is kept until a manager writes another number.
STANDARD: Mapping[str, int] = {
    Kept.FILES: FILES_AT_LEAST,
    Kept.APPOINTMENTS: 36,
    Kept.PRE_REPORTS: 36,
    Kept.DAY_LOG: 36,
    Kept.IMPORT_ROWS: 3,
    Kept.MESSAGES: 12,
    Kept.AUDIT_LOG: 36,
}
AT_LEAST: Mapping[str, int] = {Kept.FILES: FILES_AT_LEAST, Kept.AUDIT_LOG: LOG_AT_LEAST}
SOURCES: Mapping[str, Promise] = {
    Kept.FILES: _(
        "Outpatient files are kept fifteen years at least, inpatient ones thirty (Rules for Medical Institutions, "
        "article 53)."
    ),
    Kept.AUDIT_LOG: _("Logs are kept six months at least (Cybersecurity Law)."),
}


@dataclass(frozen=True, slots=True)
class Term:
    """How long a kind is kept. `period`: the version that says so, None while it is the standard."""

    kind: Kept
    months: int
    least: int
    source: str
    period: RetentionPeriod | None

    @property
    def version(self) -> int:
        """Return the number of the version, 0 for the standard."""
        return self.period.version if self.period else 0


def terms() -> list[Term]:
    """Return how long each kind is kept; one query."""
    newest: dict[str, RetentionPeriod] = {}
    for period in RetentionPeriod.objects.select_related("written_by").order_by("version"):
        newest[period.kind] = period
    return [
        Term(
            kind=kind,
            months=newest[kind].months if kind in newest else STANDARD[kind],
            least=AT_LEAST.get(kind, 1),
            source=str(SOURCES.get(kind, "")),
            period=newest.get(kind),
        )
        for kind in Kept
    ]


def versions_written() -> QuerySet[RetentionPeriod]:
    """Return every version of every period, the latest first."""
    return RetentionPeriod.objects.select_related("written_by").order_by("-id")


def lists_of(staff: Staff) -> QuerySet[RetentionList]:
    """Return the lists of a person's branch, the latest first, with how much is due and how many kinds wait."""
    return (
        RetentionList.objects.filter(branch=staff.branch_id)
        .annotate(due=Sum("items__number"), waiting=Count("items", filter=Q(items__decision="", items__number__gt=0)))
        .order_by("-month_on")
    )


def items_seen_by(staff: Staff) -> QuerySet[RetentionItem]:
    """Return the kinds on the lists of a person's branch."""
    return RetentionItem.objects.filter(list__branch=staff.branch_id).select_related("list", "decided_by")


def lines_of_item(item: RetentionItem) -> QuerySet[RetentionLine]:
    """Return what is due of a kind, in the order it was found."""
    return RetentionLine.objects.filter(item=item).order_by("id")


def waiting_lists(staff: Staff) -> QuerySet[RetentionList]:
    """Return the lists of a person's branch on which something still waits for a decision, the latest first."""
    open_items = RetentionItem.objects.filter(list=OuterRef("pk"), decision="", number__gt=0)
    return RetentionList.objects.filter(Exists(open_items), branch=staff.branch_id)
