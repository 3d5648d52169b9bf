"""Cards that visitors fill in themselves: the invitation to one, the screens for it, and what waits at the desk."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff
from reception.models.visits import Visit


class KioskDevice(models.Model):
    """A screen in the hall where visitors fill in their cards. Its browser holds a token; here is only the hash."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("where it stands"), max_length=40)
    token_hash = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(_("started"))
    started_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("ended"), null=True)
    revoked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("kiosk")
        verbose_name_plural = _("kiosks")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["branch", "-id"], name="kiosk_branch")]

    def __str__(self) -> str:
        """Return where it stands."""
        return self.label


class IntakeInvitation(models.Model):
    """A code for one card of one visit at one desk; the code itself is not kept, only its hash."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("invitation to a card")
        verbose_name_plural = _("invitations to cards")
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="invitation_expires")]

    def __str__(self) -> str:
        """Return when it was made."""
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class IntakeCard(models.Model):
    """What a visitor filled in, until the desk takes it over. `answers` are emptied when they are no longer needed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting at the desk")
        TAKEN = "taken", _("Taken over")
        REGISTERED = "registered", _("Registered")
        DROPPED = "dropped", _("Put aside")

    OPEN_STATES: ClassVar = (State.WAITING, State.TAKEN)

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    invitation = models.OneToOneField(IntakeInvitation, on_delete=models.PROTECT, null=True, related_name="card")
    kiosk = models.ForeignKey(KioskDevice, on_delete=models.PROTECT, null=True, related_name="+")
    request_key = models.UUIDField(null=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, db_default="", default="", editable=False)
    submitted_at = models.DateTimeField(_("sent"))
    answers = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    version = models.PositiveIntegerField(default=1)
    taken_at = models.DateTimeField(_("taken over"), null=True)
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, null=True, related_name="+")
    emptied_at = models.DateTimeField(_("emptied"), null=True)

    class Meta:
        verbose_name = _("card filled in by a visitor")
        verbose_name_plural = _("cards filled in by visitors")
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(invitation__isnull=False, kiosk=None)
                | models.Q(invitation=None, kiosk__isnull=False),
                name="intake_card_from_phone_or_kiosk",
            ),
            models.CheckConstraint(
                condition=models.Q(state="registered", visit__isnull=False)
                | (~models.Q(state="registered") & models.Q(visit=None)),
                name="intake_card_registered_with_visit",
            ),
            models.CheckConstraint(
                condition=models.Q(emptied_at=None) | models.Q(answers={}), name="intake_card_emptied_is_empty"
            ),
            models.UniqueConstraint(fields=["request_key", "request_content"], name="intake_card_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["branch", "id"],
                condition=models.Q(state__in=["waiting", "taken"]),
                name="intake_card_open",
            ),
            models.Index(fields=["submitted_at"], condition=models.Q(emptied_at=None), name="intake_card_to_empty"),
        ]

    def __str__(self) -> str:
        """Return when it was sent."""
        return f"{self.submitted_at:%Y-%m-%d %H:%M}"


class PublicRequests(models.Model):
    """How often something was asked for from outside in a span of time; whose it was is kept as a hash only."""

    subject = models.CharField(max_length=64)
    span_at = models.DateTimeField()
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("requests from outside")
        verbose_name_plural = _("requests from outside")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "span_at"], name="public_requests_once_a_span")
        ]
        indexes: ClassVar = [models.Index(fields=["span_at"], name="public_requests_span")]

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)
