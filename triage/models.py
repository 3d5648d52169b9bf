"""Policies, boards, the ledger and the decisions."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Branch, Department, Job, Staff
from clinic.models.append_only import append_only
from reception.models import Visit


class Policy(models.Model):
    """A version of the rules of a branch, valid from the opening of a day."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField(_("version"))
    starts_on = models.DateField(_("starts on"))
    preset = models.CharField(_("preset"), max_length=20)
    settings = models.JSONField(default=dict, help_text=_("Only what differs from the preset."))
    reason = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["branch", "-starts_on", "-version"]
        constraints = [models.UniqueConstraint(fields=["branch", "version"], name="policy_version_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return preset and version."""
        return f"{self.preset} v{self.version}"


class Board(models.Model):
    """轮排表: one desk's rotation for one day. `state` is the folded ledger up to `sequence`, nothing more."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="boards")
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="boards",
        help_text=_("Empty: front desk"),
    )
    desk = models.CharField(_("desk"), max_length=20, default="front")
    day = models.DateField(_("day"))
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="boards")
    sequence = models.PositiveIntegerField(default=0)
    state = models.JSONField(default=dict)
    last_hash = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ["-day", "desk"]
        constraints = [models.UniqueConstraint(fields=["branch", "desk", "day"], name="board_once_a_day")]
        triggers: ClassVar = [
            # What a day was opened with is what its ledger was decided under.
            pgtrigger.ReadOnly(
                name="board_opening_stands",
                fields=["branch", "department", "desk", "day", "policy", "opened_at", "opened_by"],
            ),
            pgtrigger.Protect(name="board_stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        """Return desk and day."""
        return f"{self.desk} {self.day}"


@pghistory.track()
class TeamMember(models.Model):
    """大组成员: a place in a team of a desk. Boards opened under team rules seat the teams by number.

    `sister` takes her visitors while she is off: the same role in the sister pair.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="team_members")
    desk = models.CharField(_("desk"), max_length=20, default="front")
    team = models.PositiveSmallIntegerField(_("team"))
    position = models.PositiveSmallIntegerField(_("place in the team"))
    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="team_place")
    sister = models.ForeignKey(
        Staff, verbose_name=_("sister"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("teams")
        ordering = ["branch", "desk", "team", "position"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "desk", "team", "position"], name="team_place_once"),
            models.CheckConstraint(condition=models.Q(team__gte=1, position__gte=1), name="team_counts_from_one"),
            models.CheckConstraint(condition=~models.Q(sister=models.F("staff")), name="team_sister_is_another"),
        ]

    def __str__(self) -> str:
        """Return the team and the person."""
        return f"{self.team}.{self.position} {self.staff_id}"


class LedgerEntry(models.Model):
    """One thing that happened on a board. Append-only by trigger, chained by hash; the board is its fold."""

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="ledger_entries")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    corrects = models.PositiveIntegerField(null=True)
    body = models.JSONField(encoder=DjangoJSONEncoder)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["board", "sequence"]
        constraints = [models.UniqueConstraint(fields=["board", "sequence"], name="ledger_sequence_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return number and kind."""
        return f"{self.sequence} {self.kind}"


class Decision(models.Model):
    """Why a visit went where it went: the facts as they were, the policy, the answer and its trace. Append-only."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="decisions")
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="decisions")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(null=True, help_text=_("The ledger entry that carried it out."))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    consultant = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=4)
    outcome = models.CharField(max_length=10)
    facts = models.JSONField()
    answer = models.JSONField()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["visit", "id"]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return rule and outcome."""
        return f"{self.rule} {self.outcome}"


class Rehearsal(models.Model):
    """Past days of a desk played again under other rules: what would have been, beside what was."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="rehearsals")
    desk = models.CharField(_("desk"), max_length=20)
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("Empty: a draft")
    )
    preset = models.CharField(_("preset"), max_length=20)
    settings = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        """Return desk and days."""
        return f"{self.desk} {self.first_on} – {self.last_on}"
