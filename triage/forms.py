"""What the desk types in, checked once."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Staff
from triage.engine.facts import SeatChange, VisitType
from triage.models import Board
from triage.selectors.boards import seated
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


class OpenBoardForm(forms.Form):
    """Which of the roster are here when the day is opened."""

    present = forms.ModelMultipleChoiceField(Staff.objects.none(), label=_("Here now"), required=False)

    def __init__(self, *args: Any, roster: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = roster  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
