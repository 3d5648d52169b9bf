"""Deals in the tests: bought, paid, corrected, and what the books say of them."""

from decimal import Decimal
from typing import Any

from consultations import services
from consultations.models import Consultation, Deal, DealAccount, DealShare, Payment
from reception.models import Visitor
from tests.consultations.conftest import Morning


def buy(
    morning: Morning, consultation: Consultation, *lines: services.Line, kind: str = "deposit", deposit: int = 1000
) -> Deal:
    return services.record_deal(
        consultation=consultation,
        kind=kind,
        lines=list(lines) or [services.Line(morning.nose, Decimal(4200))],
        deposit=Decimal(deposit),
        staff=consultation.consultant,
        now=morning.now,
    )


def note(morning: Morning, deal: Deal, kind: str, amount: str, **more: Any) -> Payment:
    given: dict[str, Any] = {"received_on": morning.board.day, "staff": morning.first, "now": morning.now} | more
    return services.note_payment(deal=deal, kind=kind, amount=Decimal(amount), **given)


def correct(morning: Morning, payment: Payment, kind: str, amount: str, **more: Any) -> Payment:
    given: dict[str, Any] = {
        "received_on": morning.board.day,
        "reason": "记错了",
        "staff": morning.first,
        "now": morning.now,
    } | more
    return services.correct_payment(payment=payment, kind=kind, amount=Decimal(amount), **given)


def replace(morning: Morning, deal: Deal, amount: str, **more: Any) -> Deal:
    given: dict[str, Any] = {"reason": "价格写错", "staff": morning.first, "now": morning.now} | more
    return services.correct_deal(deal=deal, lines=[services.Line(morning.eyes, Decimal(amount), 3)], **given)


def account(deal: Deal) -> Any:
    row = DealAccount.objects.get(deal=deal.first)
    return row.amount, row.received, row.due


def standing_of(deal: Deal) -> Any:
    return Visitor.objects.values_list("standing", flat=True).get(pk=deal.visitor_id)


def shares_of(deal: Deal, part: str = "sales") -> dict[int, str]:
    rows = DealShare.objects.filter(deal=deal, part=part).values_list("staff_id", "share")
    return {staff: str(share) for staff, share in rows}
