"""Calls that belong to one person: to who did not buy, whose next session is due, who has a birthday."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from reception.models import Visitor


class OwnerCall(models.Model):
    """One call that the owner of a visitor is to make, built from what is on record."""

    class Kind(models.TextChoices):
        NO_DEAL = "no_deal", _("No deal yet")
        NEXT_SESSION = "next_session", _("Next session")
        BIRTHDAY = "birthday", _("Birthday")

    class State(models.TextChoices):
        OPEN = "open", _("To be called")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Reason(models.TextChoices):
        """Why a call is no longer open."""

        REACHED = "reached", _("Reached")
        REFUSED = "refused", _("Refused")
        BARRED = "barred", _("Gets no calls")
        BOUGHT = "bought", _("Has bought since")
        CAME = "came", _("Has been here since")
        BOOKED = "booked", _("Has an appointment")
        CHANGED = "changed", _("What it was about has changed")
        PASSED = "passed", _("The day is over")
        # Done: the supervisor is to look at it. Cancelled: she has.
        UNREACHED = "unreached", _("Not reached after many tries")

    # Why building closes a call; when the reason passes, building opens it again.
    FOLLOWED: ClassVar = (Reason.BARRED, Reason.BOUGHT, Reason.CAME, Reason.BOOKED, Reason.CHANGED)

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # What it is about within its kind: the consultation, the treatment, the year.
    about = models.CharField(max_length=40, db_collation="C")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="owner_calls", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: nobody owns the visitor; the supervisor of the kind sees it.
    owner = models.ForeignKey(
        Staff, verbose_name=_("owner"), on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("what it is about"), max_length=200, blank=True)
    due_on = models.DateField(_("due"))
    call_on = models.DateField(_("call on"))
    call_at = models.DateTimeField(_("call at"), null=True, blank=True)
    promised = models.BooleanField(_("promised"), default=False)
    as_planned = models.BooleanField(default=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    state_reason = models.CharField(_("why"), max_length=12, blank=True, choices=Reason)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    held_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    held_until = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    built_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("call of an owner")
        verbose_name_plural = _("calls of owners")
        ordering = ["call_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], name="owner_call_once"),
            models.CheckConstraint(
                condition=models.Q(held_by=None, held_until=None)
                | models.Q(held_by__isnull=False, held_until__isnull=False),
                name="owner_call_lease_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", state_reason="", closed_at=None)
                | ~models.Q(state="open") & ~models.Q(state_reason="") & models.Q(closed_at__isnull=False),
                name="owner_call_state_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["branch", "kind", "owner", "call_on"], name="owner_call_open", condition=models.Q(state="open")
            ),
            models.Index(fields=["visitor", "due_on"], name="owner_call_visitor"),
            models.Index(fields=["held_by"], name="owner_call_held", condition=models.Q(held_by__isnull=False)),
            models.Index(
                fields=["branch", "closed_at"],
                name="owner_call_unreached",
                condition=models.Q(state="done", state_reason="unreached"),
            ),
        ]

    def __str__(self) -> str:
        """Return kind and date."""
        return f"{self.kind} {self.call_on}"

    def holder(self, now: datetime) -> Staff | None:
        """Return who has the card at this instant; a lease that has run out holds nothing."""
        return self.held_by if self.held_until is not None and self.held_until > now else None


class OwnerCallTry(models.Model):
    """One try of an owner's call, with its result. Append-only by trigger."""

    class Result(models.TextChoices):
        COMES = "comes", _("Comes in")
        THINKS = "thinks", _("Reached, thinks it over")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Line busy")
        LATER = "later", _("Call later")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        REFUSED = "refused", _("Refused")
        DO_NOT_CALL = "do_not_call", _("Do not call")
        DECEASED = "deceased", pgettext_lazy("result of a call", "Deceased")

    call = models.ForeignKey(OwnerCall, on_delete=models.PROTECT, related_name="attempts", db_index=False)
    at = models.DateTimeField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(_("result"), max_length=12, choices=Result)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("try of an owner's call")
        verbose_name_plural = _("tries of owners' calls")
        ordering = ["call", "id"]
        indexes: ClassVar = [models.Index(fields=["call", "id"], name="owner_call_try_call")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the result."""
        return self.result
