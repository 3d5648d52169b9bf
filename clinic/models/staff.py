"""The people who work here and sign in."""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.organisation import Branch, Department, Project
from clinic.roles import Capability, Role, capabilities_of


class StaffManager(BaseUserManager["Staff"]):
    """Makes staff accounts; `createsuperuser` makes the first manager of an empty system."""

    def create_user(self, login_name: str, password: str | None = None, **fields: Any) -> "Staff":
        """Create and return a person with a hashed password (None: cannot sign in)."""
        staff = self.model(login_name=login_name, **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, login_name: str, password: str | None = None, **fields: Any) -> "Staff":
        """Create and return a person who has every role's capabilities."""
        return self.create_user(login_name, password, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login", "notice_sound", "notice_desktop", "notice_title"])
class Staff(AbstractBaseUser, PermissionsMixin):
    """员工: a person with a login name. Roles are groups; what they allow stands in `clinic.roles`."""

    # What the audit log calls her by.
    named_by = "display_name"

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the computer")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class TextSize(models.TextChoices):
        NORMAL = "normal", _("Normal")
        LARGE = "large", _("Large")
        LARGER = "larger", _("Larger")

    login_name = models.CharField(_("login name"), max_length=40, unique=True)
    display_name = models.CharField(_("name"), max_length=50)
    name_key = models.CharField(_("pinyin"), max_length=120, blank=True, db_collation="C")
    phone_extension = models.CharField(_("extension"), max_length=10, blank=True)
    room = models.CharField(_("room"), max_length=20, blank=True)
    branch = models.ForeignKey(Branch, verbose_name=_("branch"), on_delete=models.PROTECT, related_name="staff")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, null=True, blank=True, related_name="staff"
    )
    active_from = models.DateField(_("works here from"))
    active_until = models.DateField(_("works here until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", verbose_name=_("successor"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope = models.ManyToManyField(Project, verbose_name=_("scope"), blank=True, related_name="+")
    excluded = models.ManyToManyField(Project, verbose_name=_("excluded projects"), blank=True, related_name="+")
    dedicated = models.ManyToManyField(Project, verbose_name=_("dedicated projects"), blank=True, related_name="+")
    stand_in = models.ForeignKey(
        "self", verbose_name=_("stand-in"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    text_size = models.CharField(_("text size"), max_length=6, choices=TextSize, default=TextSize.NORMAL)
    # How she is told of somebody who waits for her; the switches follow her to every computer.
    notice_sound = models.BooleanField(_("sound"), default=True, db_default=True)
    notice_desktop = models.BooleanField(_("desktop notice"), default=True, db_default=True)
    notice_title = models.BooleanField(_("number in the tab title"), default=True, db_default=True)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS = ["display_name", "branch", "active_from"]

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["name_key", "login_name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(active_until=None) | models.Q(active_until__gte=models.F("active_from")),
                name="staff_active_dates",
            )
        ]

    def __str__(self) -> str:
        """Return the name colleagues use."""
        return self.display_name

    def works_on(self, day: date) -> bool:
        """Say whether the person belongs to the hospital on a day."""
        return self.active_from <= day and (self.active_until is None or day <= self.active_until)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """Return the roles, read once per request."""
        known = {role.value for role in Role}
        return frozenset(Role(name) for name in self.groups.values_list("name", flat=True) if name in known)

    @cached_property
    def capabilities(self) -> frozenset[Capability]:
        """Return all that the person may do."""
        return frozenset(Capability) if self.is_superuser else capabilities_of(self.roles)

    @property
    def notice_kinds(self) -> str:
        """Return how she wants to be told of a new visitor, as words with spaces between: sound desktop title."""
        kinds = {"sound": self.notice_sound, "desktop": self.notice_desktop, "title": self.notice_title}
        return " ".join(kind for kind, on in kinds.items() if on)

    def may(self, capability: Capability) -> bool:
        """Say whether the person has one capability."""
        return capability in self.capabilities
