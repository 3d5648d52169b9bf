"""Which of two values stays when two records become one."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.selectors.merging import BOTH, OTHER, SURVIVOR, FieldDifference, Preview
from reception.selectors.visitors import latest_history_id

BIGGEST = 2**63 - 1


class Row(NamedTuple):
    """A field in which the records differ, and whose value is ticked."""

    difference: FieldDifference
    name: str
    chosen: str


class MergeForm(forms.Form):
    """The choices of a merging, drawn from its preview and from the two records as they stood then."""

    other = forms.IntegerField(min_value=1, max_value=BIGGEST, widget=forms.HiddenInput)
    seen_survivor = forms.IntegerField(min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)
    seen_other = forms.IntegerField(min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, preview: Preview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preview = preview
        self.initial = {
            **self.initial,
            "other": preview.other.pk,
            "seen_survivor": latest_history_id(preview.survivor),
            "seen_other": latest_history_id(preview.other),
        }
        for one in preview.differences:
            choices = [(SURVIVOR, one.survivor), (OTHER, one.other)]
            choices += [(BOTH, str(_("both")))] if one.can_keep_both else []
            self.fields[_named(one)] = forms.ChoiceField(
                label=one.label, choices=choices, required=False, initial=one.suggested
            )

    @property
    def rows(self) -> Iterator[Row]:
        """Return the differences in the order of the card, each with what is ticked."""
        for one in self.preview.differences:
            chosen = self[_named(one)].value()
            yield Row(one, _named(one), chosen if chosen in (SURVIVOR, OTHER, BOTH) else one.suggested)

    @property
    def keep(self) -> Mapping[str, str]:
        """Return by field whose value stays; only after `is_valid`."""
        data = self.cleaned_data
        return {one.name: data[_named(one)] or one.suggested for one in self.preview.differences}

    @property
    def seen(self) -> dict[int, int]:
        """Return by record the history entry the preview was drawn from; only after `is_valid`."""
        data = self.cleaned_data
        return {self.preview.survivor.pk: data["seen_survivor"], self.preview.other.pk: data["seen_other"]}


def _named(one: FieldDifference) -> str:
    return f"keep_{one.name}"
