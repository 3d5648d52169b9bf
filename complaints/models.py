"""Complaints, what was done about them, and the frozen weekly reports."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Department, Staff
from clinic.models.append_only import append_only
from consultations.models import Treatment
from followups.models import CallBack
from reception.models import Visit, Visitor


class Complaint(models.Model):
    """投诉: something a visitor is unhappy about, and who answers for it."""

    # What the audit log calls it by.
    named_by = "number"

    class Channel(models.TextChoices):
        ON_SITE = "on_site", _("On site")
        CALL = "call", _("Phone call")
        CALL_BACK = "call_back", _("Call-back")
        LETTER = "letter", _("Letter box")
        ONLINE = "online", _("Online form")
        DEPARTMENT = "department", _("Another department")

    class Category(models.TextChoices):
        EFFECT = "effect", _("Effect")
        SERVICE = "service", _("Service")
        PRICE = "price", _("Price")
        MEDICAL = "medical", _("Medical quality")
        ENVIRONMENT = "environment", _("Environment")
        PRIVACY = "privacy", _("Privacy")
        OTHER = "other", _("Other")

    class Level(models.TextChoices):
        MINOR = "minor", _("Minor")
        GENERAL = "general", _("General")
        MAJOR = "major", _("Major")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("complaint", "Received")
        TAKEN = "taken", _("Taken")
        DECIDED = "decided", _("Decided")
        CLOSED = "closed", _("Closed")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="complaints")
    number = models.CharField(_("number"), max_length=20, db_collation="C")
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    category = models.CharField(_("about"), max_length=11, choices=Category)
    level = models.CharField(_("level"), max_length=7, choices=Level)
    harm = models.BooleanField(_("somebody came to harm"), default=False)
    text = models.TextField(_("what happened"), max_length=4000)
    wish = models.TextField(_("what the visitor wants"), max_length=1000, blank=True)
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")
    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")
    about_staff = models.ManyToManyField(
        Staff, verbose_name=_("staff it is about"), blank=True, related_name="complaints_about"
    )
    request_key = models.UUIDField(
        null=True, unique=True, help_text=_("Sent with the form; the same form is one complaint.")
    )
    request_content = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    responsible = models.ForeignKey(
        Staff, verbose_name=_("in charge"), on_delete=models.PROTECT, related_name="complaints_in_charge"
    )
    taken_at = models.DateTimeField(_("taken"), null=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    responsible_department = models.ForeignKey(
        Department,
        verbose_name=_("responsible department"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decision = models.TextField(_("decision"), max_length=4000, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    satisfied = models.BooleanField(_("visitor satisfied"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "number"], name="complaint_number_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", taken_at=None)
                | (~models.Q(state="open") & models.Q(taken_at__isnull=False)),
                name="complaint_taken_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "taken"], decided_at=None)
                | models.Q(state__in=["decided", "closed"], decided_at__isnull=False),
                name="complaint_decided_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_at__isnull=False, satisfied__isnull=False)
                | (~models.Q(state="closed") & models.Q(closed_at=None)),
                name="complaint_closed_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "-received_at"], name="complaint_recent"),
            models.Index(fields=["branch", "closed_at"], name="complaint_closed"),
            models.Index(fields=["branch", "state", "level"], name="complaint_state"),
            models.Index(fields=["visitor", "-received_at"], name="complaint_visitor"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return self.number


class ComplaintEntry(models.Model):
    """One step of a complaint, on its time line. Append-only by trigger."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Received")
        TAKEN = "taken", _("Taken")
        ASSIGNED = "assigned", _("Given to")
        NOTED = "noted", _("Note")
        DECIDED = "decided", _("Decided")
        CLOSED = "closed", _("Closed")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField(max_length=4000, blank=True)
    body = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("step of a complaint")
        verbose_name_plural = _("steps of a complaint")
        ordering = ["complaint", "id"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the kind."""
        return self.kind


class WeeklyReport(models.Model):
    """The report of an ISO week, frozen as built. A correction is a new version beside the old. Append-only."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="weekly_reports")
    year = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField(default=1)
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    body = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        ordering = ["-year", "-week", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "year", "week", "version"], name="weekly_report_version_once")
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return week and version."""
        return f"{self.year}-W{self.week:02d} v{self.version}"
