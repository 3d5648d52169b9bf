"""Screens in the waiting room."""

import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.forms.fields import LineField
from reception.models import WaitingRoom


class PairForm(forms.Form):
    """The code a screen shows, and where it hangs."""

    code = forms.CharField(
        label=_("Code on the screen"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    name = LineField(label=_("Where it hangs"), max_length=60)

    def clean_code(self) -> str:
        """Return the digits, however they were spaced."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["code"])
        return "".join(one for one in typed if one.isdecimal())


class NamesForm(forms.Form):
    """How people are named on the screens."""

    names = forms.ChoiceField(
        label=_("Names on the screens"), choices=WaitingRoom.Names.choices, widget=forms.RadioSelect
    )
