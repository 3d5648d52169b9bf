"""What every room writes: who did what, what changed live, the numbers given, and how far long work has come."""

import uuid
from typing import ClassVar

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.append_only import append_only
from clinic.models.organisation import Branch
from clinic.models.staff import Staff
from clinic.words import ACTION_WORDS, JOB_WORDS


class AuditEntry(models.Model):
    """Who did what to which object, when and from where. Append-only by trigger."""

    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("object"), max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_object"),
            models.Index(fields=["staff", "-id"], name="audit_staff"),
            models.Index(fields=["-at"], name="audit_time"),
        ]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return time and action."""
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"

    @property
    def words(self) -> str:
        """What was done, in the reader's language; the action itself when it has no words."""
        return str(ACTION_WORDS.get(self.action, self.action))

    @property
    def object_words(self) -> str:
        """What kind of thing it was done to, in the reader's language."""
        return next(
            (
                str(model._meta.verbose_name)
                for model in apps.get_models()
                if model._meta.model_name == self.object_type
            ),
            self.object_type,
        )


class OutboxEvent(models.Model):
    """A change that screens must hear of, written in the transaction that made it and published after commit."""

    topics = ArrayField(models.CharField(max_length=60))
    event = models.CharField(max_length=40, blank=True, help_text=_("Starts the tasks of settings.EVENT_TASKS."))
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox")
        indexes: ClassVar = [
            models.Index(fields=["id"], name="outbox_unpublished", condition=models.Q(published_at=None)),
            models.Index(fields=["published_at"], name="outbox_published"),
        ]

    def __str__(self) -> str:
        """Return the topics."""
        return ", ".join(self.topics)


class Counter(models.Model):
    """The last number given of a series of a branch in a period (a day, a year); its row lock leaves no gap."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="+")
    series = models.CharField(max_length=20, db_collation="C")
    period = models.CharField(max_length=10, db_collation="C")
    last_number = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints = [models.UniqueConstraint(fields=["branch", "series", "period"], name="counter_once")]

    def __str__(self) -> str:
        """Return series, period and number."""
        return f"{self.series} {self.period} {self.last_number}"


class Job(models.Model):
    """Long work that shows its progress and can be left, come back to and cancelled."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="jobs")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    result_url = models.CharField(max_length=200, blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["staff", "-created_at"], name="job_staff")]

    def __str__(self) -> str:
        """Return kind and state."""
        return f"{self.kind} {self.state}"

    @property
    def title(self) -> str:
        """What the work is called on a screen, in the reader's language; its kind when it has no title."""
        return str(JOB_WORDS.get(self.kind, self.kind))
