"""Who else takes part in a consultation."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from consultations.models.consultations import Consultation


class Participant(models.Model):
    """Somebody beside the consultant: a doctor asked for a second opinion or referred to, or one of a panel (O4).

    The consultant who calls a panel is one of it herself, so that it can be said of her that she had the visitor first.
    """

    class Part(models.TextChoices):
        SECOND_OPINION = "second_opinion", _("Second opinion")
        REFERRED = "referred", _("Referred to her")
        PANEL = "panel", _("Panel consultation")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="participants")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="participations")
    part = models.CharField(_("part"), max_length=14, choices=Part)
    had_first = models.BooleanField(
        _("had the visitor first"),
        default=False,
        help_text=_("Doctor and consultant who had the visitor before a panel keep 30 % (O4)."),
    )
    asked_at = models.DateTimeField(pgettext_lazy("opinion", "asked"))
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(_("what is asked"), max_length=200, blank=True)
    opinion = models.TextField(_("opinion"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("participant of a consultation")
        verbose_name_plural = _("participants of a consultation")
        ordering = ["asked_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "staff"], name="participant_once"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | ~models.Q(opinion=""), name="participant_answered_in_words"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "-asked_at"], name="participant_asked"),
        ]

    def __str__(self) -> str:
        """Return person and part."""
        return f"{self.staff_id} {self.part}"
