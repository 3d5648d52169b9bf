"""A pre-report, and what happens with it afterwards."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.forms import SentOnceForm
from clinic.models import Project, Staff
from reception.forms.fields import LineField, NameField, PersonField, PhoneField, ProjectsField, TextField
from reception.forms.times import DayField, HalfHourField, MomentForm


class DeadlineForm(MomentForm):
    """Until when an answer is promised; six in the evening when no time is given."""

    DAY, TIME, USUAL = "due_on", "due_at", time(18)

    due_on = DayField(label=_("Promised for"), required=False)
    due_at = HalfHourField(label=_("Time"), required=False, empty="—")


class PreReportForm(SentOnceForm, DeadlineForm):
    """Somebody who asked by phone or online; what was promised her has a deadline."""

    booked = PersonField(label=_("Visitor"), required=False)
    booked_text = NameField(required=False)
    phone = PhoneField(help_text=_("Without a number there is no claim (O2)."))
    said = TextField(label=_("What was said"), max_length=500, required=False, rows=2)
    promised = LineField(label=_("Promised answer"), max_length=200, required=False)
    agent = forms.ModelChoiceField(Staff.objects.none(), label=_("Agent"), required=False)

    field_order = ("booked", "booked_text", "phone", "said", "promised", "due_on", "due_at", "agent")

    def __init__(self, *args: Any, offered: Iterable[Project], agents: Iterable[Staff] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["projects"] = ProjectsField(offered)
        if agents is None:
            del self.fields["agent"]
        else:
            self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        self.fields["booked_text"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """Refuse a promise without a deadline, and nobody."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("promised") and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("A promised answer needs a deadline."))
        if data.get("due_on") and not data.get("promised") and "promised" not in self.errors:
            self.add_error("promised", _("Say what is promised, or take the deadline out."))
        if not data.get("booked") and not data.get("booked_text") and "booked_text" not in self.errors:
            self.add_error("booked_text", _("Say who it is: choose a visitor, or type a name."))
        return data


class PreReportEntryForm(DeadlineForm):
    """What happened with a pre-report: `kind` says which of the fields count."""

    kind = forms.CharField(required=False)
    text = LineField(label=_("What was said"), max_length=500, required=False)
    to = forms.ModelChoiceField(Staff.objects.none(), label=_("Pass on to"), required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agents: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = str(self.data.get("kind", ""))
        if kind == "promised":
            self.fields["text"] = LineField(label=_("Promised answer"), max_length=200, required=False)
        self.fields["text"].widget.attrs["id"] = f"{kind.replace('_', '-')}-text"
        self.fields["to"].queryset = agents  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = lambda staff: f"{staff.branch} · {staff}"  # type: ignore[attr-defined]
