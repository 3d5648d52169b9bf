"""What was received for a deal or given back, noted after the cashier took it, and mistaken notes corrected."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from clinic.services.repeats import content_of, made_before
from consultations.models import Deal, DealAccount, Payment
from consultations.selectors.deals import may_correct, payments_of
from consultations.services.deals import hold, money, tell
from reception import services as reception

Kind = Payment.Kind
# A deposit may be older than the deal it becomes part of; more than that, and a year was mistyped.
LONGEST_BEFORE = timedelta(days=366)


@transaction.atomic
def note_payment(
    *,
    deal: Deal,
    kind: str,
    amount: Decimal,
    received_on: date,
    receipt_number: str = "",
    reason: str = "",
    seen: int | None = None,
    request_key: UUID | None = None,
    staff: Staff,
    now: datetime,
) -> Payment:
    """Note what the cashier received for a deal, or gave back (`refund`, with a reason); in yuan, more than nothing.

    The visitor's standing and membership level follow. Sent twice with one `request_key` it is noted once; `seen` is
    the latest note the person saw, 0 for none (None: do not ask). Raises Refused `amount_missing`, `received_ahead`,
    `received_long_ago`, `reason_missing`, `more_than_open`, `more_than_received`, `not_whole`; Stale `noted_meanwhile`
    and `request_used`.
    """
    content = content_of(
        deal=deal.first, kind=kind, amount=f"{amount:.2f}", on=received_on, receipt=receipt_number, reason=reason
    )
    made = made_before(Payment.objects.all(), request_key, content, used_for=_used_for)
    if made is not None:
        return made
    if amount <= 0:
        raise Refused(_("The amount must be more than nothing."), code="amount_missing")
    reason = reason.strip()
    if kind == Kind.REFUND and not reason:
        raise Refused(_("Say why the money was given back."), code="reason_missing")
    held = hold(deal)
    _refuse_far_away(received_on, held.account, now)
    latest = payments_of(deal).select_related(None).order_by("-pk").first()
    if seen is not None and latest is not None and latest.pk != seen:
        raise Stale(
            _("Somebody noted a payment of %(amount)s for this deal meanwhile; %(due)s are open.")
            % {"amount": money(latest.amount), "due": money(held.account.due)},
            code="noted_meanwhile",
            detail={"seen": latest.pk},
        )
    _refuse_too_much(kind, amount, received=held.account.received, account=held.account)
    payment = Payment.objects.create(
        deal_id=held.account.deal_id,
        kind=kind,
        amount=amount,
        received_on=received_on,
        receipt_number=receipt_number.strip(),
        reason=reason,
        noted_at=now,
        noted_by=staff,
        request_key=request_key,
        request_content=content,
    )
    reception.record_level(visitor=held.visitor)
    audit.record(
        action="consultations.note_payment", now=now, staff=staff, target=payment, detail=_detail(payment, reason)
    )
    tell(held)
    return payment


@transaction.atomic
def correct_payment(
    *,
    payment: Payment,
    kind: str,
    amount: Decimal,
    received_on: date,
    receipt_number: str = "",
    reason: str,
    staff: Staff,
    now: datetime,
) -> Payment:
    """Put another note in the place of a mistaken one; `amount` 0: nothing was received or given back at all.

    Raises Refused `reason_missing`, `not_yours`, `nothing_changed`, `amount_negative`, `received_ahead`,
    `received_long_ago`, `more_than_open`, `more_than_received`, `not_whole`; Stale `corrected` when it was corrected
    meanwhile.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is corrected."), code="reason_missing")
    if amount < 0:
        raise Refused(_("The amount cannot be negative."), code="amount_negative")
    if not may_correct(staff, by=payment.noted_by_id, at=payment.noted_at, now=now):
        raise Refused(
            _("Your own notes are yours to correct on the same day. Ask your consulting supervisor."), code="not_yours"
        )
    held = hold(payment.deal)
    if (newer := Payment.objects.filter(corrects=payment).first()) is not None:
        raise Stale(
            _("This note was corrected meanwhile. It now says: %(kind)s, %(amount)s.")
            % {"kind": newer.get_kind_display(), "amount": money(newer.amount)},
            code="corrected",
        )
    _refuse_far_away(received_on, held.account, now)
    said = (payment.kind, payment.amount, payment.received_on, payment.receipt_number)
    if said == (kind, amount, received_on, receipt_number.strip()):
        raise Refused(_("This is what the note says already."), code="nothing_changed")
    without = held.account.received - Decimal(payment.signed)
    _refuse_too_much(kind, amount, received=without, account=held.account)
    if (without < 0 and kind == Kind.REFUND) or without + _sign(kind) * amount < 0:
        raise Refused(_("More than that was given back already. Correct the refund first."), code="more_than_received")
    corrected = Payment.objects.create(
        deal_id=payment.deal_id,
        kind=kind,
        amount=amount,
        received_on=received_on,
        receipt_number=receipt_number.strip(),
        reason=reason,
        noted_at=now,
        noted_by=staff,
        corrects=payment,
    )
    reception.record_level(visitor=held.visitor)
    detail = _detail(corrected, reason)
    audit.record(action="consultations.correct_payment", now=now, staff=staff, target=corrected, detail=detail)
    tell(held)
    return corrected


def _sign(kind: str) -> int:
    return -1 if kind == Kind.REFUND else 1


def _refuse_far_away(received_on: date, account: DealAccount, now: datetime) -> None:
    if received_on > account.branch.today(now):
        raise Refused(_("What was received cannot lie ahead."), code="received_ahead")
    if received_on < account.branch.today(account.current.made_at) - LONGEST_BEFORE:
        raise Refused(_("That is more than a year before the deal. Check the date."), code="received_long_ago")


def _refuse_too_much(kind: str, amount: Decimal, *, received: Decimal, account: DealAccount) -> None:
    """Raise Refused unless the amount fits what is open or was received; `received`: without the note in question."""
    due = account.amount - received
    if kind == Kind.REFUND:
        if amount > received:
            raise Refused(
                _("That is more than was received: %(received)s.") % {"received": money(received)},
                code="more_than_received",
            )
    elif amount > due:
        raise Refused(_("That is more than is open: %(due)s.") % {"due": money(due)}, code="more_than_open")
    elif kind == Kind.FULL and amount and (received != 0 or amount != account.amount):
        raise Refused(
            _("The whole amount is %(amount)s, and it is paid at once. Choose deposit or balance.")
            % {"amount": money(account.amount)},
            code="not_whole",
        )


def _detail(payment: Payment, reason: str) -> dict[str, str]:
    return {"deal": str(payment.deal_id), "kind": payment.kind, "reason": reason}


def _used_for(payment: Payment) -> str:
    return _("This form was used already: it noted %(amount)s.") % {"amount": money(payment.amount)}
