"""The weekly reports of follow-ups and satisfaction, frozen as built."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only


class FollowUpReport(models.Model):
    """回访周报: the report of an ISO week. A correction is a new version beside the old. Append-only by trigger."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    body = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("weekly report of follow-ups")
        verbose_name_plural = _("weekly reports of follow-ups")
        ordering = ["-year", "-week", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "year", "week", "version"], name="follow_up_report_version_once")
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return week and version."""
        return f"{self.year}-W{self.week:02d} v{self.version}"
