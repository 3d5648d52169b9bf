"""How long things are kept, and the monthly list of what is due: written once, decided once, never altered."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only

# Outpatient files are kept fifteen years at least, logs of a network six months.
FILES_AT_LEAST, LOG_AT_LEAST = 180, 7


class Kept(models.TextChoices):
    """What is kept for a time of its own."""

    FILES = "files", pgettext_lazy("retention", "Files of visitors, since the last visit")
    APPOINTMENTS = "appointments", pgettext_lazy("retention", "Appointments of people who never came")
    PRE_REPORTS = "pre_reports", pgettext_lazy("retention", "Pre-reports of people who never came")
    DAY_LOG = "day_log", pgettext_lazy("retention", "Day log")
    IMPORT_ROWS = "import_rows", pgettext_lazy("retention", "Raw rows of imported files")
    MESSAGES = "messages", pgettext_lazy("retention", "Texts of messages")
    AUDIT_LOG = "audit_log", pgettext_lazy("retention", "Audit log, by months")


class RetentionPeriod(models.Model):
    """保存期限: a version of how many months one kind is kept. Append-only: the newest counts."""

    kind = models.CharField(_("kind"), max_length=12, choices=Kept)
    version = models.PositiveSmallIntegerField(_("version"))
    months = models.PositiveSmallIntegerField(_("months kept"))
    reason = models.CharField(_("why"), max_length=200)
    written_at = models.DateTimeField(_("written"))
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("retention period")
        verbose_name_plural = _("retention periods")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="retention_period_version_once"),
            models.CheckConstraint(
                condition=models.Q(months__gte=1)
                & (~models.Q(kind="files") | models.Q(months__gte=FILES_AT_LEAST))
                & (~models.Q(kind="audit_log") | models.Q(months__gte=LOG_AT_LEAST)),
                name="retention_period_lawful",
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return kind and months."""
        return f"{self.kind} {self.months}"


class RetentionList(models.Model):
    """到期清单: what was due at a branch on the first day of a month, frozen. Append-only."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    month_on = models.DateField(_("month"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("list of what is due")
        verbose_name_plural = _("lists of what is due")
        ordering = ["-month_on"]
        constraints = [models.UniqueConstraint(fields=["branch", "month_on"], name="retention_list_once_a_month")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the month."""
        return f"{self.month_on:%Y-%m}"


class RetentionItem(models.Model):
    """A kind on a list: how many of it are due, and what a manager decided about them, once."""

    class Decision(models.TextChoices):
        DESTROY = "destroy", pgettext_lazy("retention", "Destruction approved")
        KEEP = "keep", pgettext_lazy("retention", "Kept on")

    list = models.ForeignKey(RetentionList, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(_("kind"), max_length=12, choices=Kept)
    months = models.PositiveSmallIntegerField(_("months kept"))
    before_on = models.DateField(_("due when older than"))
    number = models.PositiveIntegerField(_("due"))
    decision = models.CharField(_("decision"), max_length=7, choices=Decision, blank=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    keep_until_on = models.DateField(_("kept until"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    emptied = models.PositiveIntegerField(_("emptied at once"), null=True)

    class Meta:
        verbose_name = _("kind on a list of what is due")
        verbose_name_plural = _("kinds on lists of what is due")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["list", "kind"], name="retention_item_once"),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at=None, decided_by=None, keep_until_on=None)
                | (models.Q(decided_at__isnull=False, decided_by__isnull=False) & ~models.Q(decision="")),
                name="retention_item_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(decision="keep") | (models.Q(keep_until_on__isnull=False) & ~models.Q(reason="")),
                name="retention_item_kept_until_and_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["list"], name="retention_item_open", condition=models.Q(decision=""))]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="retention_item_stands", fields=["list", "kind", "months", "before_on", "number"]),
            pgtrigger.Protect(
                name="retention_item_decided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.decision <> ''"),
            ),
            pgtrigger.Protect(name="retention_item_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        """Return kind and number."""
        return f"{self.kind} {self.number}"


class RetentionLine(models.Model):
    """One thing that is due, by a reference that tells nothing of anybody. Append-only."""

    item = models.ForeignKey(RetentionItem, on_delete=models.PROTECT, related_name="lines", db_index=False)
    object_id = models.BigIntegerField()
    reference = models.CharField(_("reference"), max_length=80)
    last_on = models.DateField(_("last used"))

    class Meta:
        verbose_name = _("line of a list of what is due")
        verbose_name_plural = _("lines of lists of what is due")
        ordering = ["item", "id"]
        constraints = [models.UniqueConstraint(fields=["item", "object_id"], name="retention_line_once")]
        indexes: ClassVar = [models.Index(fields=["item", "id"], name="retention_line_item")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference
