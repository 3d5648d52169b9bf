"""An appointment booked, what was answered about one, and how much a half hour can take."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms import DateInput, SentOnceForm
from clinic.models import Branch, Project, Staff
from reception import slots
from reception.forms.fields import LineField, NameField, PersonField, PhoneField, ProjectsField
from reception.models import ProjectGroup
from reception.services import Wish


def time_choices(times: Iterable[time]) -> list[tuple[str, str]]:
    """Return times of day as choices."""
    return [(f"{one:%H:%M}", f"{one:%H:%M}") for one in times]


def every_half_hour() -> list[time]:
    """Return the half hours of a day."""
    return [slots.clock(minutes) for minutes in range(0, 24 * 60, slots.HALF_HOUR)]


class DayField(forms.DateField):
    """A day of the calendar, far from its ends."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=DateInput(), **kwargs)

    def clean(self, value: object) -> date | None:
        """Return the day; raise ValidationError for one that nobody can mean."""
        day: date | None = super().clean(value)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("This is no day an appointment can be on. Check the year."))
        return day


class HalfHourField(forms.TypedChoiceField):
    """The beginning of a half hour; with `empty` it may stay unsaid."""

    def __init__(self, *, empty: str = "", **kwargs: Any) -> None:
        unsaid = [("", empty)] if empty else []
        super().__init__(
            choices=[*unsaid, *time_choices(every_half_hour())], coerce=time.fromisoformat, empty_value=None, **kwargs
        )


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


class WhenForm(forms.Form):
    """A day and a time of day, both or neither."""

    call_on = DayField(label=_("Call back on"), required=False)
    call_at = HalfHourField(label=_("at"), required=False, empty="—")

    def clean(self) -> dict[str, Any]:
        """Refuse a time of day without a day."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("call_at") and not data.get("call_on") and "call_on" not in self.errors:
            self.add_error("call_on", _("Choose the day as well."))
        return data

    def when(self, branch: Branch) -> datetime | None:
        """Return the instant by the branch's clock, noon when no time was given; None without a day."""
        day: date | None = self.cleaned_data["call_on"]
        if day is None:
            return None
        return datetime.combine(day, self.cleaned_data["call_at"] or time(12), tzinfo=branch.zone)


class AnswerForm(WhenForm):
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
