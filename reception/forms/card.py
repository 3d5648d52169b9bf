"""A visitor's card."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.forms.fields import BirthDateField, NameField, PhoneField
from reception.models import Visitor


class CardForm(forms.Form):
    """A visitor's card. The phone on file is not shown here: an empty box keeps it."""

    name = NameField()
    phone = PhoneField(help_text=_("Leave empty to keep the number on file."))
    remove_phone = forms.BooleanField(label=_("Remove the phone number on file"), required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices)
    birth_on = BirthDateField()
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
        born = self.fields["birth_on"]
        assert isinstance(born, BirthDateField)
        born.until(today)
