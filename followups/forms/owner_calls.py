"""What is typed on the card of an owner's call, and on the list of her supervisor."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from followups.models import OwnerCallTry

_Result = OwnerCallTry.Result


class OwnerTryForm(forms.Form):
    """A try and its result; only what belongs to the result is kept."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("Result"),
        choices=_Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the call led to.")},
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

    def clean(self) -> dict[str, Any]:
        """Ask for what the result needs and drop what does not belong to it."""
        data: dict[str, Any] = super().clean() or {}
        result = data.get("result")
        if result not in (_Result.LATER, _Result.THINKS):
            data["later_on"] = data["later_at"] = None
        elif result == _Result.LATER and not data.get("later_on") and "later_on" not in self.errors:
            self.add_error("later_on", _("Say when to call again."))
        return data

    def outcome(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the arguments of `record_owner_try`; the promised time is meant in the branch's time zone."""
        data = self.cleaned_data
        day: date | None = data["later_on"]
        return {
            **{name: data[name] for name in ("version", "result", "notes")},
            "call_on": day,
            "call_at": datetime.combine(day, data["later_at"], zone) if day and data["later_at"] else None,
        }
