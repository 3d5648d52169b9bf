"""Fields that several forms of this room use."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict


class DayInput(forms.DateInput):
    """A date picker of the browser."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MoneyField(forms.DecimalField):
    """Yuan as a clerk types them: full-width digits, commas and a currency sign are understood."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the amount; raise ValidationError when it is no number."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).replace(",", "").replace(" ", "").strip("¥元")
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return what tells a tablet to show digits."""
        return {"inputmode": "decimal", "autocomplete": "off"}


class VersionedForm(forms.Form):
    """A form that carries the version of what the person saw when it was drawn."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def show_version(self, version: int) -> None:
        """Carry what is newest from now on: what was typed is sent again knowing what has changed."""
        if isinstance(self.data, QueryDict):
            data = self.data.copy()
            data["version"] = str(version)
            self.data = data
