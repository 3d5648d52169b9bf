"""A consultant's word that a visitor belongs to somebody else."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from consultations.models.consultations import Consultation


class OwnerHint(models.Model):
    """A consultant found out that her visitor belongs to another (K6): the supervisor is told, who corrects it."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="owner_hints")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    owner = models.ForeignKey(
        Staff, verbose_name=_("owner"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("word about an owner")
        verbose_name_plural = _("words about owners")
        ordering = ["said_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["consultation"], condition=models.Q(settled_at=None), name="owner_hint_one_open"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "day"], condition=models.Q(settled_at=None), name="owner_hint_open"),
        ]

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason
