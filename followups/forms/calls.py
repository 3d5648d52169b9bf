"""What is typed on the call card and on the supervisor's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from followups.models import CallAttempt, PlanQuestion
from followups.models.plans import LONGEST_ANSWER, SCALE, YES_NO

_Result = CallAttempt.Result
SCORES = {
    1: _("very poor"),
    2: _("poor"),
    3: _("fair"),
    4: _("good"),
    5: _("very good"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the card: its field, and each answer with whether it is not normal."""

    question: PlanQuestion
    field: forms.BoundField

    @property
    def choices(self) -> list[tuple[BoundWidget, bool]]:
        """Return each answer to choose, and whether it is not normal; none for an answer in words."""
        if self.question.kind == PlanQuestion.Kind.TEXT:
            return []
        return [(choice, self.question.warns(choice.data["value"])) for choice in self.field]


class AttemptForm(forms.Form):
    """A try and its result; only what belongs to the result is kept. `questions`: what the call asks and records.

    When the visitor called (`direction` in) it cannot have reached nobody.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    direction = forms.ChoiceField(
        choices=CallAttempt.Direction.choices,
        required=False,
        initial=CallAttempt.Direction.OUT.value,
        widget=forms.HiddenInput,
    )
    result = forms.ChoiceField(
        label=_("Result"),
        choices=_Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the call led to.")},
    )
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction"),
        choices=SCORES.items(),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    recovery = forms.ChoiceField(
        label=_("Recovery"), choices=CallAttempt.Recovery.choices, required=False, widget=forms.RadioSelect
    )
    later_on = forms.DateField(
        label=_("Call again on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    later_at = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    suggestions = forms.CharField(
        label=_("What she suggests"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    notes = forms.CharField(
        label=_("Notes on the call"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, questions: Sequence[PlanQuestion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[_name(question)] = _field(question)
        if self.inbound:
            self.fields["result"].choices = [  # type: ignore[attr-defined]
                (value, word) for value, word in _Result.choices if value not in CallAttempt.NOBODY
            ]

    @property
    def inbound(self) -> bool:
        """Whether the visitor called."""
        return bool(self["direction"].value() == CallAttempt.Direction.IN)

    @property
    def asked(self) -> list[Asked]:
        """Return the questions with their fields."""
        return [Asked(question, self[_name(question)]) for question in self.questions]

    @property
    def scores(self) -> list[tuple[BoundWidget, bool]]:
        """Return each score of the satisfaction, and whether it is a bad one."""
        return [(choice, int(choice.data["value"]) <= CallAttempt.UNHAPPY_UP_TO) for choice in self["satisfaction"]]

    def clean(self) -> dict[str, Any]:
        """Ask for what the result needs and drop what does not belong to it."""
        data: dict[str, Any] = super().clean() or {}
        result = data.get("result")
        if result != _Result.REACHED:
            data["satisfaction"], data["recovery"], data["suggestions"] = None, "", ""
            for question in self.questions:
                data[_name(question)] = ""
        elif not data.get("recovery"):
            self.add_error("recovery", _("Say whether the recovery is normal."))
        elif data["recovery"] == CallAttempt.Recovery.NORMAL and not data.get("notes") and self._warned(data):
            self.add_error(
                "notes",
                _("An answer is not normal. Write why the recovery is normal all the same, or choose abnormal."),
            )
        if result != _Result.LATER:
            data["later_on"] = data["later_at"] = None
        elif not data.get("later_on") and "later_on" not in self.errors:
            self.add_error("later_on", _("Say when to call again."))
        return data

    def _warned(self, data: dict[str, Any]) -> bool:
        return any(question.warns(data.get(_name(question), "")) for question in self.questions)

    def outcome(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the arguments of `record_attempt`; the promised time is meant in the branch's time zone."""
        data = self.cleaned_data
        day: date | None = data["later_on"]
        names = ("version", "result", "satisfaction", "recovery", "suggestions", "notes")
        return {
            **{name: data[name] for name in names},
            "direction": data["direction"] or CallAttempt.Direction.OUT.value,
            "answers": {question.pk: data[_name(question)] for question in self.questions},
            "call_on": day,
            "call_at": datetime.combine(day, data["later_at"], zone) if day and data["later_at"] else None,
        }


def _name(question: PlanQuestion) -> str:
    return f"answer_{question.pk}"


def _field(question: PlanQuestion) -> forms.Field:
    if question.kind == PlanQuestion.Kind.TEXT:
        return forms.CharField(label=str(question), max_length=LONGEST_ANSWER, required=False)
    if question.kind == PlanQuestion.Kind.SCALE:
        numbers = [("", "–"), *((number, number) for number in SCALE)]
        return forms.ChoiceField(label=str(question), choices=numbers, required=False)
    return forms.ChoiceField(label=str(question), choices=YES_NO.items(), required=False, widget=forms.RadioSelect)


class TalkForm(forms.Form):
    """What a visitor says who calls although no call of hers is due."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    recovery = forms.ChoiceField(
        label=_("Recovery"),
        choices=CallAttempt.Recovery.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether the recovery is normal.")},
    )
    notes = forms.CharField(
        label=_("What she says"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write down what she said.")},
    )


class PutBackForm(forms.Form):
    """Back on the agents' list."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    call_on = forms.DateField(label=_("Call on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class SettleForm(forms.Form):
    """Off the supervisor's list."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("What was done"), max_length=200)
