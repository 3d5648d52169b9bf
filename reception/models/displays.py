"""The screens in the waiting room, and how they name people."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Staff


class WaitingRoom(models.Model):
    """What a branch shows on its screens of the people it calls."""

    class Names(models.TextChoices):
        MASKED = "masked", _("Masked: 王*美")
        FULL = "full", _("In full")
        NONE = "none", _("The number alone")

    branch = models.OneToOneField(Branch, on_delete=models.CASCADE, related_name="+", primary_key=True)
    names = models.CharField(_("names on the screen"), max_length=6, choices=Names, default=Names.MASKED)

    class Meta:
        verbose_name = _("waiting room")
        verbose_name_plural = _("waiting rooms")

    def __str__(self) -> str:
        """Return how names are shown."""
        return self.get_names_display()


class Display(models.Model):
    """A screen. It is known by a token that only it has; here stands its hash. Unpaired it shows a code for a while."""

    token_hash = models.CharField(max_length=64, unique=True, db_collation="C")
    code = models.CharField(max_length=6, blank=True, db_collation="C")
    asked_at = models.DateTimeField()
    # By whom, as a hash; not from when it was paired.
    asked_from = models.CharField(max_length=64, blank=True, db_default="", default="", editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("where it hangs"), max_length=60, blank=True)
    paired_at = models.DateTimeField(_("paired"), null=True)
    paired_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(_("taken off"), null=True)
    seen_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        verbose_name = _("waiting-room screen")
        verbose_name_plural = _("waiting-room screens")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~models.Q(code=""), name="display_code_once"),
            models.CheckConstraint(
                condition=models.Q(paired_at=None, branch=None)
                | models.Q(paired_at__isnull=False, branch__isnull=False, code=""),
                name="display_paired_to_a_branch",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["branch", "-id"], name="display_branch")]

    def __str__(self) -> str:
        """Return where it hangs."""
        return self.name
