"""Visitors, and the keys they are found by."""

from datetime import date
from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Branch, MembershipLevel, Staff


class Standing(models.TextChoices):
    """What a visitor has done with us so far; the triage rules read it (C2–C4)."""

    NEW = "new", _("Never consulted")
    NO_DEAL = "no_deal", _("Consulted, no deal")
    DEPOSIT = "deposit", _("Deposit paid")
    PAID = "paid", _("Paid")
    TREATED = "treated", _("Treated")


def full_years(birth_on: date | None, day: date) -> int | None:
    """Return the age in full years on a day; None when the birth date is not known."""
    if birth_on is None:
        return None
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def known_age(birth_on: date | None, birth_year: int | None, day: date) -> int | None:
    """Return the age on a day: in full years by the birth date, else about so many; None when neither is known."""
    if birth_on is None and birth_year is not None:
        return max(0, day.year - birth_year)
    return full_years(birth_on, day)


class CalledBefore(models.TextChoices):
    """Whether she had called or written before she came, as she says."""

    YES = "yes", _("Yes, she called before")
    NO = "no", _("No, this is the first contact")
    UNKNOWN = "unknown", _("Not told")


@pghistory.track(exclude=["last_visit_on", "level", "merged_into"])
class Visitor(models.Model):
    """顾客: a person; one record for life, known to the whole group of branches.

    A record that turned out to be of somebody already on file is `merged_into` hers; nothing is found by it any more.
    """

    # What the audit log calls her by.
    named_by = "file_number"

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not told")

    file_number = models.CharField(_("file number"), max_length=20, unique=True, db_collation="C")
    name = models.CharField(_("name"), max_length=50)
    phone = PhoneNumberField(_("phone"), blank=True)
    gender = models.CharField(_("gender"), max_length=7, choices=Gender, default=Gender.UNKNOWN)
    birth_on = models.DateField(_("birth date"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        _("born about"), null=True, blank=True, help_text=_("From the age she gave, when the birth date is not known.")
    )
    occupation = models.CharField(_("occupation"), max_length=60, blank=True, db_default="", default="")
    wishes = models.TextField(_("wishes"), max_length=500, blank=True, db_default="", default="")
    called_before = models.CharField(
        _("called before"),
        max_length=7,
        choices=CalledBefore,
        db_default=CalledBefore.UNKNOWN.value,
        default=CalledBefore.UNKNOWN,
    )
    referred_by = models.CharField(_("referrer"), max_length=50, blank=True, db_default="", default="")
    heard_from = models.CharField(_("how they heard of us"), max_length=60, blank=True)
    medical_notes = models.TextField(_("health and allergies"), max_length=2000, blank=True)
    card_declined = models.BooleanField(_("declined to fill in the card"), default=False)
    vip = models.BooleanField(_("VIP"), default=False)
    owner = models.ForeignKey(
        Staff, verbose_name=_("owner"), on_delete=models.PROTECT, null=True, blank=True, related_name="owned_visitors"
    )
    standing = models.CharField(_("standing"), max_length=8, choices=Standing, default=Standing.NEW)
    consulted_by = ArrayField(models.BigIntegerField(), verbose_name=_("consulted by"), default=list, blank=True)
    registered_at = models.DateTimeField(_("first registered"))
    registered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    registered_in = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    last_visit_on = models.DateField(_("last visit"), null=True, blank=True)
    level = models.ForeignKey(
        MembershipLevel,
        verbose_name=_("membership level"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="merged_records",
    )

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        ordering = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-last_visit_on"], name="visitor_owner_recent"),
            models.Index(fields=["merged_into"], name="visitor_merged", condition=models.Q(merged_into__isnull=False)),
            models.Index(fields=["birth_on"], name="visitor_born", condition=models.Q(birth_on__isnull=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")),
                name="visitor_not_merged_into_herself",
            ),
            models.CheckConstraint(
                condition=models.Q(birth_on=None) | models.Q(birth_year=None), name="visitor_born_on_or_about"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="keys_follow_last_visit",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("last_visit_on"),
                condition=pgtrigger.Condition("OLD.last_visit_on IS DISTINCT FROM NEW.last_visit_on"),
                func=(
                    "UPDATE reception_visitorkey SET last_on = coalesce(NEW.last_visit_on, NEW.registered_at::date)"
                    " WHERE visitor_id = NEW.id; RETURN NULL;"
                ),
            )
        ]

    def __str__(self) -> str:
        """Return the name as typed."""
        return self.name

    def age_on(self, day: date) -> int | None:
        """Return the age in full years on a day, about so many from a birth year; None when neither is known."""
        return known_age(self.birth_on, self.birth_year, day)


class VisitorKey(models.Model):
    """A way to find a visitor: one row a key.

    Who has the same key stands in the index by her last visit, so that the most recent bearers of a very common name
    are read from it without looking at the others. The database itself keeps `last_on`, whoever writes: it is filled
    when a row comes without it, and follows the visitor's last visit. `merged`: the record, merged into the visitor's,
    that the key comes from.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone digits")
        PHONE_END = "phone_end", _("Phone digits from the end")
        LAST_FOUR = "last_four", _("Last four digits")
        NAME = "name", _("Name")
        GIVEN_NAME = "given_name", _("Given name")
        PINYIN = "pinyin", _("Pinyin")
        INITIALS = "initials", _("Initials")
        START = "start", _("Beginning of a name")
        FILE = "file", _("File number")

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="keys", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind, db_collation="C")
    key = models.CharField(max_length=200, db_collation="C")
    last_on = models.DateField(_("last visit, or first registered"))
    merged = models.ForeignKey(Visitor, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("search key")
        verbose_name_plural = _("search keys")
        constraints = [models.UniqueConstraint(fields=["visitor", "kind", "key"], name="visitor_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["kind", "key", "-last_on", "-visitor"], name="visitor_key_recent"),
            models.Index(fields=["merged"], name="visitor_key_merged", condition=models.Q(merged__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="last_visit_of_a_key",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.last_on IS NULL"),
                func=(
                    "SELECT coalesce(last_visit_on, registered_at::date) INTO NEW.last_on"
                    " FROM reception_visitor WHERE id = NEW.visitor_id; RETURN NEW;"
                ),
            )
        ]

    def __str__(self) -> str:
        """Return kind and key."""
        return f"{self.kind} {self.key}"
