"""Who stays in the house overnight: admitted, in which bed, what of her bill was checked, how she found it, gone."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Department, Staff
from clinic.models.append_only import append_only
from consultations.models.deals import Deal
from consultations.models.drugs import DrugUse
from consultations.models.treatments import Treatment
from reception.models import Visitor

_OPEN = models.Q(discharged_at=None, withdrawn_at=None)
_MARK = (MinValueValidator(1), MaxValueValidator(5))


class Stay(models.Model):
    """住院: one stay of a visitor, from the admission to the discharge. A visitor and a bed have one at a time.

    One that was written down by mistake is withdrawn with a reason and counts nowhere.
    """

    class Ending(models.TextChoices):
        RECOVERED = "recovered", pgettext_lazy("stay", "Recovered")
        OWN_WISH = "own_wish", pgettext_lazy("stay", "On her own wish")
        TRANSFERRED = "transferred", pgettext_lazy("stay", "Transferred to another hospital")
        DECEASED = "deceased", pgettext_lazy("stay", "Deceased")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="stays")
    treatment = models.ForeignKey(
        Treatment,
        verbose_name=_("treatment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stays",
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="stays", db_index=False)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="stays"
    )
    ward = models.CharField(pgettext_lazy("stay", "ward"), max_length=20)
    bed = models.CharField(pgettext_lazy("stay", "bed"), max_length=10)
    doctor = models.ForeignKey(Staff, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="stays")
    admitted_at = models.DateTimeField(pgettext_lazy("stay", "admitted"))
    admitted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    expected_days = models.PositiveSmallIntegerField(
        _("expected days"), validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    discharged_at = models.DateTimeField(pgettext_lazy("stay", "discharged"), null=True, blank=True)
    discharged_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ending = models.CharField(_("kind of discharge"), max_length=11, choices=Ending, blank=True)
    ending_note = models.CharField(_("note"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_because = models.CharField(_("why withdrawn"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("stay of an in-patient")
        verbose_name_plural = _("stays of in-patients")
        ordering = ["-admitted_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visitor"], condition=_OPEN, name="stay_one_open_a_visitor"),
            models.UniqueConstraint(fields=["branch", "ward", "bed"], condition=_OPEN, name="stay_bed_once"),
            models.CheckConstraint(
                condition=models.Q(discharged_at=None, discharged_by=None, ending="")
                | (
                    models.Q(discharged_at__isnull=False, discharged_by__isnull=False)
                    & models.Q(discharged_at__gte=models.F("admitted_at"))
                    & ~models.Q(ending="")
                ),
                name="stay_discharged_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_because="")
                | (models.Q(discharged_at=None, withdrawn_at__isnull=False) & ~models.Q(withdrawn_because="")),
                name="stay_withdrawn_with_reason",
            ),
            models.CheckConstraint(condition=~models.Q(ward="") & ~models.Q(bed=""), name="stay_in_a_bed"),
            models.CheckConstraint(
                condition=models.Q(expected_days__gte=1, expected_days__lte=365), name="stay_expected_days"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "-admitted_at", "-id"], name="stay_admitted"),
            models.Index(fields=["branch", "-discharged_at", "-id"], name="stay_discharged"),
        ]

    def __str__(self) -> str:
        """Return ward and bed."""
        return f"{self.ward} {self.bed}"

    @property
    def is_open(self) -> bool:
        """Say whether she is in the house still."""
        return self.discharged_at is None and self.withdrawn_at is None


class StayCheck(models.Model):
    """What was said of one thing that may not be billed, before a discharge. Append-only: the newest of a thing counts.

    `due`: what was open of the deal then, in yuan; once more is open, it is asked again.
    """

    class Answer(models.TextChoices):
        BILLED = "billed", pgettext_lazy("stay", "Billed")
        NOTED = "noted", pgettext_lazy("stay", "Not billed, with a reason")

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="checks")
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    drug_use = models.ForeignKey(
        DrugUse, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answer = models.CharField(_("answer"), max_length=6, choices=Answer)
    note = models.CharField(_("note"), max_length=200, blank=True)
    due = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("check of a stay's bill")
        verbose_name_plural = _("checks of stays' bills")
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(treatment__isnull=False, drug_use=None, deal=None)
                | models.Q(treatment=None, drug_use__isnull=False, deal=None)
                | models.Q(treatment=None, drug_use=None, deal__isnull=False, due__isnull=False),
                name="stay_check_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(answer="billed") | ~models.Q(note=""), name="stay_check_noted_with_reason"
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the answer."""
        return self.answer

    @property
    def key(self) -> str:
        """Return which thing it is about."""
        kinds = (("treatment", self.treatment_id), ("dose", self.drug_use_id), ("deal", self.deal_id))
        return next(f"{kind}-{pk}" for kind, pk in kinds if pk is not None)


class StaySatisfaction(models.Model):
    """How an in-patient found the house, asked at her bed before she goes; or that she would not say, with a note."""

    class Kind(models.TextChoices):
        IN_PERSON = "in_person", pgettext_lazy("satisfaction", "In person")

    stay = models.OneToOneField(Stay, on_delete=models.CASCADE, related_name="satisfaction")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.IN_PERSON)
    declined = models.BooleanField(_("would not answer"), default=False)
    doctor = models.PositiveSmallIntegerField(_("doctor"), null=True, blank=True, validators=_MARK)
    nursing = models.PositiveSmallIntegerField(_("nursing"), null=True, blank=True, validators=_MARK)
    environment = models.PositiveSmallIntegerField(_("environment"), null=True, blank=True, validators=_MARK)
    food = models.PositiveSmallIntegerField(_("food"), null=True, blank=True, validators=_MARK)
    overall = models.PositiveSmallIntegerField(_("overall"), null=True, blank=True, validators=_MARK)
    words = models.CharField(_("in her words"), max_length=500, blank=True)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    MARKS: ClassVar = ("doctor", "nursing", "environment", "food", "overall")

    class Meta:
        verbose_name = _("satisfaction of an in-patient")
        verbose_name_plural = _("satisfaction of in-patients")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    models.Q(declined=True, doctor=None, nursing=None, environment=None, food=None, overall=None)
                    & ~models.Q(words="")
                )
                | models.Q(
                    declined=False,
                    doctor__range=(1, 5),
                    nursing__range=(1, 5),
                    environment__range=(1, 5),
                    food__range=(1, 5),
                    overall__range=(1, 5),
                ),
                name="stay_satisfaction_whole",
            )
        ]

    def __str__(self) -> str:
        """Return the overall mark, or a dash."""
        return f"{self.overall or '-'}"

    @property
    def marks(self) -> list[tuple[str, int]]:
        """Return what she was asked about and her mark of 1 to 5; nothing when she would not say."""
        if self.declined:
            return []
        return [(str(self._meta.get_field(name).verbose_name), getattr(self, name)) for name in self.MARKS]  # type: ignore[union-attr]
