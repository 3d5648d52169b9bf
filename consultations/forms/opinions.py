"""Asking a doctor or a panel, and what they answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from consultations.forms.changes import ColleagueField
from consultations.forms.fields import VersionedForm, chosen_of
from consultations.selectors.people import Colleague


class AskForm(forms.Form):
    """Which doctor is asked, and what."""

    doctor = ColleagueField(label=_("Doctor"), nobody="—")
    question = forms.CharField(label=_("What do you ask?"), max_length=200, required=False)

    def __init__(self, *args: Any, colleagues: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["doctor"]
        assert isinstance(field, ColleagueField)
        field.among(colleagues)


class PanelForm(forms.Form):
    """Who comes together about a visitor, and who of them had her first."""

    members = forms.TypedMultipleChoiceField(
        label=_("Who takes part"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who takes part in the panel.")},
    )
    had_first = forms.TypedMultipleChoiceField(
        label=_("Who had the visitor first"),
        help_text=_("Doctor and consultant who had her first keep 30 % of a deal."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Say who had the visitor first: they keep their part of a deal.")},
    )
    question = forms.CharField(label=_("What is it about?"), max_length=200, required=False)

    def __init__(self, *args: Any, colleagues: Sequence[Colleague], me: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.staff.pk): one.staff for one in (Colleague(me), *colleagues)}
        others = [(str(one.staff.pk), one.label) for one in colleagues]
        mine = (str(me.pk), _("%(name)s (you)") % {"name": me.display_name})
        names = [(str(one.staff.pk), one.staff.display_name) for one in colleagues]
        for name, choices in (("members", others), ("had_first", [mine, *names])):
            field = self.fields[name]
            assert isinstance(field, forms.TypedMultipleChoiceField)
            field.choices = choices
            field.coerce = chosen_of(self.people)


class OpinionForm(VersionedForm):
    """What somebody who was asked thinks."""

    opinion = forms.CharField(label=_("What do you think?"), max_length=2000, widget=forms.Textarea({"rows": 6}))
