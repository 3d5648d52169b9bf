"""Deals as they stand, how they came to, and what is open of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from clinic.models import Branch, Staff
from clinic.roles import Capability
from consultations.models import Consultation, Deal, DealAccount, DealLine, DealShare, Payment
from reception.models import Visitor


def with_particulars(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """Return deals with all that is shown of one; three queries more, however many there are."""
    return deals.select_related("account", "corrected_by__corrector", "made_by").prefetch_related(
        Prefetch("lines", DealLine.objects.select_related("project").order_by("pk")),
        "projects",
        Prefetch("shares", DealShare.objects.select_related("staff")),
    )


def effective_deals() -> QuerySet[Deal]:
    """Return what was bought as it stands: neither corrected since nor made void."""
    return Deal.objects.filter(corrected_by=None, void=False)


def deals_seen_by(staff: Staff) -> QuerySet[Deal]:
    """Return the deals whose page a person may open: those of the branch with VIEW_ALL_VISITORS, else her own.

    Her own are those she made or is credited with, and those of visitors who belong to her now or whom she received:
    one who was only offered to her, or went to another before she came in, is not hers (O5).
    """
    if not staff.may(Capability.SEE_AMOUNTS):
        return Deal.objects.none()
    deals = Deal.objects.filter(branch=staff.branch_id)
    if staff.may(Capability.VIEW_ALL_VISITORS):
        return deals
    credited = DealShare.objects.filter(deal=OuterRef("pk"), staff=staff)
    state = Consultation.State
    received = Consultation.objects.filter(visitor=OuterRef("visitor"), consultant=staff).exclude(
        Q(state__in=[state.OFFERED, state.DECLINED]) | Q(state=state.WITHDRAWN, entered_at=None)
    )
    hers = DealAccount.objects.filter(Q(deal=OuterRef("original")) | Q(deal=OuterRef("pk"))).filter(
        Q(visitor__owner=staff) | Exists(received)
    )
    return deals.filter(Q(made_by=staff) | Exists(credited) | Exists(hers))


def whose(deal: Deal) -> Visitor:
    """Return whose deal it is now, also when her record was merged into another since."""
    return DealAccount.objects.select_related("visitor").get(deal=deal.first).visitor


@dataclass(frozen=True, slots=True)
class DealPage:
    """Everything one deal's page shows: how it stands, its entries from the first on, and all notes of payments."""

    deal: Deal
    account: DealAccount
    entries: list[Deal]
    payments: list[Payment]

    @property
    def visitor(self) -> Visitor:
        """Return whose deal it is, also when her record was merged into another since."""
        return self.account.visitor

    @property
    def latest_payment(self) -> int:
        """Return the number of the latest note, 0 without one."""
        return max((one.pk for one in self.payments), default=0)


def page_of(deal: Deal) -> DealPage:
    """Return what stands on the page of a deal; six queries."""
    account = DealAccount.objects.select_related("visitor__owner", "visitor__level", "branch").get(deal=deal.first)
    entries = list(
        with_particulars(Deal.objects.filter(Q(pk=deal.first) | Q(original=deal.first)))
        .select_related("corrector", "consultation", "account", "corrected_by__corrector", "made_by")
        .order_by("pk")
    )
    payments = list(payments_of(deal))
    return DealPage(entries[-1], account, entries, payments)


def payments_of(deal: Deal) -> QuerySet[Payment]:
    """Return all notes of payments of a deal's chain in the order they were made, with what corrected them."""
    return Payment.objects.filter(deal=deal.first).select_related("noted_by", "corrected_by__noted_by").order_by("pk")


def payments_seen_by(staff: Staff) -> QuerySet[Payment]:
    """Return the notes of payments of the deals a person may open."""
    return Payment.objects.filter(deal__in=deals_seen_by(staff).order_by().values("pk")).select_related("deal")


def unpaid_of(staff: Staff, consultant: Staff | None = None) -> QuerySet[DealAccount]:
    """Return what is open of the branch's deals, the oldest first: all with VIEW_ALL_VISITORS, else a person's own.

    A person's own are those she made and those of her visitors; `consultant` narrows the list to hers.
    """
    open_ones = DealAccount.objects.filter(branch=staff.branch_id, due__gt=0).order_by("since_at", "pk")
    whose = consultant if staff.may(Capability.VIEW_ALL_VISITORS) else staff
    return open_ones if whose is None else open_ones.filter(Q(deal__made_by=whose) | Q(visitor__owner=whose))


def rows_of_unpaid(rows: QuerySet[DealAccount]) -> QuerySet[DealAccount]:
    """Return unpaid balances with all that a row of the list shows."""
    return rows.select_related("visitor__level", "deal__made_by").prefetch_related("current__projects")


def with_days(rows: Iterable[DealAccount], branch: Branch, today: date) -> list[tuple[DealAccount, int]]:
    """Return balances of a branch, and for how many days each has been open."""
    return [(row, (today - branch.today(row.since_at)).days) for row in rows]


def consultants_with_unpaid(staff: Staff) -> QuerySet[Staff]:
    """Return who made deals of the branch of which something is open, by name."""
    open_ones = DealAccount.objects.filter(branch=staff.branch_id, due__gt=0)
    return Staff.objects.filter(pk__in=open_ones.values("deal__made_by")).order_by("name_key", "login_name")


@dataclass(frozen=True, slots=True)
class Totals:
    """How many balances there are, and what they come to together."""

    number: int
    amount: Decimal
    received: Decimal
    due: Decimal


def totals_of(rows: QuerySet[DealAccount]) -> Totals:
    """Return the foot of a list of balances, all its pages together."""
    sums = rows.order_by().aggregate(
        number=Count("pk"), all=Sum("amount"), received_all=Sum("received"), open=Sum("due")
    )
    nothing = Decimal(0)
    return Totals(sums["number"], sums["all"] or nothing, sums["received_all"] or nothing, sums["open"] or nothing)


def may_correct(staff: Staff, *, by: int, at: datetime, now: datetime) -> bool:
    """Say whether a person may correct what somebody (`by`: her id) wrote at an instant.

    Her own on the same day of her branch; a consulting supervisor at any time.
    """
    if staff.may(Capability.CORRECT_DEALS):
        return True
    own = staff.pk == by and staff.may(Capability.NOTE_PAYMENTS)
    return own and staff.branch.today(at) == staff.branch.today(now)
