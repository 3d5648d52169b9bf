"""Why a priority list is started, or not used."""

from django import forms
from django.utils.translation import pgettext_lazy

from reception.forms.fields import LineField


class DecideForm(forms.Form):
    """Why: a started list carries it into the new version of the rules."""

    reason = LineField(label=pgettext_lazy("list", "Why?"), max_length=200)
