"""What is typed about all calls of a visitor, and when she calls."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms.drawing import DateInput
from consultations.forms.papers import FilesField
from consultations.models import Photograph
from consultations.services.photographs import Shot


class TrackForm(forms.Form):
    """Why a visitor is tracked individually."""

    reason = forms.CharField(
        label=_("Why she is tracked individually"),
        max_length=200,
        error_messages={"required": _("Say why she is tracked individually.")},
    )


class SentPhotographsForm(forms.Form):
    """Pictures a visitor has sent in."""

    pictures = FilesField(label=_("Pictures"))
    view = forms.ChoiceField(
        label=_("What is seen"), choices=Photograph.View, initial=Photograph.View.FRONT.value, required=False
    )
    taken_on = forms.DateField(label=_("Taken on"), widget=DateInput())

    @property
    def shots(self) -> list[Shot]:
        """Return each file with the view it shows; only after `is_valid`."""
        view = self.cleaned_data["view"] or Photograph.View.FRONT.value
        return [Shot(file, file.name or "", view) for file in self.cleaned_data["pictures"]]
