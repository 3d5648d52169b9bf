"""Every figure counted once more, each by the plainest statement or loop there is."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from consultations.models import Deal, DealShare
from consultations.selectors.figures import Period
from triage.engine.facts import Fate
from triage.engine.fairness import fairness_of
from triage.engine.ledger import entry_from_json
from triage.models import Board, LedgerEntry

_FATES = {
    "counted": Fate.COUNTED,
    "make_up": Fate.MAKE_UP,
    "free": Fate.FREE,
    "returned": Fate.RETURNED,
    "lost": Fate.LOST,
}

_ENTERED = "c.entered_at is not null and v.state != 'void'"
_IN_RATES = (
    f"{_ENTERED} and (v.visit_type, v.other_reason) != ('other', 'not_offered')"
    " and (v.visit_type, v.type_rule, v.other_reason) != ('first', 'C5', 'product')"
)
_BOUGHT = "exists (select 1 from consultations_deal d where d.consultation_id = c.id)"
_WAIT = "extract(epoch from c.entered_at) - extract(epoch from c.offered_at)"
_TALKS = {
    "receptions": ("count(*)", _ENTERED),
    "counting": ("count(*)", _IN_RATES),
    "first_visits": ("count(*)", f"{_ENTERED} and v.visit_type = 'first'"),
    "return_visits": ("count(*)", f"{_ENTERED} and v.visit_type = 'return'"),
    "repurchases": ("count(*)", f"{_ENTERED} and v.visit_type = 'repurchase'"),
    "came_again": ("count(*)", f"{_IN_RATES} and v.visit_type in ('return', 'repurchase')"),
    "bought": ("count(*)", f"{_IN_RATES} and {_BOUGHT}"),
    "waited": (f"coalesce(sum({_WAIT}), 0)", _ENTERED),
    "longest": (f"coalesce(max({_WAIT}), 0)", _ENTERED),
    "declined": ("count(*)", "c.state = 'declined' and v.state != 'void'"),
}


def recount(period: Period, staff: int) -> dict[str, Any]:
    """Return all figures of one consultant over some days."""
    said: dict[str, Any] = dict(_turns(period, staff))
    for name, (what, where) in _TALKS.items():
        said[name] = _one(
            f"select {what} from consultations_consultation c, reception_visit v where c.visit_id = v.id"
            f" and c.branch_id = %s and c.consultant_id = %s and c.day >= %s and c.day <= %s and {where}",
            [period.branch.pk, staff, period.first, period.last],
        )
    said["left_before"] = _one(
        "select count(*) from reception_visit where branch_id = %s and consultant_id = %s and day >= %s and day <= %s"
        " and state = 'left' and entered_at is null",
        [period.branch.pk, staff, period.first, period.last],
    )
    said |= _sales(period, staff)
    return said


def _one(statement: str, values: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def _turns(period: Period, staff: int) -> dict[str, int]:
    counts = dict.fromkeys(_FATES, 0)
    days = (period.first, period.last)
    for board in Board.objects.filter(branch=period.branch, desk="front", day__range=days):
        bodies = LedgerEntry.objects.filter(board=board).order_by("sequence").values_list("body", flat=True)
        for seat in fairness_of(map(entry_from_json, bodies)).seats:
            for given in seat.given:
                if given.person == str(staff):
                    for name, fate in _FATES.items():
                        counts[name] += given.fate is fate
    return counts


def _sales(period: Period, staff: int) -> dict[str, Decimal]:
    said = {name: Decimal(0) for name in ("deals", "amount", "spent_deals", "spent")}
    zone = ZoneInfo(period.branch.time_zone)
    for deal in Deal.objects.filter(branch=period.branch).select_related("consultation__visit"):
        if not period.first <= deal.made_at.astimezone(zone).date() <= period.last:
            continue
        visit = deal.consultation.visit
        product = (visit.visit_type, visit.type_rule, visit.other_reason) == ("first", "C5", "product")
        not_offered = (visit.visit_type, visit.other_reason) == ("other", "not_offered")
        for share in DealShare.objects.filter(deal=deal, staff=staff):
            said["deals"] += share.share
            said["amount"] += share.share * deal.amount
            if deal.consultation.entered_at is not None and not product and not not_offered:
                said["spent_deals"] += share.share
                said["spent"] += share.share * deal.amount
    return said
