"""The day of the register: what was signed, the closing, what was amended after it, and interference at the desk."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Branch, Department, Staff
from clinic.models.append_only import append_only
from clinic.roles import Capability, Role
from reception.models.visits import Visit


class Party(models.TextChoices):
    """The four parties who verify a day and sign it (R3)."""

    CONSULTANTS = "consultants", _("On-site consultants")
    PHONE = "phone", _("Phone and online")
    DESK = "desk", _("Front desk")
    MARKETING = "marketing", _("Marketing")


# Who may sign for which party. Marketing has no role of its own: its manager signs.
SIGNERS: dict[Party, frozenset[Role]] = {
    Party.CONSULTANTS: frozenset({Role.CONSULTANT, Role.CONSULTING_SUPERVISOR}),
    Party.PHONE: frozenset({Role.PHONE_AGENT, Role.CUSTOMER_SERVICE, Role.SERVICE_SUPERVISOR}),
    Party.DESK: frozenset({Role.RECEPTION, Role.DESK_SUPERVISOR}),
    Party.MARKETING: frozenset({Role.MANAGER}),
}


class RegisterSheet(models.Model):
    """The register of a day as it was when somebody signed it, closed it or amended it. Append-only by trigger.

    `rows` is all the register says, visit by visit, `hash` its SHA-256. `last_number` is the last queue number on it:
    whoever comes later is not on this sheet.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    number = models.PositiveIntegerField(_("version"))
    rows = models.JSONField()
    hash = models.CharField(max_length=64, db_collation="C")
    last_number = models.PositiveIntegerField()
    taken_at = models.DateTimeField(_("taken"))

    class Meta:
        verbose_name = _("register sheet")
        verbose_name_plural = _("register sheets")
        ordering = ["branch", "day", "number"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "day", "number"], name="register_sheet_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["branch", "day", "hash"], name="register_sheet_content")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return day and version."""
        return f"{self.day.isoformat()} {self.number}"


class DaySignature(models.Model):
    """Somebody has verified a sheet for a party and signed it. It counts while the register says what it said then."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    party = models.CharField(_("party"), max_length=11, choices=Party)
    sheet = models.ForeignKey(RegisterSheet, on_delete=models.PROTECT, related_name="signatures")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature of a day")
        verbose_name_plural = _("signatures of days")
        ordering = ["branch", "day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "party"], name="day_signed_once_for_a_party"),
            models.UniqueConstraint(fields=["sheet", "staff"], name="day_signed_by_four_people"),
        ]
        indexes: ClassVar = [models.Index(fields=["branch", "day"], name="day_signature_day")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return day and party."""
        return f"{self.day.isoformat()} {self.party}"

    @property
    def last(self) -> str:
        """The last queue number that was signed, as people say it."""
        return f"{self.sheet.last_number:03d}"


class DayClose(models.Model):
    """A day that four parties have signed and that is closed: its sheet changes only by amendment (R4).

    That four different people signed this very sheet is checked by the database. Who is registered after it stands on
    no signed sheet until four have signed the longer one and the day is closed once more, up to a later number.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    sheet = models.OneToOneField(RegisterSheet, on_delete=models.PROTECT, related_name="closing")
    last_number = models.PositiveIntegerField()
    closed_at = models.DateTimeField(_("closed"))
    closed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("closing of a day")
        verbose_name_plural = _("closings of days")
        ordering = ["branch", "day"]
        constraints = [models.UniqueConstraint(fields=["branch", "day", "last_number"], name="day_closed_once_so_far")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return the day."""
        return self.day.isoformat()


# The two approvals an amendment needs, and when one waits for them.
SUPERVISOR, HEAD = "supervisor", "head"
AMENDMENT_WAITS = models.Q(applied_at=None, refused_at=None)


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Amendments by what has become of them."""

    def waiting(self) -> Self:
        """Return those that are neither applied nor refused."""
        return self.filter(AMENDMENT_WAITS)

    def waiting_for(self, staff: Staff) -> Self:
        """Return those that wait for an approval of this person, as `Amendment.may_decide` says it of one."""
        hers = models.Q(department__head=staff, head=None)
        if staff.may(Capability.SUPERVISE_DAY):
            hers |= models.Q(supervisor=None)
        return self.waiting().filter(hers).exclude(author=staff).exclude(supervisor=staff).exclude(head=staff)


class Amendment(models.Model):
    """A change to an entry of a closed day (R4): proposed, approved by two who are not its author, then applied.

    `before` and `after` are the columns of the visit that change (and `projects`, by number); `words` the names of
    people and projects in them. What may still change here, and when, is kept by the database.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="amendments")
    before = models.JSONField()
    after = models.JSONField()
    words = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=300)
    department = models.ForeignKey(
        Department, verbose_name=_("department concerned"), on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(Staff, verbose_name=_("author"), on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    supervisor = models.ForeignKey(
        Staff, verbose_name=_("supervisor"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    supervisor_at = models.DateTimeField(null=True)
    head = models.ForeignKey(
        Staff, verbose_name=_("head of department"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    head_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(_("refused"), null=True)
    refused_reason = models.CharField(max_length=300, blank=True)
    applied_at = models.DateTimeField(_("applied"), null=True)
    closing = models.ForeignKey(DayClose, on_delete=models.PROTECT, null=True, related_name="amendments")
    sheet = models.OneToOneField(RegisterSheet, on_delete=models.PROTECT, null=True, related_name="amendment")
    # The entry that was made again for this one, which became void: whom it was for had been mistaken.
    entered = models.OneToOneField(Visit, on_delete=models.PROTECT, null=True, related_name="entered_by")
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, db_default="", default="", editable=False)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(supervisor=None) | ~models.Q(supervisor=models.F("author")),
                name="amendment_supervisor_is_not_the_author",
            ),
            models.CheckConstraint(
                condition=models.Q(head=None) | ~models.Q(head=models.F("author")),
                name="amendment_head_is_not_the_author",
            ),
            models.CheckConstraint(
                condition=models.Q(head=None) | models.Q(supervisor=None) | ~models.Q(head=models.F("supervisor")),
                name="amendment_approved_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(supervisor__isnull=True, supervisor_at__isnull=True)
                | models.Q(supervisor__isnull=False, supervisor_at__isnull=False),
                name="amendment_supervisor_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(head__isnull=True, head_at__isnull=True)
                | models.Q(head__isnull=False, head_at__isnull=False),
                name="amendment_head_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(applied_at=None)
                | models.Q(
                    supervisor__isnull=False,
                    head__isnull=False,
                    closing__isnull=False,
                    sheet__isnull=False,
                    refused_at=None,
                ),
                name="amendment_applied_when_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(entered=None) | models.Q(applied_at__isnull=False),
                name="amendment_enters_when_applied",
            ),
            models.CheckConstraint(
                condition=models.Q(refused_at__isnull=True, refused_by__isnull=True, refused_reason="")
                | (models.Q(refused_at__isnull=False, refused_by__isnull=False) & ~models.Q(refused_reason="")),
                name="amendment_refused_with_reason",
            ),
            models.UniqueConstraint(
                fields=["visit"],
                condition=AMENDMENT_WAITS,
                name="amendment_one_waits_for_a_visit",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["branch", "-id"], name="amendment_branch"),
            models.Index(fields=["branch", "day"], name="amendment_day"),
            models.Index(
                fields=["branch"],
                condition=AMENDMENT_WAITS,
                name="amendment_waiting",
            ),
        ]

    def __str__(self) -> str:
        """Return the day and the entry's number."""
        return f"{self.day.isoformat()} {self.visit}"

    @property
    def waits(self) -> bool:
        """Whether it is neither applied nor refused."""
        return self.applied_at is None and self.refused_at is None

    def is_post_of(self, part: str, staff: Staff) -> bool:
        """Whether this approval belongs to the post of this person: a supervisor, the head of the department."""
        return self.department.head_id == staff.pk if part == HEAD else staff.may(Capability.SUPERVISE_DAY)

    def may_decide(self, part: str, staff: Staff) -> bool:
        """Whether this approval is missing and hers to give: not by who proposed it or gave the other one."""
        given = self.head_id if part == HEAD else self.supervisor_id
        taken = staff.pk in (self.author_id, self.supervisor_id, self.head_id)
        return self.waits and given is None and not taken and self.is_post_of(part, staff)

    def may_refuse(self, staff: Staff) -> bool:
        """Whether it waits and is hers to refuse; its author withdraws it so."""
        hers = staff.pk == self.author_id or any(self.is_post_of(part, staff) for part in (SUPERVISOR, HEAD))
        return self.waits and hers


class Interference(models.Model):
    """Somebody interfered at the desk (R5): told by whom, when, how; counted for each person. Append-only."""

    class Kind(models.TextChoices):
        OPERATED = "operated", _("Operated the desk's computer")
        ORDER = "order", _("Pressed for another order or consultant")
        VISITOR = "visitor", _("Took a visitor away from the desk")
        REGISTER = "register", _("Wrote or wanted something changed in the register")
        OTHER = "other", _("Something else")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    person = models.ForeignKey(Staff, verbose_name=_("who interfered"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("what was done"), max_length=8, choices=Kind)
    note = models.CharField(pgettext_lazy("interference", "what happened"), max_length=300)
    count = models.PositiveIntegerField(_("times so far"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    request_content = models.CharField(max_length=64, blank=True, db_default="", default="", editable=False)

    class Meta:
        verbose_name = _("interference at the desk")
        verbose_name_plural = _("interference at the desk")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "person", "count"], name="interference_counted_once"),
            models.CheckConstraint(condition=~models.Q(person=models.F("recorded_by")), name="interference_by_another"),
        ]
        indexes: ClassVar = [models.Index(fields=["branch", "day"], name="interference_day")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return day and count."""
        return f"{self.day.isoformat()} {self.count}"
