"""What is said at a department's desk about a visitor."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clinic.models import Department, Staff
from consultations.forms.fields import VersionedForm
from consultations.services.desk_numbing import LONGEST_NUMBING

if TYPE_CHECKING:
    StaffField = forms.ModelChoiceField[Staff]
    DepartmentField = forms.ModelChoiceField[Department]
else:
    StaffField = DepartmentField = forms.ModelChoiceField


class TakeInForm(forms.Form):
    """Who is taken in, and which of the treatments that come into question it is about."""

    visit = forms.IntegerField(min_value=1)
    treatment = forms.IntegerField(min_value=1, required=False)


class GiveForm(forms.Form):
    """A proposal as it stood on the screen."""

    sequence = forms.IntegerField(min_value=0)


class NameForCaseForm(forms.Form):
    """Who receives a visitor against the order, and why (K9)."""

    consultant = StaffField(Staff.objects.none(), label=_("Who receives her"))
    turn = forms.ChoiceField(
        label=_("Turn"),
        required=False,
        choices=[("", _("as the rule says")), ("counted", _("counted")), ("free", _("no turn used"))],
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, offered: QuerySet[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = offered  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """Why a visitor goes without having been received."""

    reason = forms.CharField(label=_("Why does she leave?"), max_length=200, required=False)


class NumbingForm(forms.Form):
    """For how many minutes the numbing cream has to work."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=LONGEST_NUMBING)


class SeenVersionForm(VersionedForm):
    """The case as it stood on the screen."""


class SendOnForm(forms.Form):
    """To which department a visitor is sent on."""

    department = DepartmentField(Department.objects.none(), label=_("Department"))

    def __init__(self, *args: Any, offered: QuerySet[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = offered  # type: ignore[attr-defined]
