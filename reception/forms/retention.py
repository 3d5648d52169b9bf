"""How long a kind is kept, and what becomes of what is due."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reception.forms.fields import LineField
from reception.models.retention import Kept, RetentionItem
from reception.selectors.retention import Term


class PeriodForm(forms.Form):
    """The next version of how long a kind is kept."""

    kind = forms.ChoiceField(choices=Kept.choices, widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    months = forms.IntegerField(label=_("Months kept"), min_value=1)
    reason = LineField(label=pgettext_lazy("retention", "Why?"), max_length=200)

    @classmethod
    def of(cls, term: Term) -> "PeriodForm":
        """Return the form as it is drawn for a kind."""
        return cls(initial={"kind": term.kind.value, "seen": term.version, "months": term.months})


class DecisionForm(forms.Form):
    """What becomes of what is due of a kind."""

    decision = forms.ChoiceField(
        label=pgettext_lazy("retention", "Decision"),
        choices=[
            (RetentionItem.Decision.DESTROY, pgettext_lazy("retention", "Approve the destruction")),
            (RetentionItem.Decision.KEEP, pgettext_lazy("retention", "Keep on")),
        ],
        widget=forms.RadioSelect,
    )
    keep_until_on = forms.DateField(
        label=pgettext_lazy("retention", "Keep until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = LineField(label=pgettext_lazy("retention", "Why?"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = pgettext_lazy("retention", "Needed when it is kept on.")
