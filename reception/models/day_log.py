"""The day log: what happened at the desk beside visits. Nothing is altered; what follows is a row of its own."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Branch, Department, Staff
from clinic.models.append_only import append_only
from reception.models.visitors import Visitor


class LogEntry(models.Model):
    """工作日志: one line of the desk's day. Append-only: a wrong one is made void by a step and entered again (R2)."""

    class Kind(models.TextChoices):
        CALL = "call", pgettext_lazy("day log", "Call")
        PARCEL = "parcel", pgettext_lazy("day log", "Parcel in")
        LETTER = "letter", pgettext_lazy("day log", "Letter in")
        OUTGOING = "outgoing", pgettext_lazy("day log", "Sent out")
        APPLICANT = "applicant", pgettext_lazy("day log", "Job applicant")
        CALLER = "caller", pgettext_lazy("day log", "Other caller")
        ERRAND = "errand", pgettext_lazy("day log", "Errand")
        PARKING = "parking", pgettext_lazy("day log", "Parking")

    class Errand(models.TextChoices):
        TAXI = "taxi", _("Taxi")
        MEAL = "meal", _("Meal")
        CHILD_CARE = "child_care", _("Child care")
        OTHER = "other", pgettext_lazy("errand", "Other")

    MAIL: ClassVar = (Kind.PARCEL, Kind.LETTER)

    branch = models.ForeignKey(
        Branch, verbose_name=_("branch"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, db_collation="C")
    errand = models.CharField(_("errand"), max_length=10, choices=Errand, blank=True)
    name = models.CharField(_("who"), max_length=50, blank=True)
    visitor = models.ForeignKey(
        Visitor, verbose_name=_("visitor"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    phone = PhoneNumberField(_("call-back number"), blank=True)
    for_staff = models.ForeignKey(
        Staff, verbose_name=_("for whom"), on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    for_department = models.ForeignKey(
        Department, verbose_name=_("for which department"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    for_name = models.CharField(_("for somebody else"), max_length=50, blank=True)
    text = models.CharField(_("about what"), max_length=500, blank=True)
    carrier = models.CharField(_("carrier"), max_length=30, blank=True)
    number = models.CharField(_("tracking or ticket number"), max_length=40, blank=True)
    plate = models.CharField(_("number plate"), max_length=12, blank=True)
    pieces = models.PositiveSmallIntegerField(_("pieces"), default=1)
    written_by = models.ForeignKey(Staff, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+")
    keys = ArrayField(models.CharField(max_length=64), verbose_name=_("search keys"), default=list)
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("entry of the day log")
        verbose_name_plural = _("entries of the day log")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(pieces__gte=1), name="log_entry_pieces"),
            models.CheckConstraint(
                condition=(models.Q(kind="errand") & ~models.Q(errand=""))
                | (~models.Q(kind="errand") & models.Q(errand="")),
                name="log_entry_errand",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "day", "-id"], name="log_entry_day"),
            models.Index(fields=["branch", "kind", "-id"], name="log_entry_kind"),
            models.Index(fields=["branch", "-id"], name="log_entry_newest"),
            models.Index(fields=["for_staff", "-id"], name="log_entry_for_staff"),
            models.Index(fields=["for_staff", "-id"], condition=models.Q(kind="call"), name="log_entry_slips"),
            GinIndex(fields=["keys"], name="log_entry_keys", fastupdate=False),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return kind and who."""
        return f"{self.get_kind_display()} {self.name}".strip()

    @property
    def for_whom(self) -> str:
        """Whom it is for, as people say it."""
        return str(self.for_staff or self.for_department or self.for_name)

    @property
    def waits(self) -> bool:
        """Whether something is waited for once it is written: a call that is for nobody is only noted."""
        return self.kind in WAITS_FOR and (self.kind != self.Kind.CALL or self.for_staff_id is not None)


class LogStep(models.Model):
    """What became of an entry: seen, answered, handed out, void … Append-only."""

    class What(models.TextChoices):
        SEEN = "seen", pgettext_lazy("step of an entry", "Seen")
        DONE = "done", pgettext_lazy("step of an entry", "Done")
        ANSWERED = "answered", pgettext_lazy("step of an entry", "Answered")
        HANDED_OUT = "handed_out", pgettext_lazy("step of an entry", "Handed out")
        RETURNED = "returned", pgettext_lazy("step of an entry", "Returned unopened")
        PICKED_UP = "picked_up", pgettext_lazy("step of an entry", "Picked up")
        VALIDATED = "validated", pgettext_lazy("step of an entry", "Validated")
        VOID = "void", pgettext_lazy("step of an entry", "Void")

    # After one of these nothing is open any more.
    ENDS: ClassVar = (What.DONE, What.ANSWERED, What.HANDED_OUT, What.RETURNED, What.PICKED_UP, What.VALIDATED)

    entry = models.ForeignKey(LogEntry, on_delete=models.PROTECT, related_name="steps", db_index=False)
    what = models.CharField(_("step"), max_length=10, choices=What)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    taker = models.CharField(_("taken by"), max_length=50, blank=True)
    text = models.CharField(_("answer or reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("step of an entry")
        verbose_name_plural = _("steps of entries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "what"], name="log_step_once"),
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(what__in=["done", "answered", "handed_out", "returned", "picked_up", "validated"]),
                name="log_step_one_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(what="handed_out") | ~models.Q(taker=""), name="log_step_taken_by_somebody"
            ),
            models.CheckConstraint(
                condition=~models.Q(what__in=["void", "answered"]) | ~models.Q(text=""), name="log_step_says_why"
            ),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return what was done."""
        return self.get_what_display()


# How what is waited for ends, by the kind of the entry.
WAITS_FOR: Mapping[str, tuple[str, ...]] = {
    LogEntry.Kind.CALL: (LogStep.What.DONE, LogStep.What.ANSWERED),
    LogEntry.Kind.PARCEL: (LogStep.What.HANDED_OUT, LogStep.What.RETURNED),
    LogEntry.Kind.LETTER: (LogStep.What.HANDED_OUT, LogStep.What.RETURNED),
    LogEntry.Kind.OUTGOING: (LogStep.What.PICKED_UP,),
    LogEntry.Kind.ERRAND: (LogStep.What.DONE,),
    LogEntry.Kind.PARKING: (LogStep.What.VALIDATED,),
}


class LogOpen(models.Model):
    """An entry that still waits for something. A cache of entries and steps: it goes when the last step comes."""

    entry = models.OneToOneField(LogEntry, on_delete=models.CASCADE, primary_key=True, related_name="open")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=LogEntry.Kind, db_collation="C")
    for_staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    seen_at = models.DateTimeField(_("seen"), null=True)

    class Meta:
        verbose_name = _("open entry of the day log")
        verbose_name_plural = _("open entries of the day log")
        indexes: ClassVar = [
            models.Index(fields=["branch", "kind", "entry"], name="log_open_kind"),
            models.Index(fields=["for_staff", "kind", "entry"], name="log_open_for_staff"),
        ]

    def __str__(self) -> str:
        """Return the kind."""
        return self.get_kind_display()
