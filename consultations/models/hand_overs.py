"""Visitors given by one consultant to others for good, because she leaves or moves (A9, O1)."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from reception.models import Visitor


class HandOver(models.Model):
    """交接: the visitors of one consultant given to others at one instant. Append-only.

    One that is taken back is not changed: the taking back is a hand-over of its own that `undoes` it.
    """

    UNDO_WITHIN: ClassVar = timedelta(days=7)

    class Rule(models.TextChoices):
        ONE = "one", _("All to one colleague")
        EVENLY = "evenly", _("Evenly by number")
        STANDING = "standing", _("Evenly within each standing")
        PROJECTS = "projects", _("By the projects each receives")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    leaver = models.ForeignKey(Staff, verbose_name=_("from"), on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(_("rule"), max_length=8, choices=Rule)
    reason = models.CharField(_("why"), max_length=200)
    number = models.PositiveIntegerField(_("visitors"))
    by_hand = models.PositiveIntegerField(_("of these by hand"), default=0)
    undoes = models.OneToOneField(
        "self", verbose_name=_("takes back"), on_delete=models.PROTECT, null=True, related_name="undone_by"
    )
    named_successor = models.BooleanField(_("the receiver became her successor"), default=False)
    successor_before = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("time"))
    made_by = models.ForeignKey(Staff, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["branch", "-id"], name="hand_over_branch")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return from whom and how many."""
        return f"{self.leaver_id}: {self.number}"


class HandOverLine(models.Model):
    """One visitor of a hand-over: whose she was and whose she is since. Append-only."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="lines", db_index=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_staff = models.ForeignKey(
        Staff, verbose_name=_("from"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_staff = models.ForeignKey(
        Staff, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_hand = models.BooleanField(_("by hand"), default=False)

    class Meta:
        verbose_name = _("visitor handed over")
        verbose_name_plural = _("visitors handed over")
        ordering = ["hand_over", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hand_over", "visitor"], name="hand_over_line_once"),
            models.CheckConstraint(
                condition=~models.Q(from_staff=models.F("to_staff")), name="hand_over_line_to_another"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor", "-id"], name="hand_over_line_visitor"),
            models.Index(fields=["hand_over", "to_staff", "id"], name="hand_over_line_receiver"),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return from whom to whom."""
        return f"{self.from_staff_id} → {self.to_staff_id}"


class HandOverShare(models.Model):
    """What one colleague was given by a hand-over, or lost by one that was taken back, and when she saw the notice."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="shares")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(_("visitors"))
    seen_at = models.DateTimeField(_("seen"), null=True)

    class Meta:
        verbose_name = _("share of a hand-over")
        verbose_name_plural = _("shares of a hand-over")
        ordering = ["hand_over", "-number", "staff"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hand_over", "staff"], name="hand_over_share_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="hand_over_share_not_empty"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff"], condition=models.Q(seen_at=None), name="hand_over_share_unseen")
        ]

    def __str__(self) -> str:
        """Return who and how many."""
        return f"{self.staff_id}: {self.number}"
