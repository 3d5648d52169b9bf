"""Who comes first for a project, as last month's figures have it (A11, preset `performance`)."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Project, Staff
from clinic.models.append_only import append_only
from triage.models import Policy


class PriorityList(models.Model):
    """优先名单: what a month's figures propose for a branch. It changes nothing until a manager starts it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a manager")
        STARTED = "started", pgettext_lazy("priority list", "Started")
        LEFT = "left", pgettext_lazy("list", "Not used")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    month_on = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    computed_at = models.DateTimeField(_("worked out"))
    policy = models.ForeignKey(
        Policy, verbose_name=_("version of the rules"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(Staff, verbose_name=_("by"), on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("priority list")
        verbose_name_plural = _("priority lists")
        ordering = ["-month_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["branch", "month_on"], name="priority_list_once_a_month"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_at=None, policy=None)
                | models.Q(state="started", decided_at__isnull=False, policy__isnull=False)
                | models.Q(state="left", decided_at__isnull=False, policy=None),
                name="priority_list_state_and_times",
            ),
            models.CheckConstraint(condition=models.Q(month_on__day=1), name="priority_list_first_of_month"),
        ]

    def __str__(self) -> str:
        """Return the month."""
        return f"{self.month_on:%Y-%m}"


class PriorityPlace(models.Model):
    """One consultant's place for one project, with the figures it comes from. Append-only."""

    list = models.ForeignKey(PriorityList, on_delete=models.PROTECT, related_name="places", db_index=False)
    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="+")
    consultant = models.ForeignKey(
        Staff, verbose_name=_("consultant"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    place = models.PositiveSmallIntegerField(_("place"))
    receptions = models.PositiveIntegerField(_("receptions"))
    bought = models.PositiveIntegerField(_("receptions with a deal"))
    deals = models.DecimalField(_("deals"), max_digits=9, decimal_places=4)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("place on a priority list")
        verbose_name_plural = _("places on a priority list")
        ordering = ["list", "project", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "project", "place"], name="priority_place_once"),
            models.UniqueConstraint(fields=["list", "project", "consultant"], name="priority_place_one_each"),
            models.CheckConstraint(
                condition=models.Q(place__gte=1, receptions__gte=1, bought__lte=models.F("receptions")),
                name="priority_place_figures",
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return project, place and person."""
        return f"{self.project_id} {self.place}. {self.consultant_id}"

    @property
    def conversion(self) -> Decimal:
        """Return per cent of the receptions that led to a deal."""
        return Decimal(100 * self.bought) / self.receptions

    @property
    def average_spend(self) -> Decimal | None:
        """Return yuan for a deal; None without one."""
        return self.amount / self.deals if self.deals else None
