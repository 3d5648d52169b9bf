"""Days a branch is closed or works in exchange."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.forms.drawing import DateInput
from clinic.models import BranchDay


class BranchDaysForm(forms.Form):
    """A day or several in a row; without a last day it is the first alone."""

    first = forms.DateField(label=_("First day"), widget=DateInput)
    last = forms.DateField(
        label=pgettext_lazy("day of a branch", "Last day"),
        widget=DateInput,
        required=False,
        help_text=_("Empty: the first day alone."),
    )
    kind = forms.ChoiceField(
        label=_("The house is"), choices=BranchDay.Kind.choices, initial=BranchDay.Kind.CLOSED, widget=forms.RadioSelect
    )
    name = forms.CharField(label=pgettext_lazy("day of a branch", "What for?"), max_length=40)

    def clean(self) -> dict[str, Any]:
        """Return the days; the last is the first when it was left empty."""
        said: dict[str, Any] = super().clean() or {}
        said["last"] = said.get("last") or said.get("first")
        return said
