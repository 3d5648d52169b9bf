"""Drugs, and what of them was given to whom."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from clinic.models.append_only import append_only
from clinic.models.organisation import TwoNames
from consultations.models.treatments import Treatment


class Drug(TwoNames):
    """药品: something that is injected or spread on; `unit` is what its dose is usually written in."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    unit = models.CharField(_("unit"), max_length=10)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("drug")
        verbose_name_plural = _("drugs")
        ordering = ["id"]


class DrugUse(models.Model):
    """One dose at one site. A mistake is put right by an entry that names it: other values, or nothing was given."""

    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="drug_uses")
    drug = models.ForeignKey(Drug, verbose_name=_("drug"), on_delete=models.PROTECT, related_name="+")
    batch = models.CharField(_("batch"), max_length=40)
    dose = models.DecimalField(
        _("dose"), max_digits=9, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    unit = models.CharField(_("unit"), max_length=10)
    site = models.CharField(_("site"), max_length=60)
    given_by = models.ForeignKey(Staff, verbose_name=_("given by"), on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("given"))
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField(
        "self", verbose_name=_("corrects"), on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    nothing_given = models.BooleanField(_("nothing was given"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("dose of a drug")
        verbose_name_plural = _("doses of drugs")
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(dose__gt=0), name="drug_dose_positive"),
            models.CheckConstraint(condition=~models.Q(batch="") & ~models.Q(site=""), name="drug_batch_and_site"),
            models.CheckConstraint(
                condition=models.Q(corrects=None, nothing_given=False)
                | (models.Q(corrects__isnull=False) & ~models.Q(reason="")),
                name="drug_corrected_with_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "-id"], name="drug_use_batch")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return dose and unit."""
        return f"{self.amount} {self.unit}"

    @property
    def amount(self) -> str:
        """Return the dose without the noughts nobody wrote."""
        return f"{self.dose.normalize():f}"
