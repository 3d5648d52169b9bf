"""Whose list a call stands on, and why: a ledger like that of the boards."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from followups.models.calls import CallBack


class CallAgent(models.Model):
    """客服专员: somebody among whom the calls of a branch are shared out, and what she can take.

    Whoever makes calls and has no row takes every kind, in Chinese.
    """

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="call_agent")
    takes_part = models.BooleanField(_("calls are shared out to her"), default=True)
    # Kinds of departments whose treatments she knows; empty: all.
    kinds = models.JSONField(_("departments"), default=list, blank=True)
    # Languages she speaks on the telephone, as in settings.LANGUAGES; empty: Chinese.
    languages = models.JSONField(_("languages"), default=list, blank=True)

    class Meta:
        verbose_name = _("agent of calls")
        verbose_name_plural = _("agents of calls")

    def __str__(self) -> str:
        """Return the name."""
        return str(self.staff)


class AgentAbsence(models.Model):
    """Days on which an agent makes no calls; hers are shared out among the others."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("until"))
    reason = models.CharField(_("why"), max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("absence of an agent")
        verbose_name_plural = _("absences of agents")
        ordering = ["first_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(last_on__gte=models.F("first_on")), name="agent_absence_days"),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="agent_absence_withdrawn_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "last_on"], name="agent_absence_staff"),
            models.Index(
                fields=["branch", "last_on"], name="agent_absence_stands", condition=models.Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        """Return the days."""
        return f"{self.first_on} – {self.last_on}"


class CallShare(models.Model):
    """One decision on whose list a call stands. Append-only by trigger; the newest row of a call holds."""

    class Why(models.TextChoices):
        CALLED_LAST = "called_last", _("She called her last time")
        SAME_VISITOR = "same_visitor", _("She has another call of this visitor")
        FEWEST = "fewest", _("She has had the fewest calls")
        ONLY_ONE = "only_one", _("Nobody else is there who can take it")
        NOBODY = "nobody", _("Nobody is there who can take it")
        ABSENT = "absent", pgettext_lazy("call shared out", "Another agent is away")
        SUPERVISOR = "supervisor", _("Given by the supervisor")
        TOOK_IT = "took_it", _("She took it herself")

    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, related_name="shares", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: it stands on everybody's list.
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    day = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(_("why"), max_length=12, choices=Why)
    # What was looked at, for who asks why: the loads of those who could take it.
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("sharing out of a call")
        verbose_name_plural = _("sharing out of calls")
        ordering = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["call_back", "-id"], name="call_share_call"),
            models.Index(fields=["branch", "day", "staff"], name="call_share_day"),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return why."""
        return self.why
