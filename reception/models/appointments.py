"""Appointments: who comes when, how much of a half hour that takes, and what became of it."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Branch, Department, Project, Staff
from clinic.models.append_only import append_only
from reception.models.pre_reports import Announced, PreReport
from reception.models.visits import Visit

_Kind = Department.Kind
# Within this time after the hour nobody is late.
GRACE = timedelta(minutes=5)


class ProjectGroup(models.TextChoices):
    """A column of the calendar: the kind of department that the most major project belongs to."""

    SURGERY = _Kind.SURGERY.value, _("Surgery")
    LASER = _Kind.LASER.value, _("Laser")
    NON_INVASIVE = _Kind.NON_INVASIVE.value, _("Non-invasive")
    CONSULTING = _Kind.CONSULTING.value, _("Consulting")


class SlotCapacity(models.Model):
    """How much weight a half hour of a weekday (0 = Monday) can take in a project group; no row: the usual weight."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    group = models.CharField(_("project group"), max_length=12, choices=ProjectGroup)
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("half hour from"))
    capacity = models.PositiveSmallIntegerField(_("capacity"))

    class Meta:
        verbose_name = _("capacity of a half hour")
        verbose_name_plural = _("capacities of half hours")
        ordering = ["branch", "group", "weekday", "starts"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "group", "weekday", "starts"], name="slot_capacity_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="slot_capacity_weekday"),
            models.CheckConstraint(condition=models.Q(capacity__lte=99), name="slot_capacity_sensible"),
        ]

    def __str__(self) -> str:
        """Return group, weekday, time and capacity."""
        return f"{self.group} {self.weekday} {self.starts:%H:%M} {self.capacity}"


class Appointment(Announced):
    """预约: a time somebody is expected at. Another time is another appointment that names the one it replaces."""

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        ARRIVED = "arrived", _("Arrived")
        NO_SHOW = "no_show", _("Did not come")
        CANCELLED = "cancelled", _("Cancelled")
        MOVED = "moved", _("Moved")

    OPEN: ClassVar = (State.BOOKED, State.CONFIRMED)
    # Which take room in the calendar.
    TAKING: ClassVar = (State.BOOKED, State.CONFIRMED, State.ARRIVED)

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    starts = models.TimeField(_("time"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    group = models.CharField(_("project group"), max_length=12, choices=ProjectGroup)
    weight = models.PositiveSmallIntegerField(_("weight"))
    urgent = models.BooleanField(_("urgent"), default=False)
    projects = models.ManyToManyField(Project, through="AppointmentProject", related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    agent = models.ForeignKey(Staff, verbose_name=_("agent"), on_delete=models.PROTECT, related_name="+")
    pre_report = models.ForeignKey(
        PreReport, verbose_name=_("pre-report"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.BOOKED)
    visit = models.OneToOneField(
        Visit, verbose_name=_("visit"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    late_minutes = models.PositiveSmallIntegerField(_("minutes late"), default=0)
    not_reached = models.PositiveSmallIntegerField(_("times not reached"), default=0)
    messaged_at = models.DateTimeField(_("message asked for"), null=True)
    instead_of = models.OneToOneField(
        "self", verbose_name=_("replaces"), on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    overbooked_because = models.CharField(_("why overbooked"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("booked at"))
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["day", "starts", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="arrived", visit__isnull=False)
                | (~models.Q(state="arrived") & models.Q(visit=None)),
                name="appointment_arrived_with_a_visit",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__in=[30, 60, 90, 120, 150, 180, 210, 240]),
                name="appointment_takes_half_hours",
            ),
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="appointment_has_weight"),
            models.UniqueConstraint(
                fields=["visitor", "day", "starts"],
                condition=models.Q(state__in=["booked", "confirmed"], visitor__isnull=False),
                name="appointment_one_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "day", "starts"], name="appointment_day"),
            models.Index(fields=["agent", "state", "-day"], name="appointment_agent"),
            models.Index(fields=["branch", "state", "-day"], name="appointment_state"),
            models.Index(fields=["visitor", "day"], name="appointment_visitor"),
            models.Index(fields=["pre_report"], name="appointment_pre_report"),
            models.Index(
                fields=["phone", "day"],
                condition=models.Q(visitor=None) & ~models.Q(phone=""),
                name="appointment_phone",
            ),
            models.Index(
                fields=["branch", "day"],
                condition=models.Q(state__in=["booked", "confirmed"]),
                name="appointment_open",
            ),
        ]

    @property
    def message_about(self) -> str:
        """What its confirmation message is about: there is one for each appointment."""
        return f"appointment {self.pk}"

    @property
    def begins_at(self) -> datetime:
        """Return the instant it begins, by the branch's clock."""
        return datetime.combine(self.day, self.starts, tzinfo=self.branch.zone)

    @property
    def ends(self) -> str:
        """Return until when it takes, as HH:MM."""
        return f"{self.begins_at + timedelta(minutes=self.minutes):%H:%M}"

    def is_late(self, now: datetime) -> bool:
        """Say whether she is still expected although her time is over by more than a few minutes."""
        return self.is_open and now > self.begins_at + GRACE

    @property
    def is_open(self) -> bool:
        """Say whether she is still expected."""
        return self.state in self.OPEN


class AppointmentProject(models.Model):
    """A project an appointment is for, in the order named."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="wishes")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("project of an appointment")
        verbose_name_plural = _("projects of appointments")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["appointment", "project"], name="appointment_project_once")]

    def __str__(self) -> str:
        """Return the project."""
        return str(self.project)


class AppointmentEntry(models.Model):
    """What happened to an appointment, when and by whom. Append-only by trigger."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CONFIRMED = "confirmed", _("Confirmed")
        NOT_REACHED = "not_reached", _("Not reached")
        MESSAGED = "messaged", _("Message asked for")
        ARRIVED = "arrived", _("Arrived")
        RELEASED = "released", _("The visit was made void")
        NO_SHOW = "no_show", _("Did not come")
        CANCELLED = "cancelled", _("Cancelled")
        MOVED = "moved", _("Moved")

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    text = models.CharField(_("text"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("entry of an appointment")
        verbose_name_plural = _("entries of appointments")
        ordering = ["id"]
        indexes: ClassVar = [models.Index(fields=["appointment"], name="appointment_entry_of")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return kind and time."""
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class MessageRefusal(models.Model):
    """A phone number whose owner wants no messages."""

    phone = PhoneNumberField(_("phone"), unique=True)
    refused_at = models.DateTimeField(_("said at"))
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("refusal of messages")
        verbose_name_plural = _("refusals of messages")

    def __str__(self) -> str:
        """Return when it was said; the number stays unshown."""
        return f"{self.refused_at:%Y-%m-%d}"
