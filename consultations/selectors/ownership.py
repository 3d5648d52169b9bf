"""Whom a visitor and her deals belong to (O1, O4), read from what triage wrote on the visit."""

from datetime import date

from clinic.models import Staff
from clinic.roles import Role
from reception.models import Standing, Visit, Visitor

STAND_IN_RULES = ("A7", "A8")
STANDING_ORDER = [Standing.NEW, Standing.NO_DEAL, Standing.DEPOSIT, Standing.PAID, Standing.TREATED]


def higher(one: Standing, other: Standing) -> Standing:
    """Return the standing that is further on the way from *new* to *treated*."""
    return max(one, other, key=STANDING_ORDER.index)


def stands_in(visit: Visit, visitor: Visitor, receiver: Staff) -> bool:
    """Say whether the receiver only stands in for the owner: no credit, and the owner stays (A7, A8)."""
    return visit.rule in STAND_IN_RULES and visitor.owner_id is not None and visitor.owner_id != receiver.pk


def becomes_owner(visit: Visit, visitor: Visitor, receiver: Staff, day: date) -> bool:
    """Say whether receiving this visit makes the receiver the visitor's owner.

    A visitor without an owner belongs to whoever received her (O1); a successor, or the receiver in rotation of a
    visitor whose owner has left or moved, takes over (A9). Visits that are neither consultation nor purchase, and
    stand-ins, change nothing.
    """
    if visit.visit_type in (Visit.VisitType.OTHER, Visit.VisitType.REVIEW):
        return False
    if visitor.owner is None:
        return True
    if visit.rule == "A9":
        return True
    return visit.rule in ("A12", "A14") and _gone(visitor.owner, visit, day)


def _gone(owner: Staff, visit: Visit, day: date) -> bool:
    """Say whether an owner no longer receives visitors at this branch (A9)."""
    return not owner.works_on(day) or owner.branch_id != visit.branch_id or Role.CONSULTANT not in owner.roles


def credited(visit: Visit, visitor: Visitor, receiver: Staff) -> Staff:
    """Return who is credited with a deal of this visit (O4): the receiver, or the owner she stands in for."""
    if visitor.owner is not None and stands_in(visit, visitor, receiver):
        return visitor.owner
    return receiver
