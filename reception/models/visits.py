"""Visits, and the days of the desk they stand in."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Project, Staff
from reception.models.visitors import Visitor


class Visit(models.Model):
    """到院: one arrival at a desk on one day. Triage and the rooms write their decisions down here."""

    class State(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        IN_ROOM = "in_room", _("In the room")
        FINISHED = "finished", _("Finished")
        LEFT = "left", _("Left")
        VOID = "void", _("Void")

    # Whose consultant knows of it what the desk knows: before she has accepted it she does not (O5).
    TAKEN_STATES: ClassVar = (State.ACCEPTED, State.IN_ROOM, State.FINISHED)
    OPEN_STATES: ClassVar = (State.REGISTERED, State.WAITING, State.ACCEPTED, State.IN_ROOM)
    # The counter of the queue numbers; its period is the day.
    SERIES: ClassVar = "visits"

    class Purpose(models.TextChoices):
        CONSULT = "consult", _("Consultation")
        REVIEW = "review", _("Review")

    class VisitType(models.TextChoices):
        FIRST = "first", _("First visit")
        RETURN = "return", _("Return visit")
        REVIEW = "review", _("Review visit")
        REPURCHASE = "repurchase", _("Repurchase")
        OTHER = "other", _("Other")

    class OtherReason(models.TextChoices):
        FOR_FRIEND = "for_friend", _("Enquires for a friend who is absent")
        MINOR = "minor", _("Minor without a guardian")
        ELDER = "elder", _("Elder")
        FREE_TRIAL = "free_trial", _("Free experience")
        PAID_TREATMENT = "paid_treatment", _("Fully paid, only to be treated")
        REFUND = "refund", _("Refund")
        COMPANION = "companion", _("Companion")
        NOT_OFFERED = "not_offered", _("Project not offered here")
        CANNOT_DO = "cannot_do", _("Cannot be done here")
        PRODUCT = "product", _("Collects a product")

    class ReferralBy(models.TextChoices):
        VISITOR = "visitor", _("The visitor says so")
        PRE_REPORT = "pre_report", _("The owner announced it")
        SLIP = "slip", _("A colleague's slip")

    class DesignatedBy(models.TextChoices):
        VISITOR = "visitor", _("The visitor")
        MANAGEMENT = "management", _("Management")
        DIVISION = "division", _("A business division")
        THIRD_PARTY = "third_party", _("A phone or online agent, a channel")
        STAFF = "staff", _("A colleague")
        DEPARTMENT = "department", _("Another department")

    class Turn(models.TextChoices):
        COUNTED = "counted", _("Counted turn")
        MAKE_UP = "make_up", _("Make-up turn")
        FREE = "free", _("No turn used")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="visits")
    day = models.DateField(_("day"))
    number = models.PositiveIntegerField(_("queue number"))
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="visits")
    purpose = models.CharField(_("purpose"), max_length=7, choices=Purpose, default=Purpose.CONSULT)
    projects = models.ManyToManyField(Project, through="VisitProject", related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    emergency = models.BooleanField(_("emergency"), default=False)
    other_reason = models.CharField(_("other reason"), max_length=14, choices=OtherReason, blank=True)
    friend = models.ForeignKey(
        Visitor, verbose_name=_("absent friend"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    without_guardian = models.BooleanField(_("minor without a guardian"), default=False)
    claims_history = models.BooleanField(_("says she was here before"), default=False)
    referrer = models.ForeignKey(
        Visitor, verbose_name=_("referrer"), on_delete=models.PROTECT, null=True, blank=True, related_name="referred"
    )
    referral_by = models.CharField(_("how we know"), max_length=10, choices=ReferralBy, blank=True)
    designated = models.ForeignKey(
        Staff, verbose_name=_("asks for"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    designated_by = models.CharField(_("asked for by"), max_length=11, choices=DesignatedBy, blank=True)
    designated_turn = models.CharField(max_length=7, choices=[("free", "free"), ("counted", "counted")], blank=True)
    announced_by = models.ForeignKey(
        Staff, verbose_name=_("announced by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    group_lead = models.ForeignKey(
        "self", verbose_name=_("came with"), on_delete=models.PROTECT, null=True, blank=True, related_name="companions"
    )
    group_wants = models.ForeignKey(
        Staff, verbose_name=_("the group asks for"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    after_review = models.BooleanField(_("came for a review, wants a consultation"), default=False)
    arrived_at = models.DateTimeField(_("arrived"))
    registered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REGISTERED)
    version = models.PositiveIntegerField(default=1)
    visit_type = models.CharField(_("visit type"), max_length=10, choices=VisitType, blank=True)
    type_rule = models.CharField(max_length=4, blank=True)
    consultant = models.ForeignKey(
        Staff, verbose_name=_("consultant"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        Staff,
        verbose_name=_("owner after this visit"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whose visitor she is by the newest decision."),
    )
    rule = models.CharField(max_length=4, blank=True)
    turn = models.CharField(_("turn"), max_length=7, choices=Turn, blank=True)
    allocated_at = models.DateTimeField(_("allocated"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    called_at = models.DateTimeField(_("called again"), null=True)
    entered_at = models.DateTimeField(_("entered the room"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    void_reason = models.CharField(_("why void"), max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("entered again for"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text=_("The void entry that this one is entered again for (R2)."),
    )
    isolated_at = models.DateTimeField(
        _("set apart"),
        null=True,
        blank=True,
        help_text=_("A suspected infection: she is not queued while this stands."),
    )
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-day", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "day", "number"], name="visit_number_once_a_day"),
            models.UniqueConstraint(
                fields=["visitor"],
                condition=models.Q(state__in=["registered", "waiting", "accepted", "in_room"]),
                name="visit_one_open_per_visitor",
            ),
            models.CheckConstraint(
                condition=models.Q(designated=None, designated_by="")
                | (~models.Q(designated_by="") & models.Q(designated__isnull=False)),
                name="visit_designated_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "day", "state"], name="visit_day_state"),
            models.Index(fields=["visitor", "-day"], name="visit_visitor_recent"),
            models.Index(fields=["consultant", "day"], name="visit_consultant_day"),
            models.Index(fields=["friend"], condition=models.Q(friend__isnull=False), name="visit_of_a_friend"),
        ]

    def __str__(self) -> str:
        """Return the queue number people say: three digits."""
        return f"{self.number:03d}"


class DeskDay(models.Model):
    """A front desk's day as the triage room opened it: how long a visitor may wait before it is too long."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    max_wait_minutes = models.PositiveSmallIntegerField(_("longest wait"))

    class Meta:
        verbose_name = _("day of a desk")
        verbose_name_plural = _("days of desks")
        ordering = ["branch", "day"]
        constraints = [models.UniqueConstraint(fields=["branch", "day"], name="desk_day_once")]

    def __str__(self) -> str:
        """Return the day."""
        return self.day.isoformat()


class VisitProject(models.Model):
    """A project a visitor asked for on a visit, in the order named."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="wishes")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("project of a visit")
        verbose_name_plural = _("projects of a visit")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["visit", "project"], name="visit_project_once")]

    def __str__(self) -> str:
        """Return the project."""
        return str(self.project)
