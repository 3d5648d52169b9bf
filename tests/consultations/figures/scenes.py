"""Receptions, deals and turns as rows, without the services that make them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from clinic.models import Staff
from consultations.models import Consultation, Deal, DealShare
from reception.models import Visit
from tests.factories.consultations import ConsultationFactory, VisitFactory

AT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def receive(
    consultant: Staff,
    *,
    at: datetime = AT,
    waited: float | None = 5,
    state: str = "finished",
    outcome: str = "no_deal",
    **visit: Any,
) -> Consultation:
    """Return a consultation given at an instant; the visitor entered after `waited` minutes, or never (None).

    `outcome`: what it came to, when it is finished.
    """
    entered = None if waited is None else at + timedelta(minutes=waited)
    left = Visit.State.FINISHED if state == "finished" else Visit.State.LEFT
    made: Visit = VisitFactory.create(
        consultant=consultant, arrived_at=at, entered_at=entered, **{"state": left, **visit}
    )
    talk: Consultation = ConsultationFactory.create(
        visit=made,
        offered_at=at,
        entered_at=entered,
        state=state,
        outcome=outcome if state == "finished" else "",
        decided_by=consultant if outcome == "cannot_do" else None,
        decline_reason="不适" if state == "declined" else "",
    )
    return talk


def sell(talk: Consultation, amount: str = "1000", *, at: datetime = AT, **shares: Any) -> Deal:
    """Return a deal made in a consultation; `shares`, as `to={staff: share}`, are otherwise all its consultant's."""
    with transaction.atomic():
        deal = Deal.objects.create(
            consultation=talk,
            visitor=talk.visitor,
            branch=talk.branch,
            kind=Deal.Kind.PAID,
            amount=Decimal(amount),
            made_at=at,
            made_by=talk.consultant,
        )
        for staff, share in shares.get("to", {talk.consultant: "1"}).items():
            DealShare.objects.create(deal=deal, staff=staff, share=Decimal(share))
    return deal
