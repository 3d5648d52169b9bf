"""What is typed in the consultation room, turned into arguments of services."""

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clinic.models import Project, Staff
from consultations.models import Consultation, Deal, Treatment


class DayInput(forms.DateInput):
    """A date picker of the browser."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MoneyField(forms.DecimalField):
    """Yuan as a clerk types them: full-width digits, commas and a currency sign are understood."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the amount; raise ValidationError when it is no number."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "").strip("¥元")
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return what tells a tablet to show digits."""
        return {"inputmode": "decimal", "autocomplete": "off"}


class DeclineForm(forms.Form):
    """Why a consultant declines."""

    reason = forms.CharField(
        label=_("Why do you decline?"), max_length=200, widget=forms.TextInput({"autofocus": True})
    )


class VersionedForm(forms.Form):
    """A form that carries the version of what the person saw when it was drawn."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DealForm(VersionedForm):
    """What was bought, for how much, and whether it is paid."""

    kind = forms.ChoiceField(label=_("Payment"), choices=Deal.Kind, widget=forms.RadioSelect)
    amount = MoneyField(label=_("Amount in yuan"), min_value=Decimal(0), max_digits=12, decimal_places=2)
    projects = forms.ModelMultipleChoiceField(
        label=_("What was bought"), queryset=Project.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: QuerySet[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["projects"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = offered


class NoDealForm(VersionedForm):
    """Why nothing was bought, and when to ask again."""

    reason = forms.CharField(
        label=_("Why no deal?"), max_length=200, widget=forms.TextInput({"list": "no-deal-reasons"})
    )
    call_again_on = forms.DateField(label=_("Call again on"), required=False, widget=DayInput)


class NotesForm(forms.Form):
    """The notes as typed so far."""

    notes = forms.CharField(label=_("Notes"), max_length=4000, required=False, strip=False, widget=forms.Textarea)
    notes_version = forms.IntegerField(min_value=0)


class TreatmentForm(forms.Form):
    """A treatment as it is filed."""

    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none())
    doctor = forms.ModelChoiceField(label=_("Doctor"), queryset=Staff.objects.none())
    treated_on = forms.DateField(label=_("Date"), widget=DayInput)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[(Treatment.State.PLANNED.value, _("Planned")), (Treatment.State.DONE.value, _("Done"))],
        widget=forms.RadioSelect,
        initial=Treatment.State.PLANNED.value,
    )
    notes = forms.CharField(label=_("Remarks"), max_length=500, required=False)

    def __init__(self, *args: Any, offered: QuerySet[Project], doctors: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("project", offered), ("doctor", doctors)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class ChangeTreatmentForm(VersionedForm):
    """Another day, another doctor, other notes."""

    treated_on = forms.DateField(label=_("Date"), widget=DayInput)
    doctor = forms.ModelChoiceField(label=_("Doctor"), queryset=Staff.objects.none())
    notes = forms.CharField(label=_("Remarks"), max_length=500, required=False)

    def __init__(self, *args: Any, doctors: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["doctor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = doctors


class CancelTreatmentForm(VersionedForm):
    """Why a treatment does not take place."""

    reason = forms.CharField(label=_("Why is it cancelled?"), max_length=200)


class SeatForm(forms.Form):
    """What a consultant says of herself: free, busy for some minutes, out until a time, or back."""

    state = forms.ChoiceField(choices=[(name, name) for name in ("free", "busy", "out", "on")])
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=240, required=False)
    until = forms.TimeField(label=_("Until"), required=False)


def no_deal_initial(consultation: Consultation) -> dict[str, object]:
    """Return a no-deal form's first values."""
    again: date | None = consultation.call_again_on
    return {
        "version": consultation.version,
        "reason": consultation.no_deal_reason,
        "call_again_on": again,
    }
