"""Urgent reviews: a visitor is not well, and the operating doctor has to say what is done."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from consultations.models import Treatment
from followups.models.calls import CallAttempt
from reception.models import Visitor


class UrgentReview(models.Model):
    """紧急复核: an abnormal recovery a doctor is asked about, with the time by which she answers."""

    class Answer(models.TextChoices):
        COME_NOW = "come_now", _("Come in at once")
        COME_ON = "come_on", _("Come in on a day")
        ADVICE = "advice", _("Advice by telephone")
        HOSPITAL = "hospital", _("To the emergency department")
        NORMAL = "normal", _("Normal at this time")

    attempt = models.OneToOneField(CallAttempt, on_delete=models.PROTECT, related_name="review")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Who is asked; None: every doctor of the department, because neither the doctor nor its head works today.
    doctor = models.ForeignKey(
        Staff,
        verbose_name=_("doctor"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField(_("answer by"))
    # Told to whoever heads the department when the time is over.
    escalated_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    seen_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer = models.CharField(_("what is done"), max_length=8, choices=Answer, blank=True, default="")
    note = models.TextField(_("what the visitor is told"), max_length=1000, blank=True, default="")
    come_on = models.DateField(_("comes on"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # When the visitor was told what the doctor said.
    told_at = models.DateTimeField(_("visitor told"), null=True, blank=True)
    told_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("urgent review")
        verbose_name_plural = _("urgent reviews")
        ordering = ["due_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None, answer="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False) & ~models.Q(answer=""),
                name="urgent_review_answer_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(answer="come_on", come_on__isnull=False)
                | ~models.Q(answer="come_on") & models.Q(come_on=None),
                name="urgent_review_day_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(told_at=None, told_by=None)
                | models.Q(told_at__isnull=False, told_by__isnull=False, answered_at__isnull=False),
                name="urgent_review_told_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["doctor", "due_at"], name="urgent_review_doctor", condition=models.Q(answer="")),
            models.Index(fields=["branch", "due_at"], name="urgent_review_waits", condition=models.Q(told_at=None)),
            models.Index(fields=["visitor", "-asked_at"], name="urgent_review_visitor"),
            models.Index(fields=["treatment"], name="urgent_review_treatment"),
        ]

    def __str__(self) -> str:
        """Return what is done, or that it waits."""
        return self.answer or "waits"

    @property
    def instead(self) -> bool:
        """Whether somebody else than the operating doctor was asked, who does not work today."""
        return self.doctor_id != self.treatment.doctor_id

    @property
    def unseen(self) -> bool:
        """Whether nobody who is asked has looked at it: neither since it was asked nor since its time was over."""
        if self.answered_at is not None:
            return False
        return self.seen_at is None or (self.escalated_at is not None and self.seen_at < self.escalated_at)

    @property
    def days_after(self) -> int:
        """Return how many days after the treatment the visitor was called."""
        return (self.branch.today(self.asked_at) - self.treatment.treated_on).days
