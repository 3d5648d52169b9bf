"""What the demo's visitors paid for, and how: lines, deposits, balances, a refund, corrections, membership levels."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from clinic.models import Department, MembershipLevel, Project
from clinic.roles import Role
from complaints.demo.people import PEOPLE
from complaints.demo.story import SETTLED_AFTER, Sale, Story
from complaints.demo.write import insert
from consultations import services
from consultations.models import Deal, DealLine, DealShare, Payment
from reception.models import Visitor
from reception.services.levels import give_out_levels

LEVELS = (("银卡", "Silver", 10_000), ("金卡", "Gold", 50_000), ("钻石卡", "Diamond", 120_000))


def write_sales(story: Story) -> None:
    """Write deals with lines, shares and payments, set by set."""
    insert(Deal, [sale.deal for sale in story.sales])
    insert(DealShare, [DealShare(deal=sale.deal, staff=sale.deal.made_by, share=1) for sale in story.sales])
    lines = [line for sale in story.sales for line in _lines(sale)]
    insert(DealLine, lines)
    bought = Deal.projects.through
    insert(bought, [bought(deal=line.deal, project=line.project) for line in lines])
    insert(Payment, [payment for sale in story.sales for payment in _payments(story, sale)])


def tell_corrections(story: Story) -> None:
    """A deal with a wrong price, one given back and made void, one that two share: by the services, as people do it."""
    supervisor = story.hospital.staff["consulting-supervisor"]
    consultants = [story.hospital.staff[one.login_name] for one in PEOPLE if one.role is Role.CONSULTANT]
    mistaken = [sale.deal for sale in story.sales if sale.deal.kind == Deal.Kind.DEPOSIT and not sale.settled][-3:]
    for deal, what in zip(mistaken, ("price", "refund", "share"), strict=False):
        at = deal.made_at + timedelta(minutes=20)
        if what == "price":
            lines = [
                services.Line(line.project, line.amount + 600, line.sessions)
                for line in deal.lines.select_related("project")
            ]
            services.correct_deal(deal=deal, lines=lines, reason="升级材料，差价后补", staff=deal.made_by, now=at)
        elif what == "refund":
            received = sum((one.amount for one in deal.payments.all()), Decimal(0))
            if received:
                services.note_payment(
                    deal=deal,
                    kind="refund",
                    amount=received,
                    received_on=deal.branch.today(at),
                    reason="血检异常，暂不手术",
                    staff=supervisor,
                    now=at,
                )
            services.void_deal(deal=deal, reason="血检异常，暂不手术", staff=supervisor, now=at)
        else:
            colleague = next(one for one in consultants if one.pk != deal.made_by_id)
            people = [(deal.made_by, Decimal("0.7")), (colleague, Decimal("0.3"))]
            services.share_deal(deal=deal, part="sales", people=people, reason="同事协助面诊", staff=supervisor, now=at)


def tell_levels() -> None:
    """Three levels, and who has which."""
    for name, name_en, amount in LEVELS:
        MembershipLevel.objects.create(name=name, name_en=name_en, from_amount=amount)
    newest = Visitor.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    give_out_levels(first=1, last=newest)


def _lines(sale: Sale) -> Iterator[DealLine]:
    projects: Sequence[Project] = list(dict.fromkeys(sale.projects))
    left = sale.deal.amount
    for number, project in enumerate(projects, start=1):
        last = number == len(projects)
        amount = left if last else (left * Decimal("0.6")).quantize(Decimal(10))
        left -= amount
        course = project.department.kind != Department.Kind.SURGERY and amount > 2000
        yield DealLine(deal=sale.deal, project=project, amount=amount, sessions=3 if course else 1)


def _payments(story: Story, sale: Sale) -> Iterator[Payment]:
    deal = sale.deal
    paid = deal.kind == Deal.Kind.PAID
    first = deal.amount if paid else sale.deposit
    kind = Payment.Kind.FULL if paid else Payment.Kind.DEPOSIT
    yield _payment(story, deal, kind, first, timedelta(0))
    if not paid and sale.settled:
        yield _payment(story, deal, Payment.Kind.BALANCE, deal.amount - first, SETTLED_AFTER)


def _payment(story: Story, deal: Deal, kind: str, amount: Decimal, after: timedelta) -> Payment:
    at = deal.made_at + after
    return Payment(
        deal=deal,
        kind=kind,
        amount=amount,
        received_on=story.hospital.branch.today(at),
        receipt_number=f"SJ{deal.pk:06d}{'-2' if after else ''}",
        noted_at=at,
        noted_by=deal.made_by,
    )
