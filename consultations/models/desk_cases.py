"""A visitor at a department's desk: what she comes for, who has her, how far she has come."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Department, Project, Staff
from consultations.models.treatments import Treatment
from reception.models import Visit


class DeskCase(models.Model):
    """到科: one coming of a visit to a department's desk, for a treatment, a review, or to be seen by a doctor."""

    class Purpose(models.TextChoices):
        TREATMENT = "treatment", _("Treatment")
        REVIEW = "review", _("Review")
        CONSULT = "consult", _("To see a doctor")

    class State(models.TextChoices):
        SENT = "sent", _("On her way")
        WAITING = "waiting", _("Waiting")
        CALLED = "called", _("Called")
        WITH_STAFF = "with_staff", _("With somebody")
        DONE = "done", _("Done")
        LEFT = "left", _("Left")

    OPEN_STATES: ClassVar = (State.SENT, State.WAITING, State.CALLED, State.WITH_STAFF)

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="desk_cases")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="desk_cases"
    )
    day = models.DateField(_("day"))
    purpose = models.CharField(_("purpose"), max_length=9, choices=Purpose)
    treatment = models.ForeignKey(
        Treatment,
        verbose_name=_("treatment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="desk_cases",
        help_text=_("The one she comes for, or the one that is reviewed."),
    )
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    doctor = models.ForeignKey(
        Staff,
        verbose_name=_("doctor asked for"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who operated on her, or is to treat her."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    version = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField(_("sent on"), null=True)
    sent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    arrived_at = models.DateTimeField(pgettext_lazy("visitor", "taken in"), null=True)
    taken_in_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    waits_since_at = models.DateTimeField(
        _("waits for the doctor since"), null=True, help_text=_("She was told when, and wants to wait for the doctor.")
    )
    expected_at = models.DateTimeField(_("time she was told"), null=True)
    agreed_at = models.DateTimeField(_("agreed to another"), null=True)
    agreed_noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(
        Staff,
        verbose_name=_("who has her"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="desk_cases",
    )
    given_at = models.DateTimeField(pgettext_lazy("visitor", "given"), null=True)
    called_at = models.DateTimeField(_("called"), null=True)
    entered_at = models.DateTimeField(_("went in"), null=True)
    ended_at = models.DateTimeField(pgettext_lazy("visitor", "ended"), null=True)
    left_reason = models.CharField(_("why she left"), max_length=200, blank=True)
    numbing_started_at = models.DateTimeField(_("numbing since"), null=True)
    numbing_minutes = models.PositiveSmallIntegerField(_("numbing minutes"), null=True)
    numbing_seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("visitor at a department's desk")
        verbose_name_plural = _("visitors at departments' desks")
        ordering = ["arrived_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit", "department"],
                condition=models.Q(state__in=["sent", "waiting", "called", "with_staff"]),
                name="desk_case_one_open",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["called", "with_staff"]) | models.Q(staff__isnull=False),
                name="desk_case_called_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent") | models.Q(arrived_at__isnull=False) | models.Q(state="left"),
                name="desk_case_taken_in",
            ),
            models.CheckConstraint(
                condition=models.Q(numbing_started_at=None, numbing_minutes=None)
                | models.Q(numbing_started_at__isnull=False, numbing_minutes__gte=1),
                name="desk_case_numbing_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_at=None, agreed_noted_by=None)
                | models.Q(agreed_at__isnull=False, agreed_noted_by__isnull=False),
                name="desk_case_consent_noted_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["department", "day", "state"], name="desk_case_day"),
            models.Index(fields=["staff", "day", "state"], name="desk_case_staff"),
        ]

    def __str__(self) -> str:
        """Return visit and state."""
        return f"{self.visit_id} {self.state}"

    @property
    def numbing_over_at(self) -> datetime | None:
        """Return when the numbing cream has worked long enough, None when none was put on."""
        if self.numbing_started_at is None or self.numbing_minutes is None:
            return None
        return self.numbing_started_at + timedelta(minutes=self.numbing_minutes)
