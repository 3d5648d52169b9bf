"""Which days figures are asked for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms import DateInput
from clinic.models import Branch
from consultations.selectors.figures import Period

MOST_DAYS = 366


class PeriodForm(forms.Form):
    """From which day to which, both included: a year at most. A month given alone is its days."""

    first = forms.DateField(label=gettext_lazy("From"), widget=DateInput())
    last = forms.DateField(label=gettext_lazy("To"), widget=DateInput())

    def clean_first(self) -> date:
        """Return the first day; raise ValidationError far from the calendar's ends."""
        return _in_reach(self.cleaned_data["first"])

    def clean_last(self) -> date:
        """Return the last day; raise ValidationError far from the calendar's ends."""
        return _in_reach(self.cleaned_data["last"])

    def clean(self) -> dict[str, Any]:
        """Return both days; raise ValidationError when they are the wrong way round, or too far apart."""
        said = super().clean() or {}
        first, last = said.get("first"), said.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", _("At most a year at a time."))
        return said


def _in_reach(day: date) -> date:
    if not FIRST_DAY < day < LAST_DAY:
        raise forms.ValidationError(_("This day is too far away."))
    return day


def month_of(branch: Branch, day: date) -> Period:
    """Return the month of a day."""
    first = day.replace(day=1)
    return Period(branch, first, month_after(first) - timedelta(days=1))


def month_after(first: date, months: int = 1) -> date:
    """Return the first day of the month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
