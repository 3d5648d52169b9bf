"""What is typed on the call card and on the supervisor's list."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from followups.models import CallAttempt

_Result = CallAttempt.Result
SCORES = {
    1: _("very poor"),
    2: _("poor"),
    3: _("fair"),
    4: _("good"),
    5: _("very good"),
}


class AttemptForm(forms.Form):
    """A try and its result; only what belongs to the result is kept."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("Result"),
        choices=_Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the call led to.")},
    )
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction"),
        choices=SCORES.items(),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    recovery = forms.ChoiceField(
        label=_("Recovery"), choices=CallAttempt.Recovery.choices, required=False, widget=forms.RadioSelect
    )
    later_on = forms.DateField(
        label=_("Call again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    later_at = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    notes = forms.CharField(
        label=_("Notes on the call"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    @property
    def scores(self) -> list[tuple[BoundWidget, bool]]:
        """Return each score of the satisfaction, and whether it is a bad one."""
        return [(choice, int(choice.data["value"]) <= CallAttempt.UNHAPPY_UP_TO) for choice in self["satisfaction"]]

    def clean(self) -> dict[str, Any]:
        """Ask for what the result needs and drop what does not belong to it."""
        data: dict[str, Any] = super().clean() or {}
        result = data.get("result")
        if result != _Result.REACHED:
            data["satisfaction"], data["recovery"] = None, ""
        elif not data.get("recovery"):
            self.add_error("recovery", _("Say whether the recovery is normal."))
        if result != _Result.LATER:
            data["later_on"] = data["later_at"] = None
        elif not data.get("later_on") and "later_on" not in self.errors:
            self.add_error("later_on", _("Say when to call again."))
        return data

    def outcome(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the arguments of `record_attempt`; the promised time is meant in the branch's time zone."""
        data = self.cleaned_data
        day: date | None = data["later_on"]
        names = ("version", "result", "satisfaction", "recovery", "notes")
        return {
            **{name: data[name] for name in names},
            "call_on": day,
            "call_at": datetime.combine(day, data["later_at"], zone) if day and data["later_at"] else None,
        }


class PutBackForm(forms.Form):
    """Back on the agents' list."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    call_on = forms.DateField(label=_("Call on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class SettleForm(forms.Form):
    """Off the supervisor's list."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("What was done"), max_length=200)
