"""Plans, what may be quoted, and requests for a discount."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet

from clinic.models import Branch, Staff
from clinic.roles import Role
from consultations import prices
from consultations.models import Consultation, DiscountLimit, DiscountRequest, PlanItem
from consultations.models.plans import USUAL_LIMITS

LATEST = "-id"


def plan_of(consultation: Consultation) -> QuerySet[PlanItem]:
    """Return what is planned in a consultation, in order, without what was removed; each with its project."""
    return PlanItem.objects.filter(consultation=consultation, removed_at=None).select_related("project")


def plan_as_worked_on(consultation: Consultation) -> list[PlanItem]:
    """Return a plan's items in order, removed ones last, with who explained and their requests, the latest first."""
    rows = (
        PlanItem.objects.filter(consultation=consultation)
        .select_related("project", "risks_explained_by", "alternatives_explained_by", "removed_by")
        .prefetch_related(
            Prefetch("discount_requests", DiscountRequest.objects.select_related("asked_by", "answered_by"))
        )
    )
    return sorted(rows, key=lambda item: (item.removed_at is not None, item.position, item.pk))


def latest_request(item: PlanItem) -> DiscountRequest | None:
    """Return the last request for a discount on an item that counts: withdrawn ones do not."""
    requests = [one for one in item.discount_requests.all() if one.state != DiscountRequest.State.WITHDRAWN]
    return max(requests, key=lambda one: one.pk, default=None)


def sum_of(items: Sequence[PlanItem]) -> tuple[Decimal | None, Decimal | None]:
    """Return list price and price of a plan in yuan; None where an item has none."""
    listed = [item.list_total for item in items]
    priced = [item.price for item in items]
    return (
        None if None in listed else sum((one for one in listed if one is not None), Decimal(0)),
        None if None in priced else sum((one for one in priced if one is not None), Decimal(0)),
    )


def items_of(staff: Staff) -> QuerySet[PlanItem]:
    """Return the plan items of a consultant's own consultations."""
    return PlanItem.objects.filter(consultation__consultant=staff).select_related(
        "project", "consultation__visit", "consultation__visitor", "consultation__branch"
    )


def limits_at(branch: Branch) -> dict[Role, Decimal]:
    """Return role → least percent of the list price at a branch: as a manager set it, else the usual."""
    said = {Role(row.role): row.least_percent for row in DiscountLimit.objects.filter(branch=branch)}
    return {role: said.get(role, usual) for role, usual in USUAL_LIMITS.items()}


def limit_of(staff: Staff) -> Decimal:
    """Return the least percent of the list price this person may quote on her own; 100: no discount."""
    return prices.limit_of(staff.roles, {str(role): least for role, least in limits_at(staff.branch).items()})


def discounts_of(staff: Staff) -> QuerySet[DiscountRequest]:
    """Return the requests of the branch that a superior decides about, the latest first."""
    return (
        DiscountRequest.objects.filter(branch_id=staff.branch_id)
        .select_related("asked_by", "answered_by", "item__project", "item__consultation__visit__visitor")
        .order_by(LATEST)
    )


def waiting_discounts(staff: Staff) -> QuerySet[DiscountRequest]:
    """Return the requests that wait for an answer and are somebody else's, the longest waiting first."""
    return discounts_of(staff).filter(state=DiscountRequest.State.WAITING).exclude(asked_by=staff).order_by("asked_at")


def unseen_answers(staff: Staff) -> QuerySet[DiscountRequest]:
    """Return the answers this person has not seen yet, the first one first."""
    answered = Q(state__in=[DiscountRequest.State.APPROVED, DiscountRequest.State.REFUSED], seen_at=None)
    return (
        DiscountRequest.objects.filter(answered, asked_by=staff)
        .select_related("answered_by", "item__project", "item__consultation__visit")
        .order_by("id")
    )


def asked_by(staff: Staff) -> QuerySet[DiscountRequest]:
    """Return the requests a person made herself."""
    return DiscountRequest.objects.filter(asked_by=staff)
