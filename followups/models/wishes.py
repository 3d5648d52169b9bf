"""What is known of a visitor that concerns all of her calls, whatever the treatment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from reception.models import Visitor


class CallBar(models.Model):
    """Why a visitor gets no calls at all, for as long as it is not ended."""

    class Reason(models.TextChoices):
        DO_NOT_CALL = "do_not_call", _("Does not want to be called")
        DECEASED = "deceased", _("Deceased")
        COMPLAINT = "complaint", _("A complaint is open")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="call_bars", db_index=False)
    reason = models.CharField(_("why"), max_length=12, choices=Reason)
    # The number of the complaint that has to be closed first; other bars have none.
    about = models.CharField(max_length=20, blank=True, default="", db_default="", db_collation="C")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("since"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("bar to calls")
        verbose_name_plural = _("bars to calls")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="call_bar_end_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(reason="complaint") & ~models.Q(about="")
                | ~models.Q(reason="complaint") & models.Q(about=""),
                name="call_bar_about_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor"], name="call_bar_stands", condition=models.Q(ended_at=None)),
            models.Index(fields=["visitor", "at"], name="call_bar_visitor"),
        ]

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


class Tracking(models.Model):
    """个案追踪: a visitor who is followed individually, with the steps that only such visitors have."""

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="trackings", db_index=False)
    reason = models.CharField(_("why"), max_length=200)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("since"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("individual tracking")
        verbose_name_plural = _("individual trackings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="tracking_end_whole",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor"], name="tracking_stands", condition=models.Q(ended_at=None)),
            models.Index(fields=["visitor", "at"], name="tracking_visitor"),
        ]

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason
