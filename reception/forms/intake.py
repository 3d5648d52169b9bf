"""The card a visitor fills in herself, on her phone or at the kiosk."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reception.forms.about_her import AboutHerForm
from reception.forms.fields import LineField, NameField, PhoneField
from reception.infections import QUESTIONS
from reception.models import CalledBefore, ConsentText, Visitor

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class OwnCardForm(AboutHerForm):
    """The visitor's own card; only her name is needed, and who declines does not even need that."""

    name = NameField()
    phone = PhoneField()
    fever = forms.ChoiceField(
        label=_("Have you had a fever in the last 14 days?"), choices=YES_NO, required=False, widget=forms.RadioSelect
    )
    cough = forms.ChoiceField(
        label=_("Do you have a cough, a sore throat or diarrhoea?"),
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
    )
    contact = forms.ChoiceField(
        label=_("Have you been close to somebody with an infectious disease?"),
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
    )
    travel = forms.ChoiceField(
        label=_("Have you been where an infectious disease is spreading?"),
        choices=YES_NO,
        required=False,
        widget=forms.RadioSelect,
    )
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    field_order = (
        "name", "phone", "gender", "birth_on", "age", "occupation", "wishes", "heard_from", "called_before",
        "referred_by", "medical_notes", *QUESTIONS,
    )  # fmt: skip

    def __init__(self, *args: Any, declined: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")
        self.fields["wishes"].label = _("What would you like to have done?")
        self.fields["heard_from"].label = _("How did you hear of us?")
        self.fields["called_before"].label = _("Have you called or written to us before?")
        self.fields["called_before"].choices = [  # type: ignore[attr-defined]
            (CalledBefore.UNKNOWN.value, "—"),
            ("yes", _("Yes")),
            ("no", _("No")),
        ]
        self.fields["referred_by"].label = _("Who recommended us to you?")
        self.fields["medical_notes"].label = _("Illnesses, medicines, allergies, pregnancy")
        self.fields["gender"].choices = Visitor.Gender.choices  # type: ignore[attr-defined]
        if declined:
            self.fields["name"].required = False

    @property
    def answers(self) -> dict[str, Any]:
        """Return the checked values as plain JSON; only after `is_valid`."""
        data = self.cleaned_data
        born = data["birth_on"]
        return {
            **{name: data[name] for name in PLAIN},
            "birth_on": born.isoformat() if born else "",
            "birth_year": data["birth_year"],
            **{question: data[question] == "yes" for question in QUESTIONS},
        }


PLAIN = (
    "name", "phone", "gender", "occupation", "wishes", "heard_from", "called_before", "referred_by", "medical_notes",
)  # fmt: skip


class OwnConsentsForm(forms.Form):
    """Each consent in the words now in force; none is ticked beforehand, and each must be answered."""

    def __init__(self, *args: Any, texts: Mapping[str, ConsentText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        for kind, text in texts.items():
            self.fields[f"consent_{kind}"] = forms.ChoiceField(
                label=text.get_kind_display(),
                choices=[("given", _("I agree")), ("refused", _("I do not agree"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose one of the two. You may say no.")},
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, ConsentText]]:
        """Return each question with its text."""
        return [(self[f"consent_{kind}"], text) for kind, text in self.texts.items()]

    @property
    def answers(self) -> dict[str, str]:
        """Return the number of each text with the answer."""
        return {str(text.pk): self.cleaned_data[f"consent_{kind}"] for kind, text in self.texts.items()}


class KioskForm(forms.Form):
    """Where a new kiosk stands."""

    label = LineField(label=_("Where it stands"), max_length=40)
