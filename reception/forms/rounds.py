"""The check lists of rounds, and what is noted about a line of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.forms.fields import LineField, TextField


class RoundListForm(forms.Form):
    """The items of a check list, one a line."""

    items = TextField(
        label=_("What to look at, one a line"), max_length=40 * 82, rows=12, attrs={"spellcheck": "false"}
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    @property
    def lines(self) -> list[str]:
        """Return the lines; only after `is_valid`."""
        return str(self.cleaned_data["items"]).splitlines()


class RoundTickForm(forms.Form):
    """In order, wrong with a remark, or taken back; `seen` is the newest note the page showed."""

    state = forms.CharField(required=False)
    remark = LineField(max_length=200, required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
