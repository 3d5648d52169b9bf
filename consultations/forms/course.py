"""What is typed while a treatment goes its way: steps, results, doses, what follows."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.models import Staff
from consultations.forms.fields import DayInput, DoseField, DrawnForm
from consultations.models import Drug, Treatment, TreatmentStep


class StageForm(forms.Form):
    """The next stage; with the beginning also where, how long and with whom. `in_spite`: why the head goes on;
    `no_drug_reason`: why no drug was given."""

    stage = forms.ChoiceField(label=pgettext_lazy("treatment", "Stage"), choices=Treatment.Stage)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    in_spite = forms.CharField(required=False, max_length=200)
    no_drug_reason = forms.CharField(required=False, max_length=200)
    room = forms.CharField(label=_("Room"), required=False, max_length=20)
    expected_minutes = forms.IntegerField(
        label=_("How long, in minutes"),
        required=False,
        min_value=1,
        max_value=1440,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("A whole number from 1 to 1440.")),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    assistant = forms.ModelChoiceField(label=_("Nurse or beautician"), required=False, queryset=Staff.objects.none())

    def __init__(self, *args: Any, assistants: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["assistant"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = assistants

    @property
    def told(self) -> dict[str, Any]:
        """Return what was told, as the service takes it; a room that was not asked for stays as it is."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        given["expected_version"] = self.cleaned_data["version"]
        given["room"] = given["room"] if "room" in self.data else None
        return given


class CorrectStageForm(forms.Form):
    """Back to an earlier stage, with the reason."""

    stage = forms.ChoiceField(label=_("Back to"))
    reason = forms.CharField(label=_("What was wrong?"), max_length=200)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, stages: Sequence[tuple[str, object]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(stages)


class StepForm(forms.Form):
    """One more line of the check list."""

    kind = forms.ChoiceField(choices=TreatmentStep.Kind)
    note = forms.CharField(required=False, max_length=200)


class ResultForm(forms.Form):
    """How a step ended."""

    result = forms.ChoiceField(choices=TreatmentStep.Result)
    words = forms.CharField(label=_("What is abnormal?"), required=False, max_length=300)


class DrugUseForm(forms.Form):
    """One dose at one site."""

    drug = forms.ModelChoiceField(label=_("Drug"), queryset=Drug.objects.none())
    batch = forms.CharField(label=_("Batch"), max_length=40, widget=forms.TextInput({"autocomplete": "off"}))
    dose = DoseField(label=_("Dose"), max_digits=9, decimal_places=3, min_value=Decimal("0.001"))
    unit = forms.CharField(
        label=_("Unit"), max_length=10, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    site = forms.CharField(label=_("Site"), max_length=60, widget=forms.TextInput({"list": "sites"}))
    given_by = forms.ChoiceField(label=_("Given by"), required=False)
    request_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, drugs: QuerySet[Drug], givers: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drug, given_by = self.fields["drug"], self.fields["given_by"]
        assert isinstance(drug, forms.ModelChoiceField)
        assert isinstance(given_by, forms.ChoiceField)
        drug.queryset = drugs
        self._givers = {str(one.pk): one for one in givers}
        given_by.choices = [(pk, one.display_name) for pk, one in self._givers.items()]

    def clean_given_by(self) -> Staff | None:
        """Return who gave it; None when nobody was said."""
        return self._givers.get(self.cleaned_data["given_by"])


class CorrectDrugUseForm(forms.Form):
    """What is right about a dose; what is left empty stays."""

    batch = forms.CharField(label=_("Batch"), max_length=40, required=False)
    dose = DoseField(label=_("Dose"), max_digits=9, decimal_places=3, min_value=Decimal("0.001"), required=False)
    site = forms.CharField(label=_("Site"), max_length=60, required=False)
    nothing_given = forms.BooleanField(label=_("It was not given at all"), required=False)
    reason = forms.CharField(label=_("What was wrong?"), max_length=200)


class NextVisitForm(DrawnForm):
    """When she comes again, and whether that is the next session."""

    next_visit_on = forms.DateField(label=_("Next visit"), required=False, widget=DayInput, show_hidden_initial=True)
    file_session = forms.BooleanField(label=_("File it as the next session"), required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ComplicationForm(DrawnForm):
    """What happened."""

    complication = forms.CharField(
        label=_("Complication"), max_length=500, widget=forms.Textarea({"rows": 2}), show_hidden_initial=True
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class HandOverForm(DrawnForm):
    """What the desk has to know."""

    hand_over = forms.CharField(
        label=_("Discount, drug, dose, arrears"),
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        show_hidden_initial=True,
    )
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class DrugForm(forms.Form):
    """A new drug."""

    name = forms.CharField(label=_("Chinese name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=80)
    unit = forms.CharField(label=_("Unit"), max_length=10)
