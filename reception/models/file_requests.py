"""Archive requests: the paper file of a visitor who comes again, on its way from the file room and back."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only
from reception.models.visitors import Visitor
from reception.models.visits import Visit


class FileRequest(models.Model):
    """调档: the file room is asked for the file of a visitor who is here; once a visit."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("file", "Asked for")
        FOUND = "found", pgettext_lazy("file", "Found")
        BROUGHT = "brought", pgettext_lazy("file", "On its way")
        DELIVERED = "delivered", pgettext_lazy("file", "Delivered")
        NOT_FOUND = "not_found", pgettext_lazy("file", "Not found")
        RETURNED = "returned", pgettext_lazy("file", "Back in the file room")
        NOT_NEEDED = "not_needed", pgettext_lazy("file", "Not needed")

    # From where a file comes to where.
    NEXT: ClassVar[dict[str, tuple[str, ...]]] = {
        State.ASKED: (State.FOUND, State.NOT_FOUND, State.NOT_NEEDED),
        State.FOUND: (State.BROUGHT, State.NOT_FOUND, State.NOT_NEEDED),
        State.BROUGHT: (State.DELIVERED, State.NOT_FOUND, State.RETURNED),
        State.DELIVERED: (State.RETURNED,),
        State.NOT_FOUND: (State.FOUND, State.NOT_NEEDED),
    }
    # What the file room still has to do something about; a delivered file it waits for.
    WORK: ClassVar = (State.ASKED, State.FOUND, State.BROUGHT, State.NOT_FOUND)
    # From where it may be asked for again: the file is neither on its way nor here.
    AGAIN: ClassVar = (State.NOT_NEEDED, State.RETURNED, State.NOT_FOUND)

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="file_request")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    where_to = models.CharField(_("needed where"), max_length=40, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        Staff,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("Nobody: the visit asked by itself."),
    )
    changed_at = models.DateTimeField(_("last step"))

    class Meta:
        verbose_name = _("archive request")
        verbose_name_plural = _("archive requests")
        ordering = ["asked_at", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["branch", "asked_at"],
                condition=models.Q(state__in=["asked", "found", "brought", "not_found", "delivered"]),
                name="file_request_open",
            ),
            models.Index(fields=["branch", "-changed_at"], name="file_request_recent"),
        ]

    def __str__(self) -> str:
        """Return the state."""
        return self.get_state_display()


class FileStep(models.Model):
    """A step of a file, by whom and when. Append-only."""

    request = models.ForeignKey(FileRequest, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(_("state"), max_length=10, choices=FileRequest.State)
    note = models.CharField(_("note"), max_length=100, blank=True)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("step of an archive request")
        verbose_name_plural = _("steps of archive requests")
        ordering = ["id"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the state it came to."""
        return self.get_state_display()
