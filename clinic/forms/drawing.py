"""How every form is drawn, and what forms of every room share."""

from typing import Any
from uuid import uuid4

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict

from clinic.problems import Refused


class DeskFormRenderer(TemplatesSetting):
    """Draws forms and fields with the templates under `templates/forms/`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def refusal(form: forms.Form, sentence: object, *, code: str) -> Refused:
    """Return why a form without a page of its own is refused: what is too long, if anything is, else the sentence."""
    too_long = [error for errors in form.errors.as_data().values() for error in errors if error.code == "max_length"]
    return Refused(too_long[0].messages[0] if too_long else sentence, code=code)


class DateInput(forms.DateInput):
    """The browser's own calendar, in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def typed_with(data: Any, **changes: str) -> QueryDict:
    """Return what was typed, with some fields set to something else."""
    typed = QueryDict(mutable=True)
    typed.update(data)
    for name, value in changes.items():
        typed[name] = value
    return typed


class SentOnceForm(forms.Form):
    """A form that is carried out once, however often it is sent: it carries a key of its own."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def begin_again(self, problem: Refused) -> None:
        """Say why nothing was done, and keep what was typed under a new key."""
        self.data = typed_with(self.data, request_key=str(uuid4()))
        self.add_error(None, str(problem.message))


class SharedForm(forms.Form):
    """A form on something that somebody else may change meanwhile: it carries the change it was drawn after."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def look_again(self, problem: Refused) -> None:
        """Say what somebody else changed, and keep what was typed, to be saved on top of that."""
        self.data = typed_with(self.data, seen=str(problem.detail["seen"]))
        self.add_error(None, str(problem.message))

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was typed, without what the form carries; only after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
