"""What is done to a visitor, by whom and when."""

from typing import ClassVar

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Department, Project, Staff
from clinic.models.append_only import append_only
from consultations import stages
from consultations.models.consultations import Consultation
from consultations.models.deals import DealLine
from reception.models import Visit, Visitor

_KINDS: dict[str, stages.Kind] = {
    Department.Kind.SURGERY.value: stages.Kind.OPERATION,
    Department.Kind.NON_INVASIVE.value: stages.Kind.INJECTABLE,
}
_EARLY = sorted(stage.value for stage in stages.BEFORE_DONE)
_LATE = sorted(stage.value for stage in set(stages.Stage) - stages.BEFORE_DONE)


def kind_at(department_kind: str) -> stages.Kind:
    """Return which way treatments go at departments of a kind."""
    return _KINDS.get(department_kind, stages.Kind.CARE)


def _quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class Treatment(models.Model):
    """治疗: one operation or care session of a visitor by a doctor on a date."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Stage(models.TextChoices):
        ORDERED = stages.Stage.ORDERED.value, pgettext_lazy("treatment", "Ordered")
        ARRIVED = stages.Stage.ARRIVED.value, pgettext_lazy("treatment", "Arrived")
        PREPARING = stages.Stage.PREPARING.value, pgettext_lazy("treatment", "Preparing")
        IN_THEATRE = stages.Stage.IN_THEATRE.value, pgettext_lazy("treatment", "In theatre")
        DONE = stages.Stage.DONE.value, pgettext_lazy("treatment", "Done")
        OBSERVED = stages.Stage.OBSERVED.value, pgettext_lazy("treatment", "Observed")
        DISCHARGED = stages.Stage.DISCHARGED.value, pgettext_lazy("treatment", "Discharged")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="treatments")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="treatments")
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, null=True, blank=True, related_name="treatments"
    )
    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="+")
    doctor = models.ForeignKey(
        Staff, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="treatments_performed"
    )
    treated_on = models.DateField(_("date"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    notes = models.CharField(_("notes"), max_length=500, blank=True)
    cancel_reason = models.CharField(_("why cancelled"), max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    stage = models.CharField(
        _("stage"), max_length=10, choices=Stage, default=Stage.ORDERED, db_default=stages.Stage.ORDERED.value
    )
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="treatments")
    ordered_by = models.ForeignKey(
        Staff, verbose_name=_("ordered by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    observed_at = models.DateTimeField(_("observed"), null=True, blank=True)
    discharged_at = models.DateTimeField(_("discharged"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=20, blank=True, default="", db_default="")
    expected_minutes = models.PositiveSmallIntegerField(
        _("expected minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    assistant = models.ForeignKey(
        Staff, verbose_name=_("nurse or beautician"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deal_line = models.ForeignKey(
        DealLine,
        verbose_name=_("package"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="treatments",
        db_index=False,
    )
    session = models.PositiveSmallIntegerField(_("session"), null=True, blank=True)
    next_visit_on = models.DateField(_("next visit"), null=True, blank=True)
    complication = models.CharField(_("complication"), max_length=500, blank=True, default="", db_default="")
    complication_at = models.DateTimeField(null=True, blank=True)
    complication_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    hand_over = models.CharField(_("told to the desk"), max_length=300, blank=True, default="", db_default="")
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    result_seen_at = models.DateTimeField(_("result seen"), null=True, blank=True)
    result_seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering = ["-treated_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="cancelled") | ~models.Q(cancel_reason=""),
                name="treatment_cancelled_with_reason",
            ),
            models.UniqueConstraint(
                fields=["visitor", "project", "treated_on"],
                condition=~models.Q(state="cancelled"),
                name="treatment_project_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned", stage__in=_EARLY)
                | models.Q(state="done", stage__in=_LATE)
                | models.Q(state="cancelled"),
                name="treatment_stage_fits_state",
            ),
            models.CheckConstraint(
                condition=models.Q(deal_line=None, session=None)
                | models.Q(deal_line__isnull=False, session__isnull=False, session__gte=1),
                name="treatment_session_of_a_package",
            ),
            models.UniqueConstraint(
                fields=["deal_line", "session"],
                condition=~models.Q(state="cancelled"),
                name="treatment_session_once",
            ),
            models.CheckConstraint(
                condition=models.Q(complication="") | models.Q(complication_at__isnull=False),
                name="treatment_complication_with_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor", "-treated_on"], name="treatment_visitor"),
            models.Index(fields=["branch", "treated_on"], name="treatment_day"),
            models.Index(fields=["doctor", "treated_on"], name="treatment_doctor"),
        ]
        triggers: ClassVar = [
            # Whoever writes a treatment down as done without its stages (an import, a past day) means that it is over.
            pgtrigger.Trigger(
                name="done_without_stages",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Condition(f"NEW.state = 'done' AND NEW.stage IN ({_quoted(_EARLY)})"),
                func=pgtrigger.Func("NEW.stage := 'discharged'; RETURN NEW;"),
            )
        ]

    def __str__(self) -> str:
        """Return project and date."""
        return f"{self.project_id} {self.treated_on}"

    @property
    def kind(self) -> stages.Kind:
        """Return which way the treatment goes; it needs the project with its department."""
        return kind_at(self.project.department.kind)

    def word_of(self, stage: str) -> Promise:
        """Return what a stage is called for this kind of treatment."""
        if stage == stages.Stage.IN_THEATRE and self.kind != stages.Kind.OPERATION:
            return pgettext_lazy("treatment", "Being treated")
        return self.Stage(stage).label

    @property
    def stage_word(self) -> Promise:
        """Return what the stage it has come to is called."""
        return self.word_of(self.stage)


class StageEntry(models.Model):
    """One step on the way of a treatment: who said so and when. Taking it back is a further entry."""

    class Sort(models.TextChoices):
        STEP = "step", pgettext_lazy("course", "Step")
        UNDO = "undo", pgettext_lazy("course", "Taken back")
        CORRECTION = "correction", pgettext_lazy("course", "Corrected")

    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="course", db_index=False)
    sort = models.CharField(_("entry"), max_length=10, choices=Sort, default=Sort.STEP)
    before = models.CharField(_("from"), max_length=10, choices=Treatment.Stage)
    stage = models.CharField(_("stage"), max_length=10, choices=Treatment.Stage)
    planned_on = models.DateField(
        null=True, help_text="The day it was planned for, where the step moved it to the day she came on."
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("step of a treatment")
        verbose_name_plural = _("steps of treatments")
        ordering = ["id"]
        indexes: ClassVar = [models.Index(fields=["treatment", "id"], name="treatment_course")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(sort="correction") | ~models.Q(reason=""), name="stage_corrected_with_reason"
            )
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the stage."""
        return self.stage
