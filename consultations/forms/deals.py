"""What was bought line by line, what was received for it, and who is credited."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinic.forms.drawing import SentOnceForm, typed_with
from clinic.models import Project, Staff
from clinic.problems import Refused
from consultations.forms.fields import DayInput, MoneyField, VersionedForm, chosen_of
from consultations.models import Deal, DealShare, Payment
from consultations.services.deals import MOST_LINES, Line

MOST_PEOPLE = 12
NO_CHOICE = ("", "—")

if TYPE_CHECKING:
    RowsFormSet = forms.BaseFormSet[forms.Form]
else:
    RowsFormSet = forms.BaseFormSet


def _amount(**kwargs: Any) -> MoneyField:
    return MoneyField(min_value=Decimal(0), max_digits=12, decimal_places=2, **kwargs)


class LineForm(forms.Form):
    """One project of a deal; a row in which nothing stands is none."""

    project = forms.TypedChoiceField(label=gettext_lazy("Project"), required=False)
    sessions = forms.IntegerField(label=gettext_lazy("Sessions"), min_value=1, max_value=200, initial=1, required=False)
    amount = _amount(label=gettext_lazy("Amount in yuan"), required=False)

    def __init__(self, *args: Any, offered: Sequence[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        assert isinstance(field, forms.TypedChoiceField)
        by_pk = {str(one.pk): one for one in offered}
        field.choices = [NO_CHOICE, *((pk, str(one)) for pk, one in by_pk.items())]
        field.coerce = chosen_of(by_pk)
        field.empty_value = None
        self.fields["sessions"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        """Want project and amount, or neither."""
        data = super().clean() or self.cleaned_data
        project, amount = data.get("project"), data.get("amount")
        if project is None and amount is not None and "project" not in self.errors:
            self.add_error("project", _("Choose what was bought."))
        if project is not None and amount is None and "amount" not in self.errors:
            self.add_error("amount", _("Say for how much; 0 when it is free."))
        return data


class LinesFormSet(RowsFormSet):
    """The lines of a deal: at least one, no project twice."""

    def clean(self) -> None:
        """Want at least one line, and every project once."""
        if any(form.errors for form in self.forms):
            return
        found = [line.project.pk for line in self.lines]
        if not found:
            raise forms.ValidationError(_("Choose what was bought."))
        if len(set(found)) < len(found):
            raise forms.ValidationError(_("A project stands here twice. Put it into one line."))

    @property
    def lines(self) -> list[Line]:
        """Return what was bought; only after `is_valid`."""
        said = [form.cleaned_data for form in self.forms if form.cleaned_data.get("project") is not None]
        return [Line(one["project"], one["amount"], one.get("sessions") or 1) for one in said]


_Lines = forms.formset_factory(
    LineForm, formset=LinesFormSet, extra=1, max_num=MOST_LINES, validate_max=True, absolute_max=MOST_LINES + 1
)


def lines_form(
    data: Mapping[str, Any] | None = None, *, offered: Iterable[Project], initial: Sequence[Mapping[str, Any]] = ()
) -> LinesFormSet:
    """Return the rows of a deal, filled with what is known; one row more is empty."""
    made = _Lines(data, prefix="lines", initial=initial or None, form_kwargs={"offered": list(offered)})
    assert isinstance(made, LinesFormSet)
    return made


class DealForm(VersionedForm):
    """How a deal is paid: all of it now, or a deposit."""

    kind = forms.ChoiceField(label=gettext_lazy("Payment"), choices=Deal.Kind, widget=forms.RadioSelect)
    deposit = _amount(
        label=gettext_lazy("Deposit received, in yuan"),
        help_text=gettext_lazy("0 when nothing was received yet."),
        error_messages={"required": gettext_lazy("Say how much was received; 0 when nothing yet.")},
    )
    receipt_number = forms.CharField(label=gettext_lazy("Receipt number"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What is paid in full has no deposit; the field is not shown then.
        self.fields["deposit"].required = not self.is_bound or self.data.get("kind") == Deal.Kind.DEPOSIT

    def clean(self) -> dict[str, Any]:
        """Want no deposit of what is paid in full: what stands in the hidden field from before is not read."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") == Deal.Kind.PAID:
            self.errors.pop("deposit", None)
            data["deposit"] = None
        return data


class PaymentForm(SentOnceForm):
    """A payment as it is noted. `seen`: the latest note that stood on the page."""

    seen = forms.IntegerField(min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=pgettext_lazy("payment", "What for"), choices=Payment.Kind, widget=forms.RadioSelect)
    amount = _amount(label=gettext_lazy("Amount in yuan"))
    received_on = forms.DateField(label=gettext_lazy("Received on"), widget=DayInput)
    receipt_number = forms.CharField(label=gettext_lazy("Receipt number"), max_length=40, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A refund needs one."),
    )

    def refused(self, problem: Refused) -> None:
        """Say why nothing was noted and keep what was typed, to be sent on top of what is noted now."""
        self.begin_again(problem)
        if "seen" in problem.detail:
            self.data = typed_with(self.data, seen=str(problem.detail["seen"]))


class CorrectPaymentForm(forms.Form):
    """What a mistaken note should have said."""

    kind = forms.ChoiceField(label=pgettext_lazy("payment", "What for"), choices=Payment.Kind, widget=forms.RadioSelect)
    amount = _amount(
        label=gettext_lazy("Amount in yuan"), help_text=gettext_lazy("0 when nothing was received or given back.")
    )
    received_on = forms.DateField(label=gettext_lazy("Received on"), widget=DayInput)
    receipt_number = forms.CharField(label=gettext_lazy("Receipt number"), max_length=40, required=False)
    reason = forms.CharField(label=gettext_lazy("Why is it corrected?"), max_length=200)


class ReasonForm(forms.Form):
    """Why a deal is corrected."""

    reason = forms.CharField(label=gettext_lazy("Why is it corrected?"), max_length=200)


class VoidForm(ReasonForm):
    """Why nothing was bought after all."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class ShareForm(forms.Form):
    """One person and her share; a row without a person is none."""

    person = forms.TypedChoiceField(label=gettext_lazy("Person"), required=False)
    percent = forms.DecimalField(
        label=gettext_lazy("Per cent"),
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, people: Sequence[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.TypedChoiceField)
        by_pk = {str(one.pk): one for one in people}
        field.choices = [NO_CHOICE, *((pk, one.display_name) for pk, one in by_pk.items())]
        field.coerce = chosen_of(by_pk)
        field.empty_value = None

    def clean(self) -> dict[str, Any]:
        """Want somebody beside a share."""
        data = super().clean() or self.cleaned_data
        if data.get("percent") is not None and data.get("person") is None and "person" not in self.errors:
            self.add_error("person", _("Say whose share this is."))
        return data


class SharesFormSet(RowsFormSet):
    """Who is credited with a part of a deal."""

    @property
    def people(self) -> list[tuple[Staff, Decimal | None]]:
        """Return people with their shares, 1 being the whole; only after `is_valid`."""
        said = [form.cleaned_data for form in self.forms if form.cleaned_data.get("person") is not None]
        return [(one["person"], None if one["percent"] is None else one["percent"] / 100) for one in said]


_Shares = forms.formset_factory(ShareForm, formset=SharesFormSet, extra=2, max_num=MOST_PEOPLE, validate_max=True)


def shares_form(
    data: Mapping[str, Any] | None = None, *, people: Iterable[Staff], had: Iterable[DealShare] = ()
) -> SharesFormSet:
    """Return the rows of shares, filled with those there are; two rows more are empty."""
    initial = [{"person": str(one.staff_id), "percent": f"{one.percent.normalize():f}"} for one in had]
    made = _Shares(data, prefix="shares", initial=initial or None, form_kwargs={"people": list(people)})
    assert isinstance(made, SharesFormSet)
    return made


def payment_initial(*, due: Decimal, received: Decimal, seen: int, today: date) -> dict[str, object]:
    """Return a payment form's first values: what is open, paid today; where nothing is, the only thing left to note."""
    after = Payment.Kind.BALANCE if due else Payment.Kind.REFUND
    kind = after if received else Payment.Kind.FULL
    return {"kind": kind.value, "amount": due or None, "received_on": today, "seen": seen}
