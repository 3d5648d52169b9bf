"""A week of the roster as it is typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.models import Shift
from clinic.selectors.roster import WEEK
from clinic.services.roster import Written

# More lines than a page has are no page.
_MOST = 100
_KINDS = ("", *Shift.Kind.values)


class RosterForm(forms.Form):
    """Lines of a week: `was` once for each person, as `id:kind,kind,…` of the seven days, and `day-id-number` for each.

    A day that is not sent is as it was.
    """

    def clean(self) -> dict[str, Any]:
        """Read every line; raise ValidationError for one that cannot be read."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sent = self.data.getlist("was")  # type: ignore[attr-defined]
        lines: dict[int, Written] = {}
        for text in sent[:_MOST]:
            person, _colon, kinds = text.partition(":")
            pk, was = number_in(person), kinds.split(",")
            if pk is None or len(was) != WEEK or not set(was) <= set(_KINDS):
                raise forms.ValidationError(_("The roster could not be read. Reload the page and enter it again."))
            wanted = [self.data.get(f"day-{pk}-{number}", said) for number, said in enumerate(was)]
            if not set(wanted) <= set(_KINDS):
                raise forms.ValidationError(_("There is no such shift."))
            lines[pk] = Written(was, wanted)
        data["lines"] = lines
        return data
