"""Notices that a consultant did not heed and the front desk was told of."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from reception.models import Visit


class UnheededNotice(models.Model):
    """The desk has seen that somebody waits unseen: once for each time the visit was given to the consultant."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="+", db_index=False)
    given_at = models.DateTimeField(_("allocated"))
    consultant = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(_("seen"))
    seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("notice passed on to the desk")
        verbose_name_plural = _("notices passed on to the desk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "given_at"], name="unheeded_notice_once"),
        ]

    def __str__(self) -> str:
        """Return whom it was for."""
        return f"{self.visit_id} {self.consultant_id}"
