"""What a card says of a visitor, whoever fills it in: a clerk at the desk or the visitor herself."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.forms.fields import OLDEST, BirthDateField, LineField, TextField
from reception.models import CalledBefore, Visitor, full_years

# People count their age by the year or by the new year as well; further apart one of the two is mistyped.
AGES_APART = 2


class AboutHerForm(forms.Form):
    """Gender, age or birth date, and the rest of the card; all but the gender may stay empty."""

    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices, initial=Visitor.Gender.UNKNOWN)
    birth_on = BirthDateField()
    age = forms.IntegerField(
        label=_("Or age"),
        required=False,
        min_value=0,
        max_value=OLDEST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("An age is a number from 0 to 120.")),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 3, "autocomplete": "off"}),
    )
    occupation = LineField(label=_("Occupation"), max_length=60, required=False)
    wishes = TextField(label=_("What she wishes for"), max_length=500, required=False, rows=2)
    heard_from = LineField(label=_("How they heard of us"), max_length=60, required=False)
    called_before = forms.ChoiceField(
        label=_("Called before?"), choices=CalledBefore.choices, initial=CalledBefore.UNKNOWN, required=False
    )
    referred_by = LineField(label=_("Referrer"), max_length=50, required=False)
    medical_notes = TextField(label=_("Health and allergies"), max_length=2000, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        born = self.fields["birth_on"]
        assert isinstance(born, BirthDateField)
        born.until(today)

    def clean_called_before(self) -> str:
        """Return the answer, "unknown" when there is none."""
        return self.cleaned_data["called_before"] or CalledBefore.UNKNOWN.value

    def clean(self) -> dict[str, Any]:
        """Refuse an age that the birth date contradicts; turn the age into about which year she was born."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        born, age = data.get("birth_on"), data.get("age")
        years = full_years(born, self.today)
        if age is not None and years is not None and abs(years - age) > AGES_APART:
            self.add_error("age", _("By the birth date she is %(years)d. Correct one of the two.") % {"years": years})
        data["birth_year"] = self.today.year - age if born is None and age is not None else None
        return data


class PreCheckFields(forms.Form):
    """Temperature and the questions about infections; all of it may stay empty."""

    temperature = forms.DecimalField(
        label=_("Temperature °C"),
        required=False,
        min_value=Decimal(34),
        max_value=Decimal(43),
        max_digits=3,
        decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 5, "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            _("Give the temperature in °C from 34 to 43, such as 36.5."),
        ),
    )
    fever = forms.BooleanField(label=_("Fever in the last 14 days"), required=False)
    cough = forms.BooleanField(label=_("Cough, sore throat or diarrhoea"), required=False)
    contact = forms.BooleanField(label=_("Contact with somebody infected"), required=False)
    travel = forms.BooleanField(label=_("Was where an infection spreads"), required=False)
