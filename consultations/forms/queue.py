"""What a consultant says of a visitor in her queue, and of herself."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DeclineForm(forms.Form):
    """Why a consultant declines."""

    reason = forms.CharField(
        label=_("Why do you decline?"), max_length=200, widget=forms.TextInput({"autofocus": True})
    )


class SeatForm(forms.Form):
    """What a consultant says of herself: free, busy for some minutes, out until a time, at lunch, or back."""

    state = forms.ChoiceField(choices=[(name, name) for name in ("free", "busy", "out", "lunch", "on")])
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=240, required=False)
    until = forms.TimeField(label=_("Until"), required=False)
