"""Pre-reports: an agent spoke with somebody who may come, and what she promised her."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Branch, Project, Staff
from clinic.models.append_only import append_only
from reception.models.visitors import Visitor


class Announced(models.Model):
    """Somebody who is to come: a visitor on file, or a name and a phone that are not on file yet."""

    visitor = models.ForeignKey(
        Visitor, verbose_name=_("visitor"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=50)
    phone = PhoneNumberField(_("phone"), blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the name as it was told."""
        return self.name


class PreReport(Announced):
    """报备: an agent's record of a phone or online enquiry. It is her claim by O2 and O3, and a lead until booked."""

    class State(models.TextChoices):
        LEAD = "lead", _("Not booked yet")
        BOOKED = "booked", _("Booked")
        CAME = "came", _("Came")
        CLOSED = "closed", _("Given up")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Staff, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="+")
    projects = models.ManyToManyField(Project, through="PreReportProject", related_name="+")
    said = models.CharField(_("what was said"), max_length=500, blank=True)
    promised = models.CharField(_("promised answer"), max_length=200, blank=True)
    promise_due_at = models.DateTimeField(_("promised by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.LEAD)
    made_at = models.DateTimeField(_("recorded"))
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("pre-report")
        verbose_name_plural = _("pre-reports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(promised="", promise_due_at=None)
                | (~models.Q(promised="") & models.Q(promise_due_at__isnull=False)),
                name="pre_report_promise_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | ~models.Q(promised=""), name="pre_report_answers_a_promise"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "agent", "state", "-id"], name="pre_report_agent"),
            models.Index(fields=["branch", "state", "-id"], name="pre_report_branch"),
            models.Index(fields=["visitor"], name="pre_report_visitor"),
            models.Index(
                fields=["phone"], condition=models.Q(visitor=None) & ~models.Q(phone=""), name="pre_report_phone"
            ),
            models.Index(
                fields=["agent", "promise_due_at"],
                condition=models.Q(answered_at=None, promise_due_at__isnull=False, state__in=["lead", "booked"]),
                name="pre_report_promised",
            ),
            models.Index(
                fields=["branch", "promise_due_at", "-id"],
                condition=models.Q(answered_at=None, promise_due_at__isnull=False, state__in=["lead", "booked"]),
                name="pre_report_due",
            ),
            models.Index(fields=["branch", "state", "promise_due_at", "-id"], name="pre_report_by_promise"),
        ]


class PreReportProject(models.Model):
    """A project that was asked about, in the order named."""

    pre_report = models.ForeignKey(PreReport, on_delete=models.CASCADE, related_name="wishes")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("project of a pre-report")
        verbose_name_plural = _("projects of pre-reports")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pre_report", "project"], name="pre_report_project_once")]

    def __str__(self) -> str:
        """Return the project."""
        return str(self.project)


class PreReportEntry(models.Model):
    """跟进: what happened with a pre-report afterwards. Append-only by trigger: claims are settled by these."""

    class Kind(models.TextChoices):
        FOLLOW_UP = "follow_up", _("Spoke with her again")
        ANSWERED = "answered", _("Gave the promised answer")
        PROMISED = "promised", _("Promised an answer")
        PASSED = "passed", _("Passed on")
        CLOSED = "closed", _("Given up")

    # Which of them say that somebody looked after her: they keep a claim alive (O3).
    FOLLOW_UPS: ClassVar = (Kind.FOLLOW_UP, Kind.ANSWERED)

    pre_report = models.ForeignKey(PreReport, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    text = models.CharField(_("text"), max_length=500, blank=True)
    passed_to = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("entry of a pre-report")
        verbose_name_plural = _("entries of pre-reports")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="passed", passed_to__isnull=False)
                | (~models.Q(kind="passed") & models.Q(passed_to=None)),
                name="pre_report_entry_passed_to_somebody",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["pre_report", "kind", "-at"], name="pre_report_entry_latest")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return kind and time."""
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
