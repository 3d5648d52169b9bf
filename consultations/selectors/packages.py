"""Packages 疗程: how many sessions of a line of a deal are taken, and which is next."""

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from consultations.models import DealLine, Treatment
from reception.models import Visitor
from reception.selectors import records_of

_LIVE = ~Q(treatments__state=Treatment.State.CANCELLED) & Q(treatments__isnull=False)


def lines_of(visitor: Visitor) -> QuerySet[DealLine]:
    """Return what a visitor bought, line by line, the earliest first, with `used` and `left` sessions."""
    return (
        DealLine.objects.filter(
            deal__visitor__in=records_of(visitor).values("pk"), deal__corrected_by=None, deal__void=False
        )
        .select_related("project", "deal")
        .annotate(used=Count("treatments", filter=_LIVE))
        .annotate(left=F("sessions") - F("used"))
        .order_by("deal__made_at", "pk")
    )


def open_lines(visitor: Visitor) -> QuerySet[DealLine]:
    """Return the lines of which sessions are left."""
    return lines_of(visitor).filter(sessions__gt=F("used"))


def with_sessions_used(rows: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Give each treatment of a package `sessions_used`, how many of the package are taken; 0 for others."""
    used = (
        Treatment.objects.filter(deal_line=OuterRef("deal_line"))
        .exclude(state=Treatment.State.CANCELLED)
        .order_by()
        .values("deal_line")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return rows.annotate(sessions_used=Coalesce(Subquery(used, output_field=IntegerField()), 0))


def next_session(line: DealLine) -> int | None:
    """Return the lowest session of a line that nobody has; None when all are taken. Ask under the visitor's lock."""
    taken = set(
        Treatment.objects.filter(deal_line=line)
        .exclude(state=Treatment.State.CANCELLED)
        .values_list("session", flat=True)
    )
    return next((number for number in range(1, line.sessions + 1) if number not in taken), None)
