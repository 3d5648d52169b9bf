"""Forms of the desk: an arrival, a visitor's card."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.models import Project
from reception import names
from reception.models import Visit, Visitor
from reception.phones import WrongPhone, parse_phone

OLDEST = 120


class NameField(forms.CharField):
    """A name as typed, without what nobody sees."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Name"), max_length=50, **kwargs)

    def to_python(self, value: object) -> str:
        """Return the tidy name before its length is judged."""
        return names.clean_name(str(value or ""))

    def run_validators(self, value: str) -> None:
        """Judge the length only: what is invisible was taken out already."""
        if len(value) > 50:
            raise ValidationError(_("A name has at most 50 characters."))


class PhoneField(forms.CharField):
    """A phone number as a clerk types it; cleaned to E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Phone"), required=False, **kwargs)
        self.widget.attrs |= {"inputmode": "tel", "autocomplete": "off", "maxlength": 30}

    def clean(self, value: object) -> str:
        """Return E.164 or nothing; raise ValidationError that says what to correct."""
        try:
            return parse_phone(str(value or ""))
        except WrongPhone as error:
            raise ValidationError(str(error), code="phone") from error


class ProjectsField(forms.CharField):
    """Projects in the order named, as their numbers joined by commas; cleaned to a list of projects."""

    def __init__(self, offered: Iterable[Project], **kwargs: Any) -> None:
        super().__init__(label=_("Projects"), required=False, **kwargs)
        self.offered = {str(project.pk): project for project in offered}

    def clean(self, value: object) -> list[Project]:
        """Return the projects; raise ValidationError for one that is not offered."""
        numbers = [number for number in str(value or "").split(",") if number]
        try:
            return [self.offered[number] for number in dict.fromkeys(numbers)]
        except KeyError as error:
            raise ValidationError(_("This project is not offered any more. Choose again.")) from error


class ArrivalForm(forms.Form):
    """An arrival; of somebody new also the first lines of her card."""

    name = NameField()
    phone = PhoneField()
    gender = forms.ChoiceField(label=_("Gender"), choices=Visitor.Gender.choices, initial=Visitor.Gender.FEMALE)
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=Visit.Purpose.choices, initial=Visit.Purpose.CONSULT, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    another_person = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offered: Iterable[Project], known: Visitor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        self.fields["projects"] = ProjectsField(offered)
        if known:
            for field in ("name", "phone", "gender", "card_declined", "another_person"):
                del self.fields[field]
        else:
            self.fields["name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


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
