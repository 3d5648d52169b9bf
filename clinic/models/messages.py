"""Messages to people outside: written down first, then handed to a sender until it has taken them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models.organisation import Branch
from clinic.models.staff import Staff


class OutgoingMessage(models.Model):
    """短信: one message to one number. `key` names it to the sender, who can tell a repeated one by it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("To be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    phone = PhoneNumberField(_("phone"))
    template = models.CharField(_("template"), max_length=40)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    body = models.CharField(_("message"), max_length=500)
    # What it is about, so that the same is not written twice: "appointment 12 v3".
    about = models.CharField(max_length=60, unique=True, db_collation="C")
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    # While the sender has it: since when.
    taken_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("why not"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked for"))
    asked_by = models.ForeignKey(Staff, verbose_name=_("by"), on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="queued", sent_at=None, next_try_at__isnull=False)
                | models.Q(state="sent", sent_at__isnull=False, next_try_at=None)
                | models.Q(state="failed", sent_at=None, next_try_at=None),
                name="message_state_and_times",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_at=None) | models.Q(state="queued"), name="message_taken_while_queued"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "state", "-id"], name="message_branch"),
            models.Index(fields=["branch", "-id"], name="message_newest"),
            models.Index(fields=["next_try_at"], condition=models.Q(state="queued"), name="message_waiting"),
        ]

    def __str__(self) -> str:
        """Return what it is about; neither number nor text."""
        return self.about
