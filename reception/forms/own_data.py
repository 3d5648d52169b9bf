"""A copy of what is kept about a visitor is asked for: how she asked, what for, and that it is she."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reception.forms.days import ExportForm
from reception.services.own_data import AskedHow


class OwnDataForm(ExportForm):
    """How a visitor asked for the copy of her data, what it is for, and that her paper was looked at."""

    how = forms.ChoiceField(label=_("How was it asked for?"), choices=AskedHow.choices, widget=forms.RadioSelect)
    checked = forms.BooleanField(
        label=_("I have looked at the id paper of whoever asks."),
        error_messages={"required": _("Look at the id paper first: the copy is for her alone.")},
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("copy of data", "As"),
        choices=[("print", _("Pages to print")), ("excel", _("Excel workbook"))],
        initial="print",
        widget=forms.RadioSelect,
    )
    field_order = ("how", "why", "checked", "phones", "kind")

    def __init__(self, *args: Any, may_reveal: bool, **kwargs: Any) -> None:
        super().__init__(*args, may_reveal=may_reveal, **kwargs)
        if may_reveal:
            self.fields["phones"].label = _("With whole phone and id numbers")
        self.fields["why"].widget.attrs.pop("autofocus")
