"""A visitor's card, her id paper, her consents, and the pre-check of a visit, as the desk fills them in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.forms import DateInput
from clinic.reasons import Reason
from reception.forms.about_her import AboutHerForm, PreCheckFields
from reception.forms.fields import LineField, NameField, PhoneField, TextField
from reception.id_numbers import WrongId, parse_id_number
from reception.infections import QUESTIONS, Answers
from reception.models import Consent, ConsentText, IdPaper, Visitor


class CardForm(AboutHerForm):
    """A visitor's card. Phone and id number on file are not shown here: an empty box keeps them."""

    name = NameField()
    phone = PhoneField(help_text=_("Leave empty to keep the number on file."))
    remove_phone = forms.BooleanField(label=_("Remove the phone number on file"), required=False)
    id_kind = forms.ChoiceField(label=_("Id paper"), choices=IdPaper.Kind, initial="resident", required=False)
    id_number = forms.CharField(
        label=_("Id number"),
        max_length=40,
        required=False,
        help_text=_("Only with the paper in your hand. Leave empty to keep the one on file."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    id_refused = forms.BooleanField(label=_("Would not give an id number, and signed that"), required=False)
    remove_id = forms.BooleanField(label=_("Remove the id number on file"), required=False)
    card_declined = forms.BooleanField(label=_("Declined to fill in the card"), required=False)
    vip = forms.BooleanField(label=_("VIP"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    id_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = (
        "name", "gender", "phone", "remove_phone", "birth_on", "age", "occupation", "heard_from", "called_before",
        "referred_by", "wishes", "medical_notes", "id_kind", "id_number", "id_refused", "remove_id", "card_declined",
        "vip",
    )  # fmt: skip

    def __init__(self, *args: Any, phone_on_file: bool, id_on_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, on_file in (("remove_phone", phone_on_file), ("remove_id", id_on_file)):
            if not on_file:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Judge the id number by its paper, and against what else the card says."""
        data = super().clean()
        if data.get("id_number"):
            self._judge_id(data)
        elif data.get("id_refused") and data.get("remove_id"):
            self.add_error("remove_id", _("A refusal takes the number off the file by itself. Take one tick away."))
        return data

    def _judge_id(self, data: dict[str, Any]) -> None:
        for other in ("id_refused", "remove_id"):
            if data.get(other):
                self.add_error(other, _("There is a number too. Take the tick away, or the number."))
        try:
            read = parse_id_number(data.get("id_kind") or IdPaper.Kind.OTHER, data["id_number"])
        except WrongId as error:
            self.add_error("id_number", ValidationError(str(error)))
            return
        born, gender = data.get("birth_on"), data.get("gender")
        if read.birth_on and born and born != read.birth_on:
            sentence = _("The id number says born on %(paper)s, the card says %(card)s. One of them is mistyped.")
            self.add_error("birth_on", sentence % {"paper": read.birth_on, "card": born})
        if read.gender and gender in (Visitor.Gender.FEMALE, Visitor.Gender.MALE) and gender != read.gender:
            sentence = _("The id number says “%(paper)s”, the card says “%(card)s”. One of them is mistyped.")
            words = {"paper": Visitor.Gender(read.gender).label, "card": Visitor.Gender(str(gender)).label}
            self.add_error("gender", sentence % words)


class PreCheckForm(PreCheckFields):
    """The pre-check of a visit that is registered already."""

    @property
    def answers(self) -> Answers:
        """Return the checked values as the services take them."""
        return answers_in(self.cleaned_data)


def answers_in(data: dict[str, Any]) -> Answers:
    """Return what a form with the pre-check's fields was told."""
    return Answers(data["temperature"], **{question: data[question] for question in QUESTIONS})


class ReasonForm(forms.Form):
    """Why something sensitive is looked at or undone."""

    reason = LineField(label=_("Reason"), max_length=200)


class RevealForm(forms.Form):
    """What a whole number is needed for: one of the reasons, another one in own words."""

    reason = forms.ChoiceField(choices=Reason.choices)
    words = LineField(label=_("In your own words"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Return both; another reason needs words."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("reason") == Reason.OTHER and "words" in said and not said["words"]:
            self.add_error("words", _("Say in a few words what for."))
        return said


class ConsentsForm(forms.Form):
    """What a visitor says to each consent at the desk; what is not answered stays as it is."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ConsentText.Kind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=[("", "—"), *Consent.Answer.choices],
                required=False,
                widget=forms.Select(attrs={"aria-labelledby": f"consent-{kind.value}"}),
            )

    @property
    def answers(self) -> dict[str, str]:
        """Return the kinds that were answered."""
        kinds = ConsentText.Kind.values
        return {kind: self.cleaned_data[kind] for kind in kinds if self.cleaned_data.get(kind)}


class ConsentTextForm(forms.Form):
    """The next version of the text of a consent."""

    kind = forms.ChoiceField(choices=ConsentText.Kind, widget=forms.HiddenInput)
    text = TextField(label=_("Chinese text"), max_length=4000, rows=6, attrs={"lang": "zh-Hans"})
    text_en = TextField(label=_("English text"), max_length=4000, rows=6, attrs={"lang": "en"})
    starts_on = forms.DateField(label=_("Valid from"), widget=DateInput)
    seen = forms.IntegerField(min_value=0, max_value=32767, widget=forms.HiddenInput)
