"""What visitors are asked to agree to, in the words of a version, and what they answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from clinic.models.append_only import append_only
from clinic.words import reads_chinese
from reception.models.visitors import Visitor


class ConsentText(models.Model):
    """The words of one consent from a day on. A version is never changed: a new one follows it."""

    class Kind(models.TextChoices):
        DATA = "data", _("Handling of personal data")
        SENSITIVE = "sensitive", _("Handling of sensitive data: health, id number")
        PHOTOGRAPHS = "photographs", _("Photographs for the file")
        MESSAGES = "messages", _("Messages after the visit")

    kind = models.CharField(_("consent"), max_length=11, choices=Kind)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("Chinese text"), max_length=4000)
    text_en = models.TextField(_("English text"), max_length=4000)
    starts_on = models.DateField(_("valid from"))
    made_at = models.DateTimeField(_("written on"))
    made_by = models.ForeignKey(
        Staff, verbose_name=_("written by"), on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        ordering = ["kind", "-version"]
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="consent_text_version_once")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return kind and version."""
        return f"{self.get_kind_display()} v{self.version}"

    @property
    def words(self) -> str:
        """Return the text in the language of the reader."""
        return self.text if reads_chinese() else self.text_en


class Via(models.TextChoices):
    """By which way a visitor's own answers came to us."""

    DESK = "desk", _("at the desk")
    PHONE = "phone", _("on her own phone")
    KIOSK = "kiosk", _("at the kiosk")


class Consent(models.Model):
    """What a visitor answered to one version of a text. Append-only: the newest of a kind counts."""

    class Answer(models.TextChoices):
        GIVEN = "given", _("Agreed")
        REFUSED = "refused", pgettext_lazy("consent", "Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="consents", db_index=False)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=9, choices=Answer)
    via = models.CharField(_("how it was said"), max_length=5, choices=Via)
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["visitor", "-id"], name="consent_visitor")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return text and answer."""
        return f"{self.text} {self.answer}"
