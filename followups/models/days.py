"""When a branch makes its calls."""

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch


class CallDay(models.Model):
    """A day on which a branch makes no calls, and the next one on which it does; every other day is its own."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    call_on = models.DateField()

    class Meta:
        verbose_name = _("day without calls")
        verbose_name_plural = _("days without calls")
        constraints = [models.UniqueConstraint(fields=["branch", "day"], name="call_day_once")]

    def __str__(self) -> str:
        """Return both days."""
        return f"{self.day} → {self.call_on}"


class CallRules(models.Model):
    """What a branch settles about its calls; a branch without a row has the defaults."""

    branch = models.OneToOneField(Branch, on_delete=models.CASCADE, related_name="call_rules")
    # The number of the day of the operation: day 2 is two days after it when that is 0, the day after it when 1.
    operation_day = models.PositiveSmallIntegerField(
        _("number of the day of operation"), default=0, validators=[MaxValueValidator(1)]
    )

    class Meta:
        verbose_name = _("rules of the calls")
        verbose_name_plural = _("rules of the calls")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(operation_day__lte=1), name="call_rules_operation_day")
        ]

    def __str__(self) -> str:
        """Return the branch."""
        return f"{self.branch_id}"
