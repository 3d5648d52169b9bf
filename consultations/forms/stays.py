"""What is typed about an in-patient: admission, another bed, what is billed, how she found it, discharge."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Department, Staff
from consultations.forms.fields import VersionedForm
from consultations.forms.treatments import DoctorField
from consultations.models import Stay, StaySatisfaction, Treatment

_MARKS = [(str(mark), str(mark)) for mark in range(5, 0, -1)]


class StayedAfterField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A treatment with its day."""

    def label_from_instance(self, obj: Any) -> str:
        """Return day and project."""
        return f"{obj.treated_on.isoformat()} {obj.project}"


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Expected days"),
        min_value=1,
        max_value=365,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("A whole number from 1 to 365.")),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


def _text(label: Any, most: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.TextInput({"autocomplete": "off"}))


class AdmitForm(forms.Form):
    """Where an in-patient lies, who treats her, what she stays after."""

    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none(), empty_label=None)
    treatment = StayedAfterField(
        label=_("Treatment"), queryset=Treatment.objects.none(), required=False, empty_label=_("none of ours")
    )
    doctor = DoctorField(label=_("Doctor"), queryset=Staff.objects.none())
    ward = _text(pgettext_lazy("stay", "Ward"), 20)
    bed = _text(pgettext_lazy("stay", "Bed"), 10)
    expected_days = _days()

    def __init__(
        self,
        *args: Any,
        departments: QuerySet[Department],
        treatments: QuerySet[Treatment],
        doctors: QuerySet[Staff],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offered: Mapping[str, QuerySet[Any]] = {
            "department": departments,
            "treatment": treatments,
            "doctor": doctors,
        }
        for name, rows in offered.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class ChangeStayForm(VersionedForm):
    """Another bed, another doctor, longer."""

    ward = _text(pgettext_lazy("stay", "Ward"), 20)
    bed = _text(pgettext_lazy("stay", "Bed"), 10)
    doctor = DoctorField(label=_("Doctor"), queryset=Staff.objects.none())
    expected_days = _days()

    def __init__(self, *args: Any, doctors: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["doctor"].queryset = doctors  # type: ignore[attr-defined]


class CheckForm(forms.Form):
    """What is said of one thing without a bill."""

    key = forms.RegexField(r"^(treatment|dose|deal)-[1-9][0-9]{0,17}$")
    answer = forms.CharField(max_length=6)
    note = forms.CharField(label=_("Why is it not billed?"), required=False, max_length=200)


class SatisfactionForm(forms.Form):
    """How she found it: a mark for each, or that she would not answer."""

    doctor = forms.TypedChoiceField(label=_("Doctor"), choices=_MARKS, coerce=int, required=False, empty_value=None)
    nursing = forms.TypedChoiceField(
        label=pgettext_lazy("satisfaction", "Nursing"), choices=_MARKS, coerce=int, required=False, empty_value=None
    )
    environment = forms.TypedChoiceField(
        label=pgettext_lazy("satisfaction", "Environment"),
        choices=_MARKS,
        coerce=int,
        required=False,
        empty_value=None,
    )
    food = forms.TypedChoiceField(
        label=pgettext_lazy("satisfaction", "Food"), choices=_MARKS, coerce=int, required=False, empty_value=None
    )
    overall = forms.TypedChoiceField(
        label=pgettext_lazy("satisfaction", "Overall"), choices=_MARKS, coerce=int, required=False, empty_value=None
    )
    words = forms.CharField(label=_("In her words"), required=False, max_length=500)
    declined = forms.BooleanField(label=_("She would not answer"), required=False)
    signed = forms.BooleanField(label=_("She answered in person and signed"), required=False)
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    @property
    def marks(self) -> dict[str, int | None]:
        """Return her marks; only after `is_valid`."""
        return {name: self.cleaned_data[name] for name in StaySatisfaction.MARKS}

    @property
    def mark_fields(self) -> list[tuple[Any, list[tuple[str, bool]]]]:
        """Return each field with its marks, and which is chosen."""
        return [
            (self[name], [(mark, str(self[name].value() or "") == mark) for mark, _word in _MARKS])
            for name in StaySatisfaction.MARKS
        ]


class DischargeForm(VersionedForm):
    """How a stay ends."""

    ending = forms.ChoiceField(label=_("Kind of discharge"), choices=Stay.Ending)
    note = forms.CharField(
        label=pgettext_lazy("discharge", "To which hospital, or what happened"), required=False, max_length=300
    )


class WhyForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("What was wrong?"), max_length=200)
