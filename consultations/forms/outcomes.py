"""What comes out of a consultation."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.forms.fields import DayInput, VersionedForm
from consultations.models import Consultation


class NoDealForm(VersionedForm):
    """Why nothing was bought, and when to ask again."""

    reason = forms.CharField(
        label=_("Why no deal?"), max_length=200, widget=forms.TextInput({"list": "no-deal-reasons"})
    )
    call_again_on = forms.DateField(label=_("Call again on"), required=False, widget=DayInput)


def no_deal_initial(consultation: Consultation) -> dict[str, object]:
    """Return a no-deal form's first values."""
    again: date | None = consultation.call_again_on
    return {
        "version": consultation.version,
        "reason": consultation.no_deal_reason,
        "call_again_on": again,
    }
