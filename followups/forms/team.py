"""What the supervisor chooses about the agents: whose list cards go on, when somebody is away, and what she takes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinic.forms import DateInput
from clinic.models import Staff
from followups.selectors import treating_kinds

EVERYBODY = "everybody"
_WHICH = (("all", _("All that are open on her list")), ("ticked", _("Only those ticked on this page")))


class GiveForm(forms.Form):
    """Cards of one list that go on others. `mark`: of what the preview showed."""

    which = forms.ChoiceField(label=_("Which calls"), choices=_WHICH, widget=forms.RadioSelect, initial="all")
    to = forms.MultipleChoiceField(
        label=pgettext_lazy("calls that change lists", "To"),
        help_text=_("One gets all of them; among several they are shared out."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who gets them.")},
    )
    mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: Sequence[Staff], **options: Any) -> None:
        super().__init__(*args, **options)
        self.colleagues = {str(one.pk): one for one in colleagues}
        field = self.fields["to"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            *((pk, str(one)) for pk, one in self.colleagues.items()),
            (EVERYBODY, _("Everybody's list")),
        ]

    def clean_to(self) -> list[str]:
        """Everybody's list is one of its own."""
        chosen: list[str] = self.cleaned_data["to"]
        if EVERYBODY in chosen and len(chosen) > 1:
            raise forms.ValidationError(_("Choose colleagues, or everybody's list, not both."))
        return chosen

    @property
    def receivers(self) -> list[Staff]:
        """Return the colleagues chosen; none: everybody's list. Only after `is_valid`."""
        return [self.colleagues[pk] for pk in self.cleaned_data["to"] if pk != EVERYBODY]


class AbsenceForm(forms.Form):
    """Days on which somebody makes no calls."""

    first_on = forms.DateField(label=pgettext_lazy("first day", "From"), widget=DateInput)
    last_on = forms.DateField(label=pgettext_lazy("last day", "Until"), widget=DateInput)
    reason = forms.CharField(label=_("Why"), max_length=200, required=False)


class AgentForm(forms.Form):
    """What an agent takes."""

    takes_part = forms.BooleanField(label=_("Calls are shared out to her"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Departments whose treatments she knows"),
        help_text=_("None ticked: all of them."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages she speaks on the telephone"),
        help_text=_("None ticked: Chinese."),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        kinds.choices = treating_kinds()
