"""Treatments as they are filed, moved and cancelled."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.models import Project, Staff
from consultations.forms.fields import DayInput, VersionedForm
from consultations.models import DealLine, Treatment


class PackageField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A package with what is left of it; a project bought once is a package of one."""

    def label_from_instance(self, obj: Any) -> str:
        """Return project and sessions left."""
        return ngettext(
            "%(project)s, %(left)s of %(sessions)s session left",
            "%(project)s, %(left)s of %(sessions)s sessions left",
            obj.sessions,
        ) % {"project": obj.project, "left": obj.left, "sessions": obj.sessions}


class ProjectField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A project of a branch; with its branch when it is another's, whose projects have the same names."""

    branch_id: int | None = None

    def label_from_instance(self, obj: Any) -> str:
        """Return its name, and its branch when that is another."""
        return str(obj) if obj.department.branch_id == self.branch_id else f"{obj} · {obj.department.branch}"


class DoctorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A doctor with the department she works in: she may treat in the place of another department's."""

    def label_from_instance(self, obj: Any) -> str:
        """Return her name, and her department."""
        return f"{obj} · {obj.department}" if obj.department_id else str(obj)


class TreatmentForm(forms.Form):
    """A treatment as it is filed at a branch. `lines`: what the visitor bought and has sessions left of."""

    project = ProjectField(label=_("Project"), queryset=Project.objects.none())
    doctor = DoctorField(label=_("Doctor"), queryset=Staff.objects.none())
    treated_on = forms.DateField(label=_("Date"), widget=DayInput)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[(Treatment.State.PLANNED.value, _("Planned")), (Treatment.State.DONE.value, _("Done"))],
        widget=forms.RadioSelect,
        initial=Treatment.State.PLANNED.value,
    )
    notes = forms.CharField(label=_("Remarks"), max_length=500, required=False)

    def __init__(
        self,
        *args: Any,
        offered: QuerySet[Project],
        branch_id: int,
        doctors: QuerySet[Staff],
        lines: QuerySet[DealLine] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("project", offered), ("doctor", doctors)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        self.fields["project"].branch_id = branch_id  # type: ignore[attr-defined]
        if lines is not None:
            self.fields["deal_line"] = PackageField(
                label=_("Session of a package"), queryset=lines, required=False, empty_label=_("no package")
            )
            self.fields["deal_line"].error_messages["invalid_choice"] = _(
                "No session of this package is left, or its deal was changed meanwhile. Choose again."
            )


class ChangeTreatmentForm(VersionedForm):
    """Another day, another doctor, other notes.

    It carries what it was drawn with as well: what somebody else changed meanwhile, and this form did not, stays.
    """

    treated_on = forms.DateField(label=_("Date"), widget=DayInput, show_hidden_initial=True)
    doctor = DoctorField(label=_("Doctor"), queryset=Staff.objects.none(), show_hidden_initial=True)
    notes = forms.CharField(label=_("Remarks"), max_length=500, required=False, show_hidden_initial=True)

    def __init__(self, *args: Any, doctors: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["doctor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = doctors

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was typed other than it was drawn; only after `is_valid`."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "version"}


def drawn_with(treatment: Treatment) -> dict[str, object]:
    """Return what the form of a change shows first; its version stands where the treatment is drawn anew."""
    return {"treated_on": treatment.treated_on, "doctor": treatment.doctor_id, "notes": treatment.notes}


class CancelTreatmentForm(VersionedForm):
    """Why a treatment does not take place."""

    reason = forms.CharField(label=_("Why is it cancelled?"), max_length=200)
