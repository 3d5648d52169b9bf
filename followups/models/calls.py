"""The calls that are to be made, and what the visitors said."""

from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from consultations.models import Treatment
from followups.models.plans import PlanQuestion, PlanStep
from reception.models import Visitor


class CallBack(models.Model):
    """回访: one call that is to be made to a visitor on a day."""

    # The risk of the calls of somebody who was unhappy or not well: above that of every step.
    RAISED_RISK: ClassVar = 5

    class State(models.TextChoices):
        OPEN = "open", _("To be called")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Reason(models.TextChoices):
        """Why a call is no longer open."""

        REACHED = "reached", _("Reached")
        MESSAGED = "messaged", _("Message sent")
        REFUSED = "refused", _("Refused")
        DO_NOT_CALL = "do_not_call", _("Does not want to be called")
        DECEASED = "deceased", _("Deceased")
        COMPLAINT = "complaint", _("Waits until her complaint is closed")
        TREATMENT_CANCELLED = "treatment_cancelled", _("Treatment cancelled")
        TREATMENT_CHANGED = "treatment_changed", _("Treatment changed")
        TREATMENT_REPEATED = "treatment_repeated", _("Treated again before it was due")
        PLAN_CHANGED = "plan_changed", _("The plan has no such call any more")
        NOT_TRACKED = "not_tracked", _("Not tracked individually any more")
        NO_DAY = "no_day", _("No next visit is planned")
        ENDED = "ended", _("Ended by the supervisor")

    # Why building closes a call; when the reason passes, building opens it again.
    FOLLOWED: ClassVar = (
        Reason.DO_NOT_CALL,
        Reason.DECEASED,
        Reason.COMPLAINT,
        Reason.TREATMENT_CANCELLED,
        Reason.TREATMENT_CHANGED,
        Reason.TREATMENT_REPEATED,
        Reason.PLAN_CHANGED,
        Reason.NOT_TRACKED,
        Reason.NO_DAY,
    )

    class Concern(models.TextChoices):
        """Why a call is on the supervisor's list."""

        UNREACHED = "unreached", _("Not reached after many tries")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        ADMITTED = "admitted", _("In another hospital")
        ABNORMAL = "abnormal", _("Abnormal recovery")
        NOT_SENT = "not_sent", _("Message not sent")

    class NoMessage(models.TextChoices):
        """Why a step by message is called by phone instead."""

        NO_PHONE = "no_phone", _("No number to write to")
        WANTS_NONE = "wants_none", _("Wants no messages")
        NOT_SENT = "not_sent", _("Message not sent")

    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="call_backs", db_index=False)
    # Of the version of the plan that holds; made calls keep the one they were made by.
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.SlugField(max_length=20, db_index=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="call_backs", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_on = models.DateField(_("due"), help_text=_("As the plan says."))
    call_on = models.DateField(_("call on"), help_text=_("Due date, or later after a try that reached nobody."))
    as_planned = models.BooleanField(default=True, help_text=_("No try and nobody's hand gave it another day."))
    call_at = models.DateTimeField(_("call at"), null=True, blank=True)
    promised = models.BooleanField(
        _("promised"), default=False, db_default=False, help_text=_("She was told that she is called then.")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    state_reason = models.CharField(_("why"), max_length=60, blank=True, choices=Reason)
    risk = models.PositiveSmallIntegerField(_("risk"), default=0, help_text=_("Higher is called first."))
    concern = models.CharField(_("for the supervisor"), max_length=12, blank=True, choices=Concern)
    concern_at = models.DateTimeField(null=True, blank=True)
    # Only steps by message have it; empty: the message goes out by itself on its day, and nobody has to call.
    no_message = models.CharField(
        _("by phone instead of a message"), max_length=10, choices=NoMessage, blank=True, default="", db_default=""
    )
    settled_note = models.CharField(_("what the supervisor did"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    held_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True, blank=True)
    # Whose list it stands on; the ledger of `CallShare` says why. None: everybody's.
    shared_to = models.ForeignKey(
        Staff,
        verbose_name=_("on whose list"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    version = models.PositiveIntegerField(default=1)
    built_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        ordering = ["call_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["treatment", "code"], name="call_back_once_a_step"),
            models.CheckConstraint(
                condition=models.Q(held_by=None, held_until=None)
                | models.Q(held_by__isnull=False, held_until__isnull=False),
                name="call_back_lease_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(concern="", concern_at=None)
                | (~models.Q(concern="") & models.Q(concern_at__isnull=False)),
                name="call_back_concern_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "call_on", "id"], name="call_back_open", condition=models.Q(state="open")),
            models.Index(fields=["visitor", "due_on"], name="call_back_visitor"),
            models.Index(fields=["branch", "concern_at"], name="call_back_concern", condition=~models.Q(concern="")),
            # What was made or closed in a week, for its report.
            models.Index(
                fields=["branch", "closed_at"], name="call_back_closed", condition=models.Q(closed_at__isnull=False)
            ),
            models.Index(fields=["held_by"], name="call_back_held", condition=models.Q(held_by__isnull=False)),
            models.Index(
                fields=["shared_to", "call_on"],
                name="call_back_shared",
                condition=models.Q(state="open", shared_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Return date and state."""
        return f"{self.call_on} {self.state}"

    @property
    def paused(self) -> bool:
        """Whether it is only put off until a complaint is closed, and then to be made."""
        return self.state == self.State.CANCELLED and self.state_reason == self.Reason.COMPLAINT

    @property
    def state_word(self) -> str:
        """Return the state in words: a call that is put off is not cancelled."""
        return str(_("Paused") if self.paused else self.get_state_display())

    @property
    def troubled(self) -> bool:
        """Whether something went wrong with this visitor before, so that she is called first."""
        return self.risk >= self.RAISED_RISK

    def holder(self, now: datetime) -> Staff | None:
        """Return who has the card at this instant; a lease that has run out holds nothing."""
        return self.held_by if self.held_until is not None and self.held_until > now else None


class CallAttempt(models.Model):
    """One try, with its result. Append-only by trigger."""

    UNHAPPY_UP_TO: ClassVar = 2

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Line busy")
        LATER = "later", _("Call later")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        REFUSED = "refused", _("Refused")
        DO_NOT_CALL = "do_not_call", _("Do not call")
        ADMITTED = "admitted", _("In another hospital")
        DECEASED = "deceased", pgettext_lazy("result of a call", "Deceased")

    # Results of a try at which nobody spoke to us.
    NOBODY: ClassVar = (Result.NO_ANSWER, Result.BUSY)

    class Recovery(models.TextChoices):
        NORMAL = "normal", pgettext_lazy("recovery", "Normal")
        ABNORMAL = "abnormal", _("Abnormal")

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("call", "We called")
        IN = "in", pgettext_lazy("call", "She called")

    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, related_name="attempts")
    direction = models.CharField(
        _("who called"), max_length=3, choices=Direction, default=Direction.OUT, db_default=Direction.OUT.value
    )
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(_("result"), max_length=12, choices=Result)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), null=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    recovery = models.CharField(_("recovery"), max_length=8, choices=Recovery, blank=True)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    suggestions = models.TextField(_("suggestions"), max_length=1000, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["call_back", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(satisfaction=None) | models.Q(satisfaction__gte=1, satisfaction__lte=5),
                name="call_attempt_satisfaction",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "at"], name="call_attempt_staff"),
            models.Index(fields=["at"], name="call_attempt_at"),
            models.Index(
                fields=["call_back"], name="call_attempt_do_not_call", condition=models.Q(result="do_not_call")
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the result."""
        return self.result

    @property
    def unhappy(self) -> bool:
        """Whether the score is a bad one."""
        return self.satisfaction is not None and self.satisfaction <= self.UNHAPPY_UP_TO

    @property
    def calls_for_more(self) -> bool:
        """Whether she is unhappy or not well, so that a complaint may follow."""
        return self.unhappy or self.recovery == self.Recovery.ABNORMAL


class CallAnswer(models.Model):
    """What she answered to one question of a call. Append-only by trigger."""

    attempt = models.ForeignKey(CallAttempt, on_delete=models.PROTECT, related_name="answers", db_index=False)
    question = models.ForeignKey(PlanQuestion, on_delete=models.PROTECT, related_name="+", db_index=False)
    # "yes" or "no", a number from 0 to 10, or words.
    answer = models.CharField(_("answer"), max_length=500)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["attempt", "question__position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "question"], name="call_answer_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the answer."""
        return self.answer

    @property
    def warns(self) -> bool:
        """Whether the answer is not normal."""
        return self.question.warns(self.answer)

    @property
    def words(self) -> str:
        """Return the answer in the language of the reader."""
        return self.question.said(self.answer)
