"""What a visitor signed on paper, or refused to sign: noted with the day and who saw it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Project, Staff
from clinic.models.append_only import append_only
from consultations.models.consultations import Consultation
from consultations.models.treatments import Treatment
from reception.models import Visitor


class SignedForm(models.Model):
    """One form put before a visitor, and her answer. Append-only: the newest of a kind and treatment counts."""

    class Kind(models.TextChoices):
        TREATMENT = "treatment", _("Consent to the treatment")
        ANAESTHESIA = "anaesthesia", _("Consent to the anaesthesia")
        PHOTOGRAPHS = "photographs", _("Photographs before and after")
        NO_PREGNANCY = "no_pregnancy", _("No pregnancy for six months after botulinum toxin")
        CARE_SESSION = "care_session", _("Care session received")
        DISCHARGE = "discharge", _("Advice at discharge")

    class Answer(models.TextChoices):
        SIGNED = "signed", _("Signed")
        REFUSED = "refused", pgettext_lazy("form", "Refused, and signed for that")

    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="signed_forms", db_index=False)
    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, null=True, blank=True, related_name="signed_forms"
    )
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, null=True, blank=True, related_name="signed_forms"
    )
    project = models.ForeignKey(
        Project, verbose_name=_("project"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(_("form"), max_length=12, choices=Kind)
    answer = models.CharField(_("answer"), max_length=7, choices=Answer)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("time"))
    staff = models.ForeignKey(Staff, verbose_name=_("witness"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("signed form")
        verbose_name_plural = _("signed forms")
        ordering = ["-id"]
        indexes: ClassVar = [models.Index(fields=["visitor", "kind", "-id"], name="signed_form_visitor")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        """Return form and answer."""
        return f"{self.kind} {self.answer}"
