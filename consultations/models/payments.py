"""What was received for a deal and given back, as it was noted; the money itself is the cashier's."""

from typing import ClassVar

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from consultations.models.deals import ACCOUNT_FOLLOWS_PAYMENT, Deal
from reception.models import Visitor


class Payment(models.Model):
    """收款: money received for a deal or given back, as it was noted. `deal` is the first of its chain of corrections.

    A mistaken note is corrected by an entry that names it and stands in its place; one of nothing takes it away.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        BALANCE = "balance", pgettext_lazy("payment", "Balance")
        FULL = "full", _("Whole amount")
        REFUND = "refund", _("Refund")

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(_("what for"), max_length=7, choices=Kind)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    received_on = models.DateField(_("received"))
    receipt_number = models.CharField(_("receipt number"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    noted_at = models.DateTimeField(_("noted"))
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="corrected_by"
    )
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["received_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(amount=0, corrects__isnull=False),
                name="payment_amount_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(corrects=None) & ~models.Q(kind="refund") | ~models.Q(reason=""),
                name="payment_refund_and_correction_with_reason",
            ),
        ]
        triggers: ClassVar = [
            *append_only(),
            pgtrigger.Trigger(
                name="account_follows_payment",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(ACCOUNT_FOLLOWS_PAYMENT),
            ),
        ]

    def __str__(self) -> str:
        """Return kind and amount in yuan."""
        return f"{self.kind} ¥{self.amount}"

    @property
    def signed(self) -> str:
        """Return the amount with the sign it has in the balance."""
        return f"{'-' if self.kind == self.Kind.REFUND else ''}{self.amount}"


class DealAccount(models.Model):
    """What a deal comes to as it stands now, and what of it is received: never less than nothing, never more than all.

    The database keeps it by triggers of deals and payments, whoever writes them. `deal` is the first of the chain,
    `current` the one that counts.
    """

    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, primary_key=True, related_name="+")
    current = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="account")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="deal_accounts")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    since_at = models.DateTimeField(_("bought"))
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2)
    received = models.DecimalField(_("received (CNY)"), max_digits=12, decimal_places=2)
    due = models.GeneratedField(
        expression=models.F("amount") - models.F("received"),
        output_field=models.DecimalField(_("balance (CNY)"), max_digits=12, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("balance of a deal")
        verbose_name_plural = _("balances of deals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__gte=0, received__lte=models.F("amount")), name="deal_account_range"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "since_at"], name="deal_account_unpaid", condition=models.Q(due__gt=0)),
        ]

    def __str__(self) -> str:
        """Return what is open, in yuan."""
        return f"¥{self.due}"
