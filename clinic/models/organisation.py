"""Branches, departments and projects."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.words import reads_chinese


def known_time_zone(name: str) -> None:
    """Raise ValidationError unless the name is one of the IANA time zones."""
    if name not in available_timezones():
        raise ValidationError(
            _("%(name)s is not a time zone. Choose one such as Asia/Shanghai."), params={"name": name}
        )


class TwoNames(models.Model):
    """Something that has a Chinese and an English name; it is shown in the reader's language."""

    name = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return the name in the language of the reader."""
        return self.name if reads_chinese() else self.name_en


class Branch(TwoNames):
    """院区: a house of the hospital. Boards, visits and staff belong to it; visitors belong to the whole group."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai", validators=[known_time_zone])
    phone = models.CharField(_("phone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["code"]

    @property
    def zone(self) -> ZoneInfo:
        """Return the branch's time zone."""
        return ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        """Return the branch's day at an instant (aware datetime)."""
        return now.astimezone(self.zone).date()


class BranchHours(models.Model):
    """When a branch is open on a weekday (0 = Monday); no row means closed."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens_at = models.TimeField(_("opens at"))
    closes_at = models.TimeField(_("closes at"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["branch", "weekday"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "weekday"], name="branch_hours_once_a_weekday"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="branch_hours_weekday"),
            models.CheckConstraint(condition=models.Q(closes_at__gt=models.F("opens_at")), name="branch_hours_order"),
        ]

    def __str__(self) -> str:
        """Return weekday number and hours."""
        return f"{self.weekday} {self.opens_at:%H:%M}-{self.closes_at:%H:%M}"


class BranchDay(models.Model):
    """A day that is not as its weekday says: the house is closed for a holiday, or works in exchange for one."""

    class Kind(models.TextChoices):
        CLOSED = "closed", pgettext_lazy("day of a branch", "Closed")
        WORKED = "worked", pgettext_lazy("day of a branch", "Worked in exchange")

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    name = models.CharField(_("what for"), max_length=40)

    class Meta:
        verbose_name = _("day of a branch")
        verbose_name_plural = _("days of a branch")
        ordering = ["branch", "day"]
        constraints = [models.UniqueConstraint(fields=["branch", "day"], name="branch_day_once")]

    def __str__(self) -> str:
        """Return day and name."""
        return f"{self.day} {self.name}"


class Department(TwoNames):
    """A department of a branch; its kind says which plan of call-backs its treatments follow."""

    class Kind(models.TextChoices):
        RECEPTION = "reception", _("Reception")
        CONSULTING = "consulting", _("Consulting")
        SURGERY = "surgery", _("Surgery")
        LASER = "laser", _("Laser")
        NON_INVASIVE = "non_invasive", _("Non-invasive")
        CUSTOMER_SERVICE = "customer_service", _("Customer service")
        PHONE = "phone", _("Phone and online")
        MANAGEMENT = "management", _("Management")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="departments")
    code = models.SlugField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    head = models.ForeignKey(
        "clinic.Staff",
        verbose_name=_("head of department"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="heads",
        help_text=_("Approves amendments of closed days that touch the department (R4)."),
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["branch", "code"]
        constraints = [models.UniqueConstraint(fields=["branch", "code"], name="department_code_once")]


class Project(TwoNames):
    """项目: what a visitor may want. Rank 1 is the most major; a visit is judged by its most major project."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="projects"
    )
    rank = models.PositiveSmallIntegerField(_("rank"))
    offered = models.BooleanField(_("offered here"), default=True)
    list_price = models.DecimalField(
        _("list price (CNY)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    effect_days = models.PositiveSmallIntegerField(
        _("effect shows after (days)"), null=True, blank=True, validators=[MaxValueValidator(365)]
    )

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["rank", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(list_price=None) | models.Q(list_price__gte=0), name="project_list_price"
            )
        ]


class MembershipLevel(TwoNames):
    """会员等级: what a visitor is called once she has spent so much; the whole group has the same levels."""

    from_amount = models.DecimalField(
        _("from (CNY)"),
        max_digits=12,
        decimal_places=2,
        unique=True,
        help_text=_("Whoever has paid so much, less what was given back, has this level."),
        error_messages={"unique": _("Another level begins at this amount.")},
    )

    class Meta:
        verbose_name = _("membership level")
        verbose_name_plural = _("membership levels")
        ordering = ["from_amount"]
        constraints = [
            models.CheckConstraint(condition=models.Q(from_amount__gt=0), name="membership_level_from_something"),
        ]
