"""What is asked at the door about infections, and visitors who were set apart because of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from clinic.models.append_only import append_only
from reception.models.consents import Via
from reception.models.visits import Visit


class PreCheck(models.Model):
    """The answers of one asking. Append-only: the newest of a visit counts."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="pre_checks", db_index=False)
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(_("how it was said"), max_length=5, choices=Via)
    temperature = models.DecimalField(_("temperature"), max_digits=3, decimal_places=1, null=True, blank=True)
    fever = models.BooleanField(_("fever in the last 14 days"), default=False)
    cough = models.BooleanField(_("cough, sore throat or diarrhoea"), default=False)
    contact = models.BooleanField(_("contact with somebody infected"), default=False)
    travel = models.BooleanField(_("was where an infection spreads"), default=False)
    suspected = models.BooleanField(_("suspected case"), default=False)

    class Meta:
        verbose_name = _("pre-check")
        verbose_name_plural = _("pre-checks")
        ordering = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(temperature=None) | models.Q(temperature__gte=30, temperature__lte=45),
                name="pre_check_temperature",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["visit", "-id"], name="pre_check_visit")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the temperature."""
        return f"{self.temperature or '–'} °C"


class Isolation(models.Model):
    """A suspected case set apart from the queue: reported, seen by the supervisor, ended with a reason."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="isolations")
    reported_at = models.DateTimeField(_("reported at"))
    reported_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(_("seen by the supervisor"), null=True)
    seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(_("why ended"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("isolation")
        verbose_name_plural = _("isolations")
        ordering = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(ended_at=None), name="isolation_one_open_a_visit"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | (models.Q(ended_by__isnull=False) & ~models.Q(ended_because="")),
                name="isolation_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """Return the queue number."""
        return str(self.visit)
