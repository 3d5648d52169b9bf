"""What is planned for a visitor, what it costs by the list, and what she was quoted."""

from decimal import Decimal
from typing import ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from clinic.words import ROLE_WORDS
from consultations import prices
from consultations.models.consultations import Consultation


@pghistory.track()
class PlanItem(models.Model):
    """方案: one project planned in a consultation. A removed one stays, with who removed it.

    `list_price` is the project's price for one session when the item was last quoted; `quoted_price` is for all
    sessions together, and always one that somebody was allowed to quote.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="plan_items", db_index=False)
    position = models.PositiveSmallIntegerField(_("place"))
    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="+")
    planned = models.TextField(_("what is planned"), max_length=1000, blank=True)
    sessions = models.PositiveSmallIntegerField(_("sessions"), default=1)
    risks = models.TextField(_("risks"), max_length=2000, blank=True)
    risks_explained_at = models.DateTimeField(_("risks explained"), null=True)
    risks_explained_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    alternatives = models.TextField(_("alternatives"), max_length=2000, blank=True)
    alternatives_explained_at = models.DateTimeField(_("alternatives explained"), null=True)
    alternatives_explained_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    list_price = models.DecimalField(_("list price (CNY)"), max_digits=12, decimal_places=2, null=True)
    quoted_price = models.DecimalField(_("quoted price (CNY)"), max_digits=12, decimal_places=2, null=True)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)
    request_content = models.CharField(max_length=64, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("item of a plan")
        verbose_name_plural = _("items of a plan")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(sessions__gte=1), name="plan_item_sessions"),
            models.CheckConstraint(
                condition=models.Q(list_price=None) | models.Q(list_price__gte=0), name="plan_item_list_price"
            ),
            models.CheckConstraint(
                condition=models.Q(quoted_price=None) | models.Q(quoted_price__gte=0), name="plan_item_quoted_price"
            ),
            models.CheckConstraint(
                condition=models.Q(risks_explained_at=None, risks_explained_by=None)
                | (~models.Q(risks="") & models.Q(risks_explained_at__isnull=False, risks_explained_by__isnull=False)),
                name="plan_item_risks_in_words",
            ),
            models.CheckConstraint(
                condition=models.Q(alternatives_explained_at=None, alternatives_explained_by=None)
                | (
                    ~models.Q(alternatives="")
                    & models.Q(alternatives_explained_at__isnull=False, alternatives_explained_by__isnull=False)
                ),
                name="plan_item_alternatives_in_words",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None, removed_by=None)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
                name="plan_item_removed_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["consultation", "position"], name="plan_item_consultation")]

    def __str__(self) -> str:
        """Return project and sessions."""
        return f"{self.project_id} × {self.sessions}"

    @property
    def list_total(self) -> Decimal | None:
        """Return the list price of all sessions in yuan, None when the project has no list price."""
        return None if self.list_price is None else self.list_price * self.sessions

    @property
    def price(self) -> Decimal | None:
        """Return what the visitor is told: the quoted price, else the list price of all sessions."""
        return self.list_total if self.quoted_price is None else self.quoted_price

    @property
    def percent(self) -> Decimal | None:
        """Return the price in percent of the list price, cut to a tenth; None without a discount."""
        return prices.discounted(self.price, self.list_total)

    @property
    def tenths(self) -> str:
        """Return the discount as 折, empty without one."""
        return "" if self.percent is None else prices.tenths(self.percent)


class DiscountRequest(models.Model):
    """A price below the limit of who quotes it, and what a superior answered. Of an item at most one waits."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("discount", "Waiting")
        APPROVED = "approved", pgettext_lazy("discount", "Approved")
        REFUSED = "refused", pgettext_lazy("discount", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("discount", "Withdrawn")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="discount_requests")
    wanted_price = models.DecimalField(_("price asked for (CNY)"), max_digits=12, decimal_places=2)
    list_total = models.DecimalField(_("list price (CNY)"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("why"), max_length=200)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="discount_requests", db_index=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("request for a discount")
        verbose_name_plural = _("requests for a discount")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(state="waiting"), name="discount_request_one_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(wanted_price__gte=0, list_total__gt=0), name="discount_request_prices"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "refused"])
                | models.Q(answered_by__isnull=False, answered_at__isnull=False),
                name="discount_request_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by=None) | ~models.Q(answered_by=models.F("asked_by")),
                name="discount_request_answered_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(answer=""), name="discount_request_refused_with_reason"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "state", "-id"], name="discount_request_list"),
            models.Index(
                fields=["asked_by", "id"],
                condition=models.Q(state__in=["approved", "refused"], seen_at=None),
                name="discount_request_unseen",
            ),
        ]

    def __str__(self) -> str:
        """Return the price asked for and the state."""
        return f"¥{self.wanted_price} {self.state}"

    @property
    def percent(self) -> Decimal:
        """Return the price asked for in percent of the list price, cut to a tenth."""
        return prices.percent_of(self.wanted_price, self.list_total)

    @property
    def tenths(self) -> str:
        """Return the price asked for as 折."""
        return prices.tenths(self.percent)


class DiscountLimit(models.Model):
    """Down to how many percent of the list price a role may quote on its own, at a branch."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="discount_limits")
    role = models.CharField(_("role"), max_length=24)
    least_percent = models.DecimalField(
        _("least percent of the list price"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(100))],
    )

    class Meta:
        verbose_name = _("discount limit")
        verbose_name_plural = _("discount limits")
        ordering = ["branch", "role"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "role"], name="discount_limit_once_a_role"),
            models.CheckConstraint(
                condition=models.Q(least_percent__gte=1, least_percent__lte=100), name="discount_limit_range"
            ),
        ]

    def __str__(self) -> str:
        """Return role and percent."""
        return f"{ROLE_WORDS.get(self.role, self.role)} {self.least_percent} %"


# What holds until a manager sets something else. Whoever has none of these roles gives no discount.
USUAL_LIMITS = {
    Role.CONSULTANT: Decimal(90),
    Role.DOCTOR: Decimal(90),
    Role.CONSULTING_SUPERVISOR: Decimal(80),
    Role.MANAGER: Decimal(60),
}
