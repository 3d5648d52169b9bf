"""Which forms have to be signed before a treatment, as the hospital wrote it down."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Department, Project
from consultations.models.signed_forms import SignedForm


class FormNeed(models.Model):
    """The forms of one project, or of all projects of a department that have no list of their own."""

    project = models.OneToOneField(
        Project, verbose_name=_("project"), on_delete=models.CASCADE, null=True, related_name="form_need"
    )
    department = models.OneToOneField(
        Department, verbose_name=_("department"), on_delete=models.CASCADE, null=True, related_name="form_need"
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=SignedForm.Kind), verbose_name=_("forms"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("forms to be signed")
        verbose_name_plural = _("forms to be signed")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(project=None, department__isnull=False)
                | models.Q(project__isnull=False, department=None),
                name="form_need_of_one",
            ),
        ]

    def __str__(self) -> str:
        """Return the forms."""
        return ", ".join(self.kinds)
