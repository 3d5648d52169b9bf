"""What a visitor bought, what of it is paid, and who is credited with it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Project, Staff
from clinic.models.append_only import append_only
from consultations.models.consultations import Consultation
from reception.models import Visitor
from triage.models import Decision


def shares_sum_to_one(*, operation: pgtrigger.Operation, deal: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses, when the transaction commits, a deal whose shares do not sum to exactly one (O4).

    Those of the sales must, those of the execution when there are any. `deal` is the id of the deal in the row that
    fires.
    """
    return pgtrigger.Trigger(
        name="shares_sum_to_one",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=pgtrigger.Func(
            # `deal` comes from this file alone, never from a person.
            f"""
            IF (SELECT COALESCE(SUM(share) FILTER (WHERE part = 'sales'), 0) <> 1
                       OR COALESCE(SUM(share) FILTER (WHERE part = 'execution'), 1) <> 1
                FROM consultations_dealshare WHERE deal_id = {deal}) THEN
                RAISE EXCEPTION 'the shares of deal % do not sum to one', {deal} USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
            """  # noqa: S608
        ),
    )


_LINES_SUM_TO_AMOUNT = """
IF (SELECT void OR amount <> (SELECT SUM(amount) FROM consultations_dealline WHERE deal_id = NEW.deal_id)
    FROM consultations_deal WHERE id = NEW.deal_id) THEN
    RAISE EXCEPTION 'the lines of deal % do not sum to its amount', NEW.deal_id USING ERRCODE = 'check_violation';
END IF;
RETURN NULL;
"""
_ACCOUNT_FOLLOWS_DEAL = """
IF NEW.original_id IS NULL THEN
    INSERT INTO consultations_dealaccount (deal_id, current_id, visitor_id, branch_id, since_at, amount, received)
    VALUES (NEW.id, NEW.id, NEW.visitor_id, NEW.branch_id, NEW.made_at, NEW.amount, 0);
ELSE
    UPDATE consultations_dealaccount SET current_id = NEW.id, amount = NEW.amount WHERE deal_id = NEW.original_id;
END IF;
RETURN NULL;
"""
# The row is locked first, by a statement of its own: what somebody else noted meanwhile is seen by the next one only.
ACCOUNT_FOLLOWS_PAYMENT = """
PERFORM 1 FROM consultations_dealaccount WHERE deal_id = NEW.deal_id FOR NO KEY UPDATE;
UPDATE consultations_dealaccount SET received = (
    SELECT COALESCE(SUM(CASE paid.kind WHEN 'refund' THEN -paid.amount ELSE paid.amount END), 0)
    FROM consultations_payment paid
    WHERE paid.deal_id = NEW.deal_id
        AND NOT EXISTS (SELECT FROM consultations_payment newer WHERE newer.corrects_id = paid.id)
) WHERE deal_id = NEW.deal_id;
RETURN NULL;
"""


class Deal(models.Model):
    """成交: what a visitor bought. A correction is never an edit: a further row names the one it takes the place of.

    It keeps when and by whom it was bought, and how it was paid for then; `original` is the first of such a chain, to
    which payments are noted. `void`: nothing was bought after all. `decision`: by which it is shared anew (K6), or
    which was taken back.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        PAID = "paid", _("Paid in full")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="deals")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="deals")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("paid"), max_length=7, choices=Kind)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    projects = models.ManyToManyField(Project, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    original = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="later_entries"
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="corrected_by"
    )
    void = models.BooleanField(_("void"), default=False, db_default=False)
    reason = models.CharField(_("why corrected"), max_length=200, blank=True, default="", db_default="")
    corrected_at = models.DateTimeField(_("corrected"), null=True)
    corrector = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="deal_amount_not_negative"),
            models.CheckConstraint(
                condition=models.Q(corrects=None, original=None, void=False, corrected_at=None, corrector=None)
                | models.Q(
                    ~models.Q(reason=""),
                    corrects__isnull=False,
                    original__isnull=False,
                    corrected_at__isnull=False,
                    corrector__isnull=False,
                ),
                name="deal_corrected_with_reason",
            ),
            models.CheckConstraint(condition=models.Q(void=False) | models.Q(amount=0), name="deal_void_is_nothing"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor", "-made_at"], name="deal_visitor"),
            models.Index(fields=["branch", "made_at"], name="deal_branch"),
        ]
        triggers: ClassVar = [
            *append_only(),
            shares_sum_to_one(operation=pgtrigger.Insert, deal="NEW.id"),
            pgtrigger.Trigger(
                name="account_follows_deal",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(_ACCOUNT_FOLLOWS_DEAL),
            ),
        ]

    def __str__(self) -> str:
        """Return the amount in yuan."""
        return f"¥{self.amount}"

    @property
    def first(self) -> int:
        """Return the id of the first deal of the chain, to which payments are noted."""
        return self.original_id or self.pk

    @property
    def sales(self) -> "list[DealShare]":
        """Return who is credited with having sold it, the greatest share first."""
        return _part(self.shares.all(), DealShare.Part.SALES)

    @property
    def execution(self) -> "list[DealShare]":
        """Return who is credited with carrying it out; none while it is not known."""
        return _part(self.shares.all(), DealShare.Part.EXECUTION)


class DealLine(models.Model):
    """One project of a deal: how many sessions of it were bought, for how much of the deal's amount."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="+")
    sessions = models.PositiveSmallIntegerField(_("sessions"), default=1)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("line of a deal")
        verbose_name_plural = _("lines of a deal")
        ordering = ["deal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "project"], name="deal_line_once"),
            models.CheckConstraint(condition=models.Q(sessions__gte=1, amount__gte=0), name="deal_line_range"),
        ]
        triggers: ClassVar = [
            *append_only(),
            pgtrigger.Trigger(
                name="lines_sum_to_amount",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=pgtrigger.Func(_LINES_SUM_TO_AMOUNT),
            ),
        ]

    def __str__(self) -> str:
        """Return the amount in yuan."""
        return f"¥{self.amount}"


class DealShare(models.Model):
    """Who is credited with which part of a deal (O4): shares of the sales sum to one, those of the execution too."""

    class Part(models.TextChoices):
        SALES = "sales", _("Sales")
        EXECUTION = "execution", _("Execution")

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="shares")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="deal_shares")
    part = models.CharField(
        _("credit for"), max_length=9, choices=Part, default=Part.SALES, db_default=Part.SALES.value
    )
    share = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = _("share of a deal")
        verbose_name_plural = _("shares of a deal")
        constraints = [
            models.UniqueConstraint(fields=["deal", "part", "staff"], name="deal_share_once"),
            models.CheckConstraint(condition=models.Q(share__gt=0, share__lte=1), name="deal_share_range"),
        ]
        triggers: ClassVar = [*append_only(), shares_sum_to_one(operation=pgtrigger.Insert, deal="NEW.deal_id")]

    def __str__(self) -> str:
        """Return the share."""
        return f"{self.share}"

    @property
    def percent(self) -> Decimal:
        """Return the share in per cent."""
        return self.share * 100


def _part(shares: Iterable[DealShare], part: str) -> list[DealShare]:
    return sorted((one for one in shares if one.part == part), key=lambda one: (-one.share, one.pk))
