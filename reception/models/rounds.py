"""Opening and closing rounds: check lists in versions, and what was ticked on a day. All of it is append-only."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Staff
from clinic.models.append_only import append_only


class RoundList(models.Model):
    """A version of a check list; the newest whose day has come is the one in force."""

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening round")
        CLOSING = "closing", _("Closing round")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    version = models.PositiveIntegerField(_("version"))
    starts_on = models.DateField(_("in force from"))
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("check list of a round")
        verbose_name_plural = _("check lists of rounds")
        ordering = ["branch", "kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["branch", "kind", "version"], name="round_list_version_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return which round, and the version."""
        return f"{self.get_kind_display()} {self.version}"


class RoundItem(models.Model):
    """One thing to look at on a round."""

    list = models.ForeignKey(RoundList, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("what to look at"), max_length=80)

    class Meta:
        verbose_name = _("item of a check list")
        verbose_name_plural = _("items of check lists")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["list", "position"], name="round_item_position_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return what to look at."""
        return self.text


class RoundTick(models.Model):
    """What somebody noted about an item on a day; the newest note counts, the earlier ones stay."""

    class State(models.TextChoices):
        DONE = "done", _("In order")
        WRONG = "wrong", _("Something is wrong")
        TAKEN_BACK = "taken_back", pgettext_lazy("tick", "Taken back")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    item = models.ForeignKey(RoundItem, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("tick of a round")
        verbose_name_plural = _("ticks of rounds")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(state="wrong") | ~models.Q(remark=""), name="round_tick_remark"),
        ]
        indexes: ClassVar = [models.Index(fields=["branch", "day", "item"], name="round_tick_day")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the state."""
        return self.get_state_display()
