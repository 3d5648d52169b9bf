"""What a branch settles about its calls, as the supervisor types it."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms.drawing import SharedForm, TimeInput
from followups.models import CallRules
from followups.services.rules import SETTLED

if TYPE_CHECKING:
    CallRulesModelForm = forms.ModelForm[CallRules]
else:
    CallRulesModelForm = forms.ModelForm

OPERATION_DAYS = [
    (0, gettext_lazy("Day 0: the call of day 2 is made two days after the operation")),
    (1, gettext_lazy("Day 1: the call of day 2 is made on the day after the operation")),
]


class CallRulesForm(SharedForm, CallRulesModelForm):
    """Every rule of a branch's calls, each with what it does in plain words."""

    operation_day = forms.TypedChoiceField(
        label=gettext_lazy("The day of the operation is"),
        choices=OPERATION_DAYS,
        coerce=int,
        help_text=gettext_lazy("When it changes, open calls counted in days from the operation move."),
    )

    class Meta:
        model = CallRules
        fields = SETTLED
        widgets: ClassVar = {
            "call_from": TimeInput(),
            "call_until": TimeInput(),
            "rest_from": TimeInput(),
            "rest_until": TimeInput(),
        }
        help_texts: ClassVar = {
            "call_from": gettext_lazy("Nobody is tried again before; what falls earlier waits until then."),
            "call_until": gettext_lazy("Nobody is tried again after; what falls later waits for the next morning."),
            "rest_from": gettext_lazy("The rest at noon, if there is one: tries that fall into it wait for its end."),
            "rest_until": gettext_lazy("Empty when there is no rest."),
            "most_tries": gettext_lazy("After so many without an answer the supervisor decides."),
            "tries_a_day": gettext_lazy("After so many on one day the next morning is waited for."),
            "pause_no_answer": gettext_lazy("15 to 720. A call of a plan may say otherwise."),
            "pause_busy": gettext_lazy("5 to 720."),
            "target_reached": gettext_lazy("The weekly report measures the share of visitors reached against it."),
            "target_satisfied": gettext_lazy("The weekly report measures the share of satisfied visitors against it."),
            "review_minutes": gettext_lazy("After that whoever heads the department is told that nobody answered."),
        }

    def clean(self) -> dict[str, Any]:
        """Want hours that follow one another."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("call_from"), data.get("call_until")
        begins, ends = data.get("rest_from"), data.get("rest_until")
        if first and last and first >= last:
            self.add_error("call_until", _("The last call of a day is later than the first one."))
        elif bool(begins) != bool(ends):
            self.add_error("rest_until", _("Give both the beginning and the end of the rest, or neither."))
        elif begins and ends and first and last and not first < begins < ends < last:
            self.add_error("rest_until", _("The rest lies within the hours of calling, and ends after it begins."))
        return data
