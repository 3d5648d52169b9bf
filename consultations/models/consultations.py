"""One consultant and one visit, and what came of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from reception.models import Visit, Visitor


class Consultation(models.Model):
    """One consultant and one visit, from notification to outcome."""

    class State(models.TextChoices):
        OFFERED = "offered", _("Waiting for the consultant")
        ACCEPTED = "accepted", _("Accepted")
        IN_ROOM = "in_room", _("In the room")
        FINISHED = "finished", _("Finished")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Outcome(models.TextChoices):
        DEAL = "deal", _("Deal")
        NO_DEAL = "no_deal", _("No deal")
        FOR_FRIEND = "for_friend", _("For an absent friend")
        NOT_OFFERED = "not_offered", _("Project not offered here")
        CANNOT_DO = "cannot_do", _("Cannot be done here")
        REFERRED = "referred", _("Referred to a doctor")
        TRANSFERRED = "transferred", _("Passed on to a colleague")
        ANOTHER = "another", _("Wanted another consultant")
        PRODUCT = "product", _("Collected a product")

    # The four sections of the record, in the order they are written down.
    SECTIONS: ClassVar = ("wishes", "history", "assessment", "notes")

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="consultations")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="consultations")
    consultant = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="consultations")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OFFERED)
    version = models.PositiveIntegerField(default=1)
    offered_at = models.DateTimeField(_("offered"))
    acknowledged_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    entered_at = models.DateTimeField(_("entered"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    decline_reason = models.CharField(_("why declined"), max_length=200, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome, blank=True)
    outcome_note = models.CharField(_("more about the outcome"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        Staff,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The head of department who decided that it cannot be done here (K2)."),
    )
    passed_to = models.ForeignKey(
        Staff,
        verbose_name=_("passed on to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The doctor, colleague or other consultant she was passed on to (K4, K7)."),
    )
    # What the desk had said of the visit before the room wrote an absent friend on it.
    desk_reason = models.CharField(
        max_length=14, choices=Visit.OtherReason, blank=True, default="", db_default="", editable=False
    )
    desk_friend = models.ForeignKey(
        Visitor, verbose_name=_("absent friend"), on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    no_deal_reason = models.CharField(_("why no deal"), max_length=200, blank=True)
    call_again_on = models.DateField(_("call again on"), null=True, blank=True)
    wishes = models.TextField(_("wishes"), max_length=4000, blank=True, default="", db_default="")
    history = models.TextField(_("medical history"), max_length=4000, blank=True, default="", db_default="")
    assessment = models.TextField(_("assessment"), max_length=4000, blank=True, default="", db_default="")
    notes = models.TextField(_("notes"), max_length=4000, blank=True)
    record_version = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(_("record last written"), null=True)

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-offered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultant"], condition=models.Q(state="in_room"), name="consultation_one_in_room"
            ),
            models.UniqueConstraint(
                fields=["visit"],
                condition=models.Q(state__in=["offered", "accepted", "in_room"]),
                name="consultation_one_open_per_visit",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="finished") | ~models.Q(outcome=""), name="consultation_finished_with_outcome"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="declined") | ~models.Q(decline_reason=""),
                name="consultation_declined_with_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="cannot_do") | models.Q(decided_by__isnull=False),
                name="consultation_cannot_do_decided_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["consultant", "day", "state"], name="consultation_queue"),
            models.Index(fields=["visitor", "-offered_at"], name="consultation_visitor"),
            models.Index(fields=["branch", "day"], name="consultation_day"),
        ]

    def __str__(self) -> str:
        """Return state."""
        return f"{self.visit_id} {self.state}"

    @property
    def declined_for(self) -> str:
        """Return why she was declined; empty when the consultant only would have, and took her all the same (T7)."""
        return self.decline_reason if self.state == self.State.DECLINED else ""

    @property
    def without_friend(self) -> str | None:
        """Return the reason the visit has without the friend she enquires for; None when this came to something else.

        What the visit says otherwise by now stays.
        """
        if self.outcome != self.Outcome.FOR_FRIEND:
            return None
        said = self.visit.other_reason
        return self.desk_reason if said == Visit.OtherReason.FOR_FRIEND else said
