"""What the desk types in about a visit: who receives it, its type, a correction."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from reception.forms import PersonField
from triage.engine.facts import Fault, VisitType
from triage.engine.rehearsal.day import CorrectionKind
from triage.models import Policy
from triage.selectors.corrections import ASKS, Correction
from triage.selectors.facts import CHANGEABLE_TYPES, ChangedType

if TYPE_CHECKING:
    PolicyChoiceField = forms.ModelChoiceField[Policy]
else:
    PolicyChoiceField = forms.ModelChoiceField
from triage.forms.boards import ConsultantForm


class NameForm(ConsultantForm):
    """Who receives a visit, named by hand."""

    by = forms.ChoiceField(choices=[("owner", "owner"), ("supervisor", "supervisor")])
    turn = forms.ChoiceField(
        label=_("Turn"),
        required=False,
        choices=[("", _("as the rule says")), ("counted", _("counted")), ("free", _("no turn used"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ChangedTypeForm(forms.Form):
    """The desk says that the visit is of another type."""

    visit_type = forms.ChoiceField(label=_("Type"), choices=CHANGEABLE_TYPES)
    type_reason = forms.CharField(label=_("Reason"), max_length=200)

    @property
    def changed_type(self) -> ChangedType:
        """Return the checked values as the services take them."""
        return ChangedType(VisitType(self.cleaned_data["visit_type"]), self.cleaned_data["type_reason"])


class CorrectionForm(forms.Form):
    """What is to be corrected, and what the correction needs to be told."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in ASKS])
    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"), required=False)
    referrer = PersonField(label=_("Brought by"), required=False)
    referrer_text = forms.CharField(max_length=60, required=False)
    fault = forms.ChoiceField(
        label=_("Whose fault"),
        required=False,
        choices=[("", _("nobody's")), ("receiver", _("the receiver steered it")), ("visitor", _("the visitor hid it"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, consultants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = consultants  # type: ignore[attr-defined]

    @property
    def correction(self) -> Correction:
        """Return the checked values as the services take them."""
        data = self.cleaned_data
        return Correction(
            kind=CorrectionKind(data["kind"]),
            consultant=data["consultant"],
            referrer=data["referrer"],
            fault=Fault(data["fault"]) if data["fault"] else None,
            reason=data["reason"].strip(),
        )


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
