"""Records of one person under two numbers: pairs that look like it, and those that were merged."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from reception.models.visitors import Visitor


class PossibleDuplicate(models.Model):
    """Two records that may be one person, until they are merged or somebody says that they are two."""

    class Reason(models.TextChoices):
        PHONE = "phone", _("Same phone")
        PERSON = "person", _("Same name and birth date")

    first = models.ForeignKey(Visitor, verbose_name=_("earlier record"), on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Visitor, verbose_name=_("later record"), on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("why"), max_length=6, choices=Reason)
    noticed_at = models.DateTimeField(_("noticed"))
    dismissed_at = models.DateTimeField(_("two persons since"), null=True)
    dismissed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="possible_duplicate_earlier_first"
            ),
            models.CheckConstraint(
                condition=models.Q(dismissed_at=None, dismissed_by=None)
                | models.Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="possible_duplicate_dismissed_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="possible_duplicate_open", condition=models.Q(dismissed_at=None))
        ]

    def __str__(self) -> str:
        """Return both numbers."""
        return f"{self.first_id} = {self.second_id}?"


class Merge(models.Model):
    """合并档案: what was done to make one record of two, so that it can be undone exactly for a day.

    `before`: both records as they were (`survivor`, `other`), by column; `after`: what was written into the survivor;
    `moved`: the ids of the rows that changed hands, by table and column.
    """

    TAKE_BACK_WITHIN: ClassVar = timedelta(hours=24)

    survivor = models.ForeignKey(Visitor, verbose_name=_("stays"), on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(
        Visitor, verbose_name=_("merged into it"), on_delete=models.PROTECT, related_name="merges"
    )
    merged_at = models.DateTimeField(_("merged"))
    merged_by = models.ForeignKey(Staff, verbose_name=_("merged by"), on_delete=models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    moved = models.JSONField()
    taken_back_at = models.DateTimeField(_("taken back"), null=True)
    taken_back_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merging of two records")
        verbose_name_plural = _("mergings of records")
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["other"], condition=models.Q(taken_back_at=None), name="merge_one_at_a_time"
            ),
            models.CheckConstraint(condition=~models.Q(survivor=models.F("other")), name="merge_of_two"),
        ]

    def __str__(self) -> str:
        """Return both numbers."""
        return f"{self.other_id} → {self.survivor_id}"
