"""What a doctor says about a visitor who is not well."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.asked import FIRST_DAY, LAST_DAY
from clinic.forms.drawing import DateInput
from followups.models import UrgentReview

_Answer = UrgentReview.Answer


class ReviewForm(forms.Form):
    """What is done, and what the visitor is told."""

    answer = forms.ChoiceField(
        label=gettext_lazy("What is done"),
        choices=_Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what is done.")},
    )
    come_on = forms.DateField(
        label=gettext_lazy("Comes on"),
        widget=DateInput(),
        required=False,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    note = forms.CharField(
        label=gettext_lazy("What the visitor is told"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs and drop what does not belong to it."""
        data: dict[str, Any] = super().clean() or {}
        answer, day = data.get("answer"), data.get("come_on")
        if answer != _Answer.COME_ON:
            data["come_on"] = None
            self.errors.pop("come_on", None)
        elif day is None and "come_on" not in self.errors:
            self.add_error("come_on", _("Say on which day she comes."))
        if answer == _Answer.ADVICE and not str(data.get("note", "")).strip() and "note" not in self.errors:
            self.add_error("note", _("Write down the advice, so that it can be told to the visitor."))
        return data

    @property
    def outcome(self) -> dict[str, Any]:
        """Return the arguments of `answer_review`; only after `is_valid`."""
        day: date | None = self.cleaned_data["come_on"]
        return {"answer": self.cleaned_data["answer"], "note": self.cleaned_data["note"], "come_on": day}
