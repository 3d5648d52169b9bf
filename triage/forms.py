"""What the desk types in, checked once."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.models import Staff
from reception.forms import PersonField
from triage.engine.facts import Fault, SeatChange, VisitType
from triage.engine.rehearsal.day import CorrectionKind
from triage.models import Board
from triage.selectors.boards import seated
from triage.selectors.corrections import ASKS, Correction
from triage.selectors.facts import CHANGEABLE_TYPES, ChangedType


class SeatStateForm(forms.Form):
    """What a consultant says, or the desk sees."""

    consultant = forms.ModelChoiceField(Staff.objects.none())
    state = forms.ChoiceField(choices=[(change.value, change.value) for change in SeatChange])
    free_in = forms.IntegerField(label=_("Free in (minutes)"), min_value=0, max_value=240, required=False)
    until = forms.TimeField(label=_("Out until"), required=False)

    def __init__(self, *args: Any, board: Board, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board = board
        self.fields["consultant"].queryset = seated(board)  # type: ignore[attr-defined]

    def clean_until(self) -> datetime | None:
        """Return the time on the board's day, in the branch's time zone."""
        time = self.cleaned_data["until"]
        return datetime.combine(self.board.day, time, self.board.branch.zone) if time else None


class ConsultantForm(forms.Form):
    """One consultant out of those offered."""

    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"))

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = offered  # type: ignore[attr-defined]


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


class OpenBoardForm(forms.Form):
    """Which of the roster are here when the day is opened."""

    present = forms.ModelMultipleChoiceField(Staff.objects.none(), label=_("Here now"), required=False)

    def __init__(self, *args: Any, roster: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = roster  # type: ignore[attr-defined]


class OrderForm(forms.Form):
    """The seats of a board, each with its new place; equal places keep the order they are sent in."""

    reason = forms.CharField(label=_("Reason"), max_length=200)

    def clean(self) -> dict[str, Any]:
        """Read a place for every seat; raise ValidationError when one is no number."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seats, places = self.data.getlist("seat"), self.data.getlist("place")  # type: ignore[attr-defined]
        numbers = [(number_in(seat), number_in(place)) for seat, place in zip(seats, places, strict=False)]
        if not numbers or len(seats) != len(places) or any(None in pair for pair in numbers):
            raise forms.ValidationError(_("Give each seat a place."))
        data["numbers"] = numbers
        return data

    @property
    def order(self) -> list[int]:
        """Return the staff ids in their new order."""
        return [seat for seat, _place in sorted(self.cleaned_data["numbers"], key=lambda pair: pair[1])]


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
