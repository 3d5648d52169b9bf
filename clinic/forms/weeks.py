"""A frozen report of a week that is built, or built again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY


class BuildForm(forms.Form):
    """A report to build, or to build again."""

    year = forms.IntegerField(widget=forms.HiddenInput, min_value=FIRST_DAY.year, max_value=LAST_DAY.year)
    week = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why it is built again"), max_length=200, required=False)
