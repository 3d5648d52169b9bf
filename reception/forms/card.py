"""A visitor's card."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from reception.forms.fields import NameField, PhoneField
from reception.models import Visitor

OLDEST = 120


class CardForm(forms.Form):
    """A visitor's card. The phone on file is not shown here: an empty box keeps it."""

    name = NameField()
    phone = PhoneField(help_text=_("Leave empty to keep the number on file."))
    remove_phone = forms.BooleanField(label=_("Remove the phone number on file"), required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices)
    birth_on = forms.DateField(
        label=_("Birth date"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    heard_from = forms.CharField(label=_("How they heard of us"), max_length=60, required=False)
    medical_notes = forms.CharField(
        label=_("Health and allergies"),
        max_length=2000,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    vip = forms.BooleanField(label=_("VIP"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["birth_on"].widget.attrs |= {"max": today.isoformat()}

    def clean_birth_on(self) -> date | None:
        """Return the date; raise ValidationError for one no living person can have."""
        born: date | None = self.cleaned_data["birth_on"]
        if born and not (self.today.year - OLDEST <= born.year and born <= self.today):
            raise ValidationError(_("This birth date is in the future or more than 120 years ago."))
        return born
