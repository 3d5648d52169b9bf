"""What happens in the consultation room, and what follows from it."""

from typing import ClassVar

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Project, Staff
from clinic.models.append_only import append_only
from reception.models import Visit, Visitor


def shares_sum_to_one(*, operation: pgtrigger.Operation, deal: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses, when the transaction commits, a deal whose shares do not sum to exactly one (O4).

    `deal` is the id of the deal in the row that fires.
    """
    return pgtrigger.Trigger(
        name="shares_sum_to_one",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=pgtrigger.Func(
            # `deal` comes from this file alone, never from a person.
            f"""
            IF (SELECT COALESCE(SUM(share), 0) FROM consultations_dealshare WHERE deal_id = {deal}) <> 1 THEN
                RAISE EXCEPTION 'the shares of deal % do not sum to one', {deal} USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
            """  # noqa: S608
        ),
    )


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
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    no_deal_reason = models.CharField(_("why no deal"), max_length=200, blank=True)
    call_again_on = models.DateField(_("call again on"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=4000, blank=True)
    notes_version = models.PositiveIntegerField(default=0)

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
        ]
        indexes: ClassVar = [
            models.Index(fields=["consultant", "day", "state"], name="consultation_queue"),
            models.Index(fields=["visitor", "-offered_at"], name="consultation_visitor"),
        ]

    def __str__(self) -> str:
        """Return state."""
        return f"{self.visit_id} {self.state}"


class Deal(models.Model):
    """成交: what a visitor bought. Corrections are further rows, never edits."""

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        PAID = "paid", _("Paid in full")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="deals")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="deals")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("paid"), max_length=7, choices=Kind)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    projects = models.ManyToManyField(Project, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-made_at"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="deal_amount_not_negative")]
        indexes: ClassVar = [models.Index(fields=["visitor", "-made_at"], name="deal_visitor")]
        triggers: ClassVar = [*append_only(), shares_sum_to_one(operation=pgtrigger.Insert, deal="NEW.id")]

    def __str__(self) -> str:
        """Return the amount in yuan."""
        return f"¥{self.amount}"


class DealShare(models.Model):
    """Who is credited with which part of a deal (O4); the shares of a deal sum to one."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="shares")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="deal_shares")
    share = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        verbose_name = _("share of a deal")
        verbose_name_plural = _("shares of a deal")
        constraints = [
            models.UniqueConstraint(fields=["deal", "staff"], name="deal_share_once"),
            models.CheckConstraint(condition=models.Q(share__gt=0, share__lte=1), name="deal_share_range"),
        ]
        triggers: ClassVar = [*append_only(), shares_sum_to_one(operation=pgtrigger.Insert, deal="NEW.deal_id")]

    def __str__(self) -> str:
        """Return the share."""
        return f"{self.share}"


class Treatment(models.Model):
    """治疗: one operation or care session of a visitor by a doctor on a date."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

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
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor", "-treated_on"], name="treatment_visitor"),
            models.Index(fields=["branch", "treated_on"], name="treatment_day"),
            models.Index(fields=["doctor", "treated_on"], name="treatment_doctor"),
        ]

    def __str__(self) -> str:
        """Return project and date."""
        return f"{self.project_id} {self.treated_on}"
