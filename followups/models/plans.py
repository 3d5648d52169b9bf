"""Plans of call-backs: when visitors are called after a treatment, and what they are told and asked."""

from datetime import date
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from clinic.models import Department, Project, Staff
from clinic.models.append_only import append_only
from clinic.words import reads_chinese
from consultations.models import Treatment


class Plan(models.Model):
    """回访方案: one version of the calls after the treatments of a department, after one project, or one treatment.

    The most specific plan holds. A version holds for the treatments of its first day and later, until the first day of
    the next version; an earlier treatment keeps the version it had. Append-only by trigger: what ran stays known.
    """

    # The first versions hold for every treatment there is.
    FIRST_DAY: ClassVar = date(2000, 1, 1)

    department_kind = models.CharField(
        _("department"), max_length=20, choices=Department.Kind, blank=True, default="", db_default=""
    )
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, null=True, blank=True, related_name="call_plans"
    )
    treatment = models.ForeignKey(
        Treatment, verbose_name=_("treatment"), on_delete=models.PROTECT, null=True, related_name="call_plans"
    )
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField(_("for treatments from"))
    # From then on the plan of the project, or of the department, is followed again.
    inherits = models.BooleanField(_("follows the general plan again"), default=False)
    note = models.CharField(_("why"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("call-back plan")
        verbose_name_plural = _("call-back plans")
        constraints = [
            models.UniqueConstraint(
                fields=["department_kind", "version"],
                condition=~models.Q(department_kind=""),
                name="plan_department_version",
            ),
            models.UniqueConstraint(
                fields=["project", "version"],
                condition=models.Q(project__isnull=False),
                name="plan_project_version",
            ),
            models.UniqueConstraint(
                fields=["treatment", "version"],
                condition=models.Q(treatment__isnull=False),
                name="plan_treatment_version",
            ),
            models.CheckConstraint(
                condition=(~models.Q(department_kind="") & models.Q(project=None, treatment=None, inherits=False))
                | models.Q(department_kind="", project__isnull=False, treatment=None)
                | models.Q(department_kind="", project=None, treatment__isnull=False),
                name="plan_of_one_thing",
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return what it is for, and the version."""
        return f"{self.department_kind or self.project_id or self.treatment_id} v{self.version}"

    @property
    def from_the_start(self) -> bool:
        """Whether it holds for every treatment there was before."""
        return self.starts_on == self.FIRST_DAY


# What is said when a call falls on the very day it is counted from.
_THAT_DAY: dict[str, Promise] = {
    "operation": _("on the day of the treatment"),
    "discharge": _("on the day of going home"),
    "filing": _("as soon as the treatment is filed"),
    "effect": _("on the day the effect shows"),
    "next_visit": _("on the day of the next visit"),
}


class PlanStep(models.Model):
    """One call of a plan: so many days or months from the day of its anchor. Append-only, as its plan is."""

    class Unit(models.TextChoices):
        DAYS = "days", _("days")
        MONTHS = "months", _("months")

    class Anchor(models.TextChoices):
        """What the days are counted from."""

        OPERATION = "operation", pgettext_lazy("counted from", "the treatment")
        DISCHARGE = "discharge", pgettext_lazy("counted from", "going home")
        FILING = "filing", pgettext_lazy("counted from", "the filing")
        EFFECT = "effect", pgettext_lazy("counted from", "the day the effect shows")
        NEXT_VISIT = "next_visit", pgettext_lazy("counted from", "the next visit")

    class Kind(models.TextChoices):
        PHONE = "phone", pgettext_lazy("call-back", "By phone")
        IN_PERSON = "in_person", pgettext_lazy("call-back", "In person")
        MESSAGE = "message", pgettext_lazy("call-back", "By message")

    class Urgency(models.IntegerChoices):
        """The risks a step can have, in words."""

        ROUTINE = 0, pgettext_lazy("urgency of a call", "Routine")
        SOON = 1, pgettext_lazy("urgency of a call", "Soon")
        FIRST = 2, pgettext_lazy("urgency of a call", "Today first")
        MOST = 3, pgettext_lazy("urgency of a call", "Most urgent")

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="steps")
    # The same code is the same call, also when another version or another plan holds.
    code = models.SlugField(max_length=20)
    position = models.PositiveSmallIntegerField()
    anchor = models.CharField(
        max_length=10, choices=Anchor, default=Anchor.OPERATION, db_default=Anchor.OPERATION.value
    )
    offset = models.SmallIntegerField()
    unit = models.CharField(max_length=6, choices=Unit)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.PHONE, db_default=Kind.PHONE.value)
    tracked_only = models.BooleanField(_("only who is tracked individually"), default=False, db_default=False)
    risk = models.PositiveSmallIntegerField(default=0, help_text=_("Higher is called first."))
    # None: as the branch's rules say.
    most_tries = models.PositiveSmallIntegerField(
        _("tries at most"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    pause_no_answer = models.PositiveSmallIntegerField(
        _("minutes until the next try when nobody answers"),
        null=True,
        blank=True,
        validators=[MinValueValidator(15), MaxValueValidator(10080)],
    )
    name = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    script = models.TextField(_("Chinese script"))
    script_en = models.TextField(_("English script"))
    normal_signs = models.TextField(_("normal signs, Chinese"), blank=True)
    normal_signs_en = models.TextField(_("normal signs, English"), blank=True)
    warning_signs = models.TextField(_("warning signs, Chinese"), blank=True)
    warning_signs_en = models.TextField(_("warning signs, English"), blank=True)

    class Meta:
        verbose_name = _("step of a plan")
        verbose_name_plural = _("steps of a plan")
        ordering = ["plan", "position"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="plan_step_code_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the name in the language of the reader."""
        return self.name if reads_chinese() else self.name_en

    @property
    def when(self) -> str:
        """Return when the call is made, in words."""
        return when_words(self.offset, self.unit, self.anchor)

    @property
    def urgency(self) -> str:
        """Return how urgent the call is, in words."""
        return str(self.Urgency(min(self.risk, self.Urgency.MOST)).label)

    @property
    def script_text(self) -> str:
        """Return the script in the language of the reader, with its places not yet filled in."""
        return self.script if reads_chinese() else self.script_en

    @property
    def normal_lines(self) -> list[str]:
        """Return what is normal at this time, in the language of the reader."""
        return (self.normal_signs if reads_chinese() else self.normal_signs_en).splitlines()

    @property
    def warning_lines(self) -> list[str]:
        """Return what is not normal at this time, in the language of the reader."""
        return (self.warning_signs if reads_chinese() else self.warning_signs_en).splitlines()


# The answers of a question, as they are kept.
YES_NO: dict[str, Promise] = {"yes": pgettext_lazy("answer", "Yes"), "no": pgettext_lazy("answer", "No")}
SCALE = tuple(str(number) for number in range(11))
LONGEST_ANSWER = 500


class PlanQuestion(models.Model):
    """A question of a call whose answer is recorded beside its result. Append-only, as its plan is."""

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("Yes or no")
        SCALE = "scale", _("0 to 10")
        TEXT = "text", _("In words")

    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="questions", db_index=False)
    position = models.PositiveSmallIntegerField()
    # The same code is the same question in every version, so that answers can be compared.
    code = models.SlugField(max_length=20)
    kind = models.CharField(_("answer"), max_length=6, choices=Kind)
    # The answer that is not normal: "yes" or "no", or the number from which on; empty: none is.
    warns_at = models.CharField(_("not normal"), max_length=3, blank=True, default="")
    name = models.CharField(_("Chinese question"), max_length=200)
    name_en = models.CharField(_("English question"), max_length=200)

    class Meta:
        verbose_name = _("question of a call")
        verbose_name_plural = _("questions of a call")
        ordering = ["step", "position"]
        constraints = [models.UniqueConstraint(fields=["step", "code"], name="plan_question_code_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the question in the language of the reader."""
        return self.name if reads_chinese() else self.name_en

    def warns(self, answer: str) -> bool:
        """Say whether an answer, as it is kept, is not normal."""
        if not self.warns_at or not answer:
            return False
        if self.kind == self.Kind.SCALE:
            return int(answer) >= int(self.warns_at)
        return answer == self.warns_at

    def takes(self, answer: str) -> bool:
        """Say whether this is an answer to the question, as it is kept."""
        if self.kind == self.Kind.YES_NO:
            return answer in YES_NO
        if self.kind == self.Kind.SCALE:
            return answer in SCALE
        return len(answer) <= LONGEST_ANSWER

    def said(self, answer: str) -> str:
        """Return an answer, as it is kept, in the language of the reader."""
        return str(YES_NO.get(answer, answer)) if self.kind == self.Kind.YES_NO else answer

    @property
    def warning(self) -> str:
        """Return in words which answer is not normal; empty when none is."""
        if not self.warns_at:
            return ""
        if self.kind == self.Kind.SCALE:
            return str(_("from %(number)s on")) % {"number": self.warns_at}
        return str(YES_NO[self.warns_at])


def when_words(offset: int, unit: str, anchor: str) -> str:
    """Return in words when a call is made: `offset` days or months from its anchor, before it when negative."""
    if offset == 0:
        return str(_THAT_DAY[anchor])
    number = abs(offset)
    if unit == PlanStep.Unit.DAYS:
        sentence = (
            ngettext("%(number)s day after %(anchor)s", "%(number)s days after %(anchor)s", number)
            if offset > 0
            else ngettext("%(number)s day before %(anchor)s", "%(number)s days before %(anchor)s", number)
        )
    else:
        sentence = (
            ngettext("%(number)s month after %(anchor)s", "%(number)s months after %(anchor)s", number)
            if offset > 0
            else ngettext("%(number)s month before %(anchor)s", "%(number)s months before %(anchor)s", number)
        )
    return sentence % {"number": number, "anchor": PlanStep.Anchor(anchor).label}
