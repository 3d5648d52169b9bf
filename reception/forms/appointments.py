"""An appointment booked, what was answered about one, and how much a half hour can take."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.forms import SentOnceForm
from clinic.models import Project, Staff
from reception import slots
from reception.forms.fields import LineField, NameField, PersonField, PhoneField, ProjectsField
from reception.forms.times import DayField, HalfHourField, MomentForm, every_half_hour, time_choices
from reception.models import ProjectGroup
from reception.services import Wish


class BookingForm(SentOnceForm):
    """An appointment. `at`: whose calendar; `agents`: who may look after it, for those who choose."""

    booked = PersonField(label=_("Visitor"), required=False)
    booked_text = NameField(required=False)
    phone = PhoneField()
    day = DayField(label=_("Day"))
    starts = HalfHourField(label=_("Time"))
    minutes = forms.TypedChoiceField(
        label=_("Minutes"),
        choices=[("", _("as usual")), *((str(n), str(n)) for n in range(30, slots.LONGEST + 1, 30))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    urgent = forms.BooleanField(label=_("Urgent"), required=False)
    note = LineField(label=_("Note"), max_length=200, required=False)
    agent = forms.ModelChoiceField(Staff.objects.none(), label=_("Looked after by"), required=False)
    overbook_reason = LineField(label=_("Book it all the same, because"), max_length=200, required=False)
    pre_report = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    instead_of = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        offered: Iterable[Project],
        times: Sequence[time],
        agents: Iterable[Staff] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["projects"] = ProjectsField(offered)
        starts = self.fields["starts"]
        assert isinstance(starts, forms.TypedChoiceField)
        if times:
            asked = (self.data or self.initial).get("starts", "")
            extra = [one for one in every_half_hour() if f"{one:%H:%M}" == asked and one not in times]
            starts.choices = time_choices(sorted([*times, *extra]))
        if agents is None:
            del self.fields["agent"]
        else:
            self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        self.fields["booked_text"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    @property
    def wish(self) -> Wish:
        """Return when and what for; only after `is_valid`."""
        data = self.cleaned_data
        return Wish(
            day=data["day"],
            starts=data["starts"],
            projects=data["projects"],
            minutes=data["minutes"],
            urgent=data["urgent"],
            note=data["note"],
        )


class CallBackForm(MomentForm):
    """When to call her back; noon when no time is given."""

    DAY, TIME, USUAL = "call_on", "call_at", time(12)

    call_on = DayField(label=_("Call back on"), required=False)
    call_at = HalfHourField(label=_("at"), required=False, empty="—")


class AnswerForm(CallBackForm):
    """What somebody said about her appointment."""

    what = forms.CharField(required=False)
    text = LineField(max_length=200, required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class CapacityForm(forms.Form):
    """How much the half hours between two times can take, on some weekdays."""

    group = forms.ChoiceField(label=_("Project group"), choices=ProjectGroup.choices)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=[(str(number), word) for number, word in WEEKDAYS.items()],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    begins = HalfHourField(label=_("From"))
    ends = HalfHourField(label=_("To"))
    capacity = forms.IntegerField(label=_("Capacity"), min_value=0, max_value=99)
