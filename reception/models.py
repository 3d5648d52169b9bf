"""Visitors and their visits."""

from datetime import date
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Branch, Project, Staff


class Standing(models.TextChoices):
    """What a visitor has done with us so far; the triage rules read it (C2–C4)."""

    NEW = "new", _("Never consulted")
    NO_DEAL = "no_deal", _("Consulted, no deal")
    DEPOSIT = "deposit", _("Deposit paid")
    PAID = "paid", _("Paid")
    TREATED = "treated", _("Treated")


def full_years(birth_on: date | None, day: date) -> int | None:
    """Return the age in full years on a day; None when the birth date is not known."""
    if birth_on is None:
        return None
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


@pghistory.track(exclude=["last_visit_on"])
class Visitor(models.Model):
    """顾客: a person; one record for life, known to the whole group of branches."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not told")

    file_number = models.CharField(_("file number"), max_length=20, unique=True, db_collation="C")
    name = models.CharField(_("name"), max_length=50)
    phone = PhoneNumberField(_("phone"), blank=True)
    gender = models.CharField(_("gender"), max_length=7, choices=Gender, default=Gender.UNKNOWN)
    birth_on = models.DateField(_("birth date"), null=True, blank=True)
    heard_from = models.CharField(_("how they heard of us"), max_length=60, blank=True)
    medical_notes = models.TextField(_("health and allergies"), max_length=2000, blank=True)
    card_declined = models.BooleanField(_("declined to fill in the card"), default=False)
    vip = models.BooleanField(_("VIP"), default=False)
    owner = models.ForeignKey(
        Staff, verbose_name=_("owner"), on_delete=models.PROTECT, null=True, blank=True, related_name="owned_visitors"
    )
    standing = models.CharField(_("standing"), max_length=8, choices=Standing, default=Standing.NEW)
    consulted_by = ArrayField(models.BigIntegerField(), verbose_name=_("consulted by"), default=list, blank=True)
    registered_at = models.DateTimeField(_("first registered"))
    registered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    registered_in = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    last_visit_on = models.DateField(_("last visit"), null=True, blank=True)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "-last_visit_on"], name="visitor_owner_recent")]

    def __str__(self) -> str:
        """Return the name as typed."""
        return self.name

    def age_on(self, day: date) -> int | None:
        """Return the age in full years on a day; None when the birth date is not known."""
        return full_years(self.birth_on, day)


class VisitorKey(models.Model):
    """A way to find a visitor: one row a key. Prefix and order are served by the one index."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone digits")
        LAST_FOUR = "last_four", _("Last four digits")
        NAME = "name", _("Name")
        GIVEN_NAME = "given_name", _("Given name")
        PINYIN = "pinyin", _("Pinyin")
        INITIALS = "initials", _("Initials")
        FILE = "file", _("File number")

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="keys", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind, db_collation="C")
    key = models.CharField(max_length=200, db_collation="C")

    class Meta:
        verbose_name = _("search key")
        verbose_name_plural = _("search keys")
        constraints = [models.UniqueConstraint(fields=["kind", "key", "visitor"], name="visitor_key_once")]
        indexes: ClassVar = [models.Index(fields=["visitor"], name="visitor_key_visitor")]

    def __str__(self) -> str:
        """Return kind and key."""
        return f"{self.kind} {self.key}"


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
    entered_at = models.DateTimeField(_("entered the room"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    void_reason = models.CharField(_("why void"), max_length=200, blank=True)
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
