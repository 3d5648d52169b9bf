"""The papers visitors identify themselves with. The numbers stand apart, so that no list ever loads them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from clinic.models.append_only import append_only
from reception.models.visitors import Visitor


class IdPaper(models.Model):
    """The paper on file of one visitor, or that she would not show one and signed for it."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", _("Resident identity card")
        PASSPORT = "passport", _("Passport")
        HK_MACAU = "hk_macau", _("Travel permit of Hong Kong or Macau residents")
        TAIWAN = "taiwan", _("Travel permit of Taiwan residents")
        FOREIGNER = "foreigner", _("Foreigner's permanent residence card")
        OTHER = "other", _("Another paper")

    visitor = models.OneToOneField(Visitor, on_delete=models.PROTECT, related_name="id_paper", primary_key=True)
    kind = models.CharField(_("kind of paper"), max_length=9, choices=Kind, blank=True)
    number = models.CharField(_("id number"), max_length=30, blank=True, db_collation="C")
    masked = models.CharField(_("id number, masked"), max_length=30, blank=True)
    refused = models.BooleanField(_("would not give it, signed"), default=False)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("id paper")
        verbose_name_plural = _("id papers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "number"], condition=~models.Q(number=""), name="id_paper_of_one_visitor"
            ),
            models.CheckConstraint(
                condition=models.Q(number="") | (~models.Q(kind="") & models.Q(refused=False)),
                name="id_paper_or_refused",
            ),
        ]

    def __str__(self) -> str:
        """Return what may be shown to everybody: the masked number."""
        return self.masked


class IdPaperChange(models.Model):
    """That the paper on file changed: what of it may be shown, by whom and when. Append-only; no number in full."""

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="id_paper_changes", db_index=False)
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of paper"), max_length=9, choices=IdPaper.Kind, blank=True)
    masked = models.CharField(_("id number, masked"), max_length=30, blank=True)
    refused = models.BooleanField(_("would not give it, signed"), default=False)

    class Meta:
        verbose_name = _("change of an id paper")
        verbose_name_plural = _("changes of id papers")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["visitor", "-id"], name="id_paper_change_visitor")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return what may be shown to everybody."""
        return self.masked
