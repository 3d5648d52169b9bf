"""排班: who works when."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models.organisation import Branch
from clinic.models.staff import Staff


class Shift(models.Model):
    """What the roster says of a person on a day; no row: nothing is said."""

    class Kind(models.TextChoices):
        EARLY = "early", pgettext_lazy("shift", "Early")
        LATE = "late", pgettext_lazy("shift", "Late")
        WHOLE = "whole", pgettext_lazy("shift", "Whole day")
        DUTY = "duty", pgettext_lazy("shift", "On duty")
        OFF = "off", pgettext_lazy("shift", "Off")
        LEAVE = "leave", pgettext_lazy("shift", "On leave")

    # Who is in the house on such a day.
    AT_WORK: ClassVar = (Kind.EARLY, Kind.LATE, Kind.WHOLE, Kind.DUTY)

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="shifts", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="shifts", db_index=False)
    day = models.DateField(_("day"))
    kind = models.CharField(_("shift"), max_length=5, choices=Kind)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["day", "staff"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "day"], name="shift_once_a_day")]
        indexes: ClassVar = [models.Index(fields=["branch", "day"], name="shift_day")]

    def __str__(self) -> str:
        """Return day and kind."""
        return f"{self.day} {self.kind}"

    @property
    def at_work(self) -> bool:
        """Say whether the person is in the house on that day."""
        return self.kind in self.AT_WORK
