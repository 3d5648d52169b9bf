"""A day, a half hour, and the two together."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms import DateInput
from clinic.models import Branch
from reception import slots


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


class MomentForm(forms.Form):
    """A day and a time of day, in the fields a form names; the day may stand alone, the time may not."""

    DAY: ClassVar[str]
    TIME: ClassVar[str]
    USUAL: ClassVar[time]

    def clean(self) -> dict[str, Any]:
        """Refuse a time of day without a day."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get(self.TIME) and not data.get(self.DAY) and self.DAY not in self.errors:
            self.add_error(self.DAY, _("Choose the day as well."))
        return data

    def moment(self, branch: Branch) -> datetime | None:
        """Return the instant by the branch's clock, at the usual time when none was given; None without a day."""
        day: date | None = self.cleaned_data[self.DAY]
        if day is None:
            return None
        return datetime.combine(day, self.cleaned_data[self.TIME] or self.USUAL, tzinfo=branch.zone)
