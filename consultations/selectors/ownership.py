"""Whom a visitor and her deals belong to (O1, O4), read from what triage wrote on the visit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from clinic.models import Staff
from consultations import credit
from consultations.models import Consultation, HandOverLine, Participant
from reception.models import Standing, Visit, Visitor
from reception.selectors import records_of
from triage.engine.facts.words import Fault
from triage.models import Decision
from triage.selectors.policies import rules_of

STANDING_ORDER = [Standing.NEW, Standing.NO_DEAL, Standing.DEPOSIT, Standing.PAID, Standing.TREATED]


def higher(one: Standing, other: Standing) -> Standing:
    """Return the standing that is further on the way from *new* to *treated*."""
    return max(one, other, key=STANDING_ORDER.index)


def owner_after(visit: Visit, visitor: Visitor, receiver: Staff) -> Staff | None:
    """Return whose visitor she is once this visit is over (O1), None when the visit changes nothing.

    The newest decision about the visit says so: the receiver, an owner or successor somebody stood in for, whoever a
    correction named. A visit that no rule gave out makes its receiver the owner of a visitor who had none. Visits that
    are neither consultation nor purchase change nothing, and neither does one of a visitor who was handed over by the
    owner it names while it lasted.
    """
    if visit.visit_type in (Visit.VisitType.OTHER, Visit.VisitType.REVIEW):
        return None
    if handed_on(visit, visitor):
        return None
    if visit.owner is not None:
        return visit.owner
    return receiver if visitor.owner_id is None else None


def handed_on(visit: Visit, visitor: Visitor) -> bool:
    """Say whether the owner a visit names has given the visitor to somebody else since the visit was given out."""
    if visit.owner_id is None or visit.owner_id == visitor.owner_id:
        return False
    since = visit.allocated_at or visit.arrived_at
    lines = HandOverLine.objects.filter(visitor__in=records_of(visitor).values("pk"), from_staff=visit.owner_id)
    return lines.filter(hand_over__made_at__gte=since).exists()


def shares_of_sale(
    consultation: Consultation, *, misallocated_to: Staff | None = None, fault: Fault | None = None
) -> Mapping[int, Decimal]:
    """Return who is credited with which share of a deal of this consultation (O4), by the ids of people.

    The owner has all of it and a stand-in nothing; K4 goes by the policy of the visit's board; a panel shares it.
    `misallocated_to`: the owner who was found out later (K6), with whose fault it was.
    """
    visit, receiver = consultation.visit, str(consultation.consultant_id)
    owner = str(visit.owner_id) if visit.owner_id is not None else None
    wrong = None
    if misallocated_to is not None:
        wrong = credit.Misallocated(str(misallocated_to.pk), receiver, fault)
    panel = Participant.objects.filter(consultation=consultation, part=Participant.Part.PANEL)
    found = credit.shares(
        owner=owner,
        receiver=receiver,
        stand_in=owner not in (None, receiver) and visit.rule != "K4",
        panel=[(str(staff), had_first) for staff, had_first in panel.values_list("staff_id", "had_first")],
        change_credit=_change_credit(visit),
        misallocated=wrong,
    )
    return {int(person): share for person, share in found.items()}


def _change_credit(visit: Visit) -> Literal["new", "first"] | None:
    """Return whose new deals are by the policy of the board, when the visitor asked for another consultant (K4)."""
    if visit.rule != "K4":
        return None
    decision = Decision.objects.filter(visit=visit, rule="K4").select_related("policy").latest("pk")
    return "first" if rules_of(decision.policy).change_credit == "first" else "new"
