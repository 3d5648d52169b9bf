"""What is done before a treatment begins, and who is told of what goes wrong."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from consultations.models.treatments import Treatment


class TreatmentStep(models.Model):
    """术前准备: one line of the check list of a treatment. Tests are expected back at a time."""

    class Kind(models.TextChoices):
        TESTS_1 = "tests_1", _("Tests, set 1")
        TESTS_2 = "tests_2", _("Tests, set 2")
        TESTS_3 = "tests_3", _("Tests, set 3")
        PHOTOGRAPHS = "photographs", _("Photographs taken")
        PAYMENT = "payment", _("Payment checked")
        OTHER = "other", pgettext_lazy("step before a treatment", "Something else")

    TESTS: ClassVar = (Kind.TESTS_1, Kind.TESTS_2, Kind.TESTS_3)
    # In how many minutes each is expected back.
    MINUTES: ClassVar = {Kind.TESTS_1: 15, Kind.TESTS_2: 40, Kind.TESTS_3: 40}

    class Result(models.TextChoices):
        DONE = "done", pgettext_lazy("step before a treatment", "Done")
        NORMAL = "normal", pgettext_lazy("test", "Normal")
        ABNORMAL = "abnormal", pgettext_lazy("test", "Abnormal")
        NOT_NEEDED = "not_needed", pgettext_lazy("step before a treatment", "Not needed")

    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("step"), max_length=11, choices=Kind)
    note = models.CharField(_("note"), max_length=200, blank=True)
    ordered_at = models.DateTimeField(pgettext_lazy("tests", "ordered"))
    ordered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    expected_at = models.DateTimeField(_("expected"), null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    words = models.CharField(_("what is abnormal"), max_length=300, blank=True)
    result_at = models.DateTimeField(_("back"), null=True, blank=True)
    result_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retest_of = models.OneToOneField(
        "self", verbose_name=_("repeats"), on_delete=models.PROTECT, null=True, blank=True, related_name="retest"
    )

    class Meta:
        verbose_name = _("step before a treatment")
        verbose_name_plural = _("steps before treatments")
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(result="", result_at=None)
                | (~models.Q(result="") & models.Q(result_at__isnull=False)),
                name="step_result_with_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(result="abnormal") | ~models.Q(words=""), name="step_abnormal_in_words"
            ),
            models.UniqueConstraint(
                fields=["treatment", "kind"],
                condition=models.Q(result="") & ~models.Q(kind="other"),
                name="step_open_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expected_at"], condition=models.Q(result=""), name="step_expected"),
            models.Index(fields=["-result_at", "-id"], condition=models.Q(result="abnormal"), name="step_abnormal"),
        ]

    def __str__(self) -> str:
        """Return the step in words."""
        return self.note if self.kind == self.Kind.OTHER and self.note else str(self.get_kind_display())

    @property
    def is_test(self) -> bool:
        """Say whether the laboratory has to give an answer."""
        return self.kind in self.TESTS

    @property
    def minutes(self) -> int:
        """Return how many minutes it was expected to take, 0 when it takes none."""
        return round((self.expected_at - self.ordered_at).total_seconds() / 60) if self.expected_at else 0


class TreatmentNotice(models.Model):
    """Something about a treatment that one person has to see: an abnormal test, a complication."""

    class Kind(models.TextChoices):
        ABNORMAL = "abnormal", _("Abnormal test")
        COMPLICATION = "complication", _("Complication")

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="notices")
    step = models.ForeignKey(TreatmentStep, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("time"))
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice about a treatment")
        verbose_name_plural = _("notices about treatments")
        ordering = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["staff", "id"], condition=models.Q(seen_at=None), name="treatment_notice_unseen")
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return str(self.get_kind_display())
