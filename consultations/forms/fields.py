"""Fields that several forms of this room use."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinic.forms.drawing import typed_with

Chosen = TypeVar("Chosen")


def chosen_of(offered: Mapping[str, Chosen]) -> Callable[[object], Chosen]:
    """Return the coercion of a choice field: what an answer names, and ValueError for what is not offered any more.

    A formset looks at what changed before the choices are checked, so an answer may name anything.
    """

    def chosen(answer: object) -> Chosen:
        if (text := str(answer)) not in offered:
            raise ValueError(text)
        return offered[text]

    return chosen


class DayInput(forms.DateInput):
    """A date picker of the browser."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DigitsField(forms.DecimalField):
    """A number as it is typed on any keyboard; what could be read as another number is refused."""

    widget = forms.TextInput
    signs = ""
    # Digits, a point before fractions, and nothing else.
    pattern = re.compile(r"[+-]?\d*\.?\d*")

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the number; raise ValidationError when it is none or could be two."""
        if isinstance(value, str):
            # A Chinese keyboard writes its full stop for a point; it stands for nothing else in a number.
            value = unicodedata.normalize("NFKC", value).replace("。", ".").strip().strip(self.signs).strip()
            if not self.pattern.fullmatch(value):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            value = value.replace(",", "")
        return super().to_python(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return what tells a tablet to show digits."""
        return {"inputmode": "decimal", "autocomplete": "off"}


class MoneyField(DigitsField):
    """Yuan as a clerk types them: full-width digits, commas between thousands and a currency sign are understood."""

    signs = "¥元"
    pattern = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?")
    default_error_messages: ClassVar = {"invalid": _("Write the amount in digits: 12800, 12,800 or 99.50.")}


class DoseField(DigitsField):
    """A dose: no comma is understood, since one and a half must never become fifteen."""

    default_error_messages: ClassVar = {"invalid": _("Write the dose in digits, with a point before fractions: 1.5.")}


class DrawnForm(forms.Form):
    """A form that carries what it was drawn with, so that nobody overwrites what she has not seen.

    Its fields have `show_hidden_initial`.
    """

    def seen(self, name: str) -> str | None:
        """Return what a field was drawn with, as the browser had it; None when the form does not say."""
        said: str | None = self.data.get(self[name].html_initial_name)
        return said

    def show_stored(self, name: str, stored: object) -> None:
        """Carry what stands there now: what was typed is sent again knowing it."""
        self.data = typed_with(self.data, **{self[name].html_initial_name: "" if stored is None else str(stored)})


class VersionedForm(forms.Form):
    """A form that carries the version of what the person saw when it was drawn."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def show_version(self, version: int) -> None:
        """Carry what is newest from now on: what was typed is sent again knowing what has changed."""
        if isinstance(self.data, QueryDict):
            data = self.data.copy()
            data["version"] = str(version)
            self.data = data
