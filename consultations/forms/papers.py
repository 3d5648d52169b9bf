"""Signed forms, which forms are needed, photographs."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.forms.drawing import SharedForm
from consultations.forms.fields import DayInput
from consultations.models import Consultation, Photograph, SignedForm, Treatment
from consultations.selectors.form_needs import BEFORE
from consultations.services.photographs import Shot

if TYPE_CHECKING:
    OneTreatment = forms.ModelChoiceField[Treatment]
else:
    OneTreatment = forms.ModelChoiceField

SERIES = "series"


class SignedFormForm(forms.Form):
    """What a visitor answered to one form. `seen` is the newest answer the page showed."""

    kind = forms.ChoiceField(choices=SignedForm.Kind)
    answer = forms.ChoiceField(choices=SignedForm.Answer)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    treatment = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    project = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    seen = forms.IntegerField(min_value=0, max_value=2**63 - 1)


class FormNeedsForm(SharedForm):
    """Which forms are signed before a treatment: the usual ones, or a list of its own."""

    own = forms.ChoiceField(
        label=_("Which forms"),
        choices=[("usual", _("The usual ones")), ("own", _("Its own list"))],
        widget=forms.RadioSelect,
    )
    kinds = forms.MultipleChoiceField(
        label=_("Its own list"),
        choices=[(kind.value, kind.label) for kind in BEFORE],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a tick nothing has to be signed."),
    )

    @property
    def wanted(self) -> list[str] | None:
        """Return the list, None for the usual ones; only after `is_valid`."""
        return self.cleaned_data["kinds"] if self.cleaned_data["own"] == "own" else None


class SeveralFiles(forms.ClearableFileInput):
    """A file dialog in which several files can be chosen."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; an empty one and one with a strange name are judged by the service, each by itself."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the files; raise ValidationError when there is none."""
        files = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not files:
            raise forms.ValidationError(_("Choose one picture at least."), code="required")
        return files


class TreatmentField(OneTreatment):
    """A treatment, called by its project and its day."""

    def label_from_instance(self, obj: Treatment) -> str:
        """Return project and day."""
        return f"{obj.project} {obj.treated_on.isoformat()}"


class PhotographsForm(forms.Form):
    """Pictures of one visitor, all of one day and stage."""

    pictures = FilesField(label=_("Pictures"))
    stage = forms.ChoiceField(label=_("Stage"), choices=Photograph.Stage, widget=forms.RadioSelect)
    view = forms.ChoiceField(
        label=pgettext_lazy("photograph", "View"),
        choices=[
            *Photograph.View.choices,
            (SERIES, pgettext_lazy("photographs", "A series in this order")),
        ],
        widget=forms.RadioSelect,
    )
    taken_on = forms.DateField(label=_("Taken on"), widget=DayInput)
    treatment = TreatmentField(
        label=_("Treatment"), queryset=Treatment.objects.none(), required=False, empty_label=_("No treatment yet")
    )
    consultation = forms.ModelChoiceField(
        queryset=Consultation.objects.none(), required=False, widget=forms.HiddenInput
    )
    # Which of a series the first file is: a browser that sends them one by one says so.
    first = forms.IntegerField(required=False, min_value=0, max_value=1000, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        treatments: QuerySet[Treatment],
        consultations: QuerySet[Consultation],
        today: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("treatment", treatments), ("consultation", consultations)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        if today is not None:
            self.fields["taken_on"].initial = today
            self.fields["taken_on"].widget.attrs["max"] = today.isoformat()

    @property
    def shots(self) -> list[Shot]:
        """Return each file with the view it shows; only after `is_valid`."""
        said = self.cleaned_data
        views = Photograph.View.values
        first = said["first"] or 0
        return [
            Shot(file, file.name or "", views[min(place, len(views) - 1)] if said["view"] == SERIES else said["view"])
            for place, file in enumerate(said["pictures"], start=first)
        ]


class RemoveForm(forms.Form):
    """Why a photograph is removed."""

    reason = forms.CharField(label=_("Why is it removed?"), max_length=200)
