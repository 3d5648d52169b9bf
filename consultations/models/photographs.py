"""Photographs of a visitor for her file: before, during and after a treatment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff, StoredFile
from consultations.models.consultations import Consultation
from consultations.models.treatments import Treatment
from reception.models import Visitor


class Photograph(models.Model):
    """照片: one picture of a visitor. One that is removed keeps its row and the reason; its content is emptied."""

    class Stage(models.TextChoices):
        BEFORE = "before", pgettext_lazy("photograph", "Before")
        DURING = "during", pgettext_lazy("photograph", "During")
        AFTER = "after", pgettext_lazy("photograph", "After")

    class View(models.TextChoices):
        FRONT = "front", pgettext_lazy("photograph", "Front")
        LEFT = "left", pgettext_lazy("photograph", "Left side")
        RIGHT = "right", pgettext_lazy("photograph", "Right side")
        OBLIQUE = "oblique", pgettext_lazy("photograph", "Oblique")
        DETAIL = "detail", pgettext_lazy("photograph", "Detail")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="photographs", db_index=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, null=True, blank=True, related_name="photographs"
    )
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="photographs"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(_("stage"), max_length=6, choices=Stage)
    view = models.CharField(_("view"), max_length=7, choices=View)
    taken_on = models.DateField(_("taken on"))
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    taken_by = models.ForeignKey(
        Staff, verbose_name=pgettext_lazy("photograph", "taken by"), on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(_("taken in"))
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_by = models.ForeignKey(
        Staff, verbose_name=_("removed by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    removed_because = models.CharField(_("why removed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("photograph")
        verbose_name_plural = _("photographs")
        ordering = ["-taken_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(removed_at=None, removed_by=None, removed_because="")
                | (models.Q(removed_at__isnull=False, removed_by__isnull=False) & ~models.Q(removed_because="")),
                name="photograph_removed_with_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["visitor", "-taken_on", "-id"], name="photograph_visitor")]

    def __str__(self) -> str:
        """Return stage, view and day."""
        return f"{self.stage} {self.view} {self.taken_on}"
