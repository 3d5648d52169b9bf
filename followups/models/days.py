"""When a branch makes its calls."""

from datetime import time, timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch
from followups.due import TryRules


class CallDay(models.Model):
    """A day on which a branch makes no calls, and the next one on which it does; every other day is its own."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    call_on = models.DateField()

    class Meta:
        verbose_name = _("day without calls")
        verbose_name_plural = _("days without calls")
        constraints = [models.UniqueConstraint(fields=["branch", "day"], name="call_day_once")]

    def __str__(self) -> str:
        """Return both days."""
        return f"{self.day} → {self.call_on}"


class CallRules(models.Model):
    """What a branch settles about its calls; a branch without a row has the defaults."""

    branch = models.OneToOneField(Branch, on_delete=models.CASCADE, related_name="call_rules")
    # The number of the day of the operation: day 2 is two days after it when that is 0, the day after it when 1.
    operation_day = models.PositiveSmallIntegerField(
        _("number of the day of operation"), default=0, validators=[MaxValueValidator(1)]
    )
    call_from = models.TimeField(_("calls from"), default=time(9, 30))
    call_until = models.TimeField(_("calls until"), default=time(20, 0))
    rest_from = models.TimeField(_("no calls from"), null=True, blank=True)
    rest_until = models.TimeField(_("no calls until"), null=True, blank=True)
    most_tries = models.PositiveSmallIntegerField(
        _("tries at most"), default=6, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    tries_a_day = models.PositiveSmallIntegerField(
        _("tries a day"), default=2, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    pause_no_answer = models.PositiveSmallIntegerField(
        _("minutes until the next try when nobody answers"),
        default=180,
        validators=[MinValueValidator(15), MaxValueValidator(720)],
    )
    pause_busy = models.PositiveSmallIntegerField(
        _("minutes until the next try when the line is busy"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(720)],
    )

    # What the weekly report measures against.
    target_reached = models.PositiveSmallIntegerField(
        _("target: reached, percent"),
        default=90,
        db_default=90,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    target_satisfied = models.PositiveSmallIntegerField(
        _("target: satisfied, percent"),
        default=95,
        db_default=95,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    review_minutes = models.PositiveSmallIntegerField(
        _("minutes a doctor has for an urgent review"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
    )

    class Meta:
        verbose_name = _("rules of the calls")
        verbose_name_plural = _("rules of the calls")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(operation_day__lte=1), name="call_rules_operation_day"),
            models.CheckConstraint(condition=models.Q(call_from__lt=models.F("call_until")), name="call_rules_hours"),
            models.CheckConstraint(
                condition=models.Q(rest_from=None, rest_until=None)
                | models.Q(rest_from__gt=models.F("call_from"), rest_until__lt=models.F("call_until"))
                & models.Q(rest_from__lt=models.F("rest_until")),
                name="call_rules_rest",
            ),
            models.CheckConstraint(
                condition=models.Q(most_tries__gte=1, most_tries__lte=20, tries_a_day__gte=1, tries_a_day__lte=5)
                & models.Q(pause_no_answer__gte=15, pause_no_answer__lte=720, pause_busy__gte=5, pause_busy__lte=720),
                name="call_rules_tries",
            ),
            models.CheckConstraint(
                condition=models.Q(target_reached__gte=1, target_reached__lte=100)
                & models.Q(target_satisfied__gte=1, target_satisfied__lte=100)
                & models.Q(review_minutes__gte=5, review_minutes__lte=480),
                name="call_rules_targets",
            ),
        ]

    def __str__(self) -> str:
        """Return the branch."""
        return f"{self.branch_id}"

    @property
    def tries(self) -> TryRules:
        """Return how tries are spaced, for `due.next_try`."""
        return TryRules(
            call_from=self.call_from,
            call_until=self.call_until,
            rest_from=self.rest_from,
            rest_until=self.rest_until,
            most_tries=self.most_tries,
            tries_a_day=self.tries_a_day,
            pause_no_answer=timedelta(minutes=self.pause_no_answer),
            pause_busy=timedelta(minutes=self.pause_busy),
        )
