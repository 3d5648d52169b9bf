"""Whom a visitor and her deals belong to (O1, O4), read from what triage wrote on the visit."""

from clinic.models import Staff
from reception.models import Standing, Visit, Visitor

STANDING_ORDER = [Standing.NEW, Standing.NO_DEAL, Standing.DEPOSIT, Standing.PAID, Standing.TREATED]


def higher(one: Standing, other: Standing) -> Standing:
    """Return the standing that is further on the way from *new* to *treated*."""
    return max(one, other, key=STANDING_ORDER.index)


def owner_after(visit: Visit, visitor: Visitor, receiver: Staff) -> Staff | None:
    """Return whose visitor she is once this visit is over (O1), None when the visit changes nothing.

    The newest decision about the visit says so: the receiver, an owner or successor somebody stood in for, whoever a
    correction named. A visit that no rule gave out makes its receiver the owner of a visitor who had none. Visits that
    are neither consultation nor purchase change nothing.
    """
    if visit.visit_type in (Visit.VisitType.OTHER, Visit.VisitType.REVIEW):
        return None
    if visit.owner is not None:
        return visit.owner
    return receiver if visitor.owner_id is None else None


def credited(visit: Visit, receiver: Staff) -> Staff:
    """Return who is credited with a deal of this visit (O4): the owner has all, a stand-in nothing."""
    return visit.owner or receiver
