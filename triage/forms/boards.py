"""What the desk types in about a board: its opening, its seats, its teams and their order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.asked import number_in
from clinic.models import Staff
from triage.engine.facts import SeatChange
from triage.models import Board, Policy
from triage.selectors.boards import coming, seated
from triage.selectors.teams import Place
from triage.services.teams import Seating

if TYPE_CHECKING:
    PolicyChoiceField = forms.ModelChoiceField[Policy]
else:
    PolicyChoiceField = forms.ModelChoiceField


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
        """Return the moment that is meant, by the clock of the branch."""
        time = self.cleaned_data["until"]
        return coming(time, self.board.branch.zone, timezone.now()) if time else None


class ConsultantForm(forms.Form):
    """One consultant out of those offered."""

    consultant = forms.ModelChoiceField(Staff.objects.none(), label=_("Consultant"))

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultant"].queryset = offered  # type: ignore[attr-defined]


HERE, LATER, OFF = "here", "later", "off"


class OpenBoardForm(forms.Form):
    """Who of the roster is here when the day is opened, in which order they came, and who has the day off.

    `seat`, `presence` and `place` are sent once for each of them; equal places keep the order they are sent in. Of whom
    nothing is said, the rules say it.
    """

    def __init__(self, *args: Any, roster: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = {one.pk: one for one in roster}

    def clean(self) -> dict[str, Any]:
        """Read presence and place of everybody; raise ValidationError for one who is not expected here."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sent = self.data
        told = [(number_in(seat), *rest) for seat, *rest in zip(
            sent.getlist("seat"), sent.getlist("presence"), sent.getlist("place"), strict=False  # type: ignore[attr-defined]
        )]  # fmt: skip
        if any(pk not in self.roster or presence not in (HERE, LATER, OFF) for pk, presence, _place in told):
            raise forms.ValidationError(_("The roster has changed meanwhile."))
        if told and sorted(pk for pk, *_rest in told if pk is not None) != sorted(self.roster):
            raise forms.ValidationError(_("The roster has changed meanwhile."))
        told.sort(key=lambda one: number_in(one[2]) or len(told) + 1)
        data["told"] = [(self.roster[pk], presence) for pk, presence, _place in told]
        return data

    @property
    def present(self) -> list[Staff] | None:
        """Return who is here, in the order they came; None when nothing was said."""
        told = self.cleaned_data["told"]
        return [one for one, presence in told if presence == HERE] if told else None

    @property
    def off(self) -> list[Staff]:
        """Return who has the day off."""
        return [one for one, presence in self.cleaned_data["told"] if presence == OFF]


class TeamsForm(forms.Form):
    """Everybody who may be in a team of a desk: the number of her team (empty: none), her place in it, her sister."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.people = {place.staff.pk: place.staff for place in places}
        for place in places:
            self.fields |= {
                f"team_{place.staff.pk}": _small_number(_("Team"), place.team),
                f"position_{place.staff.pk}": _small_number(_("Place in the team"), place.position),
                f"sister_{place.staff.pk}": forms.TypedChoiceField(
                    label=_("While off"),
                    required=False,
                    coerce=int,
                    empty_value=None,
                    initial=place.sister_id or "",
                    choices=[
                        ("", "–"),
                        *((pk, one.display_name) for pk, one in self.people.items() if one != place.staff),
                    ],
                ),
            }

    @property
    def rows(self) -> list[tuple[Place, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return a line for each person: her place as it is, and her three fields."""
        return [
            (one, self[f"team_{one.staff.pk}"], self[f"position_{one.staff.pk}"], self[f"sister_{one.staff.pk}"])
            for one in self.places
        ]

    @property
    def seatings(self) -> list[Seating]:
        """Return the checked places of those who are in a team."""
        data = self.cleaned_data
        return [
            Seating(one, data[f"team_{pk}"], data[f"position_{pk}"] or 1, self.people.get(data[f"sister_{pk}"]))
            for pk, one in self.people.items()
            if data[f"team_{pk}"]
        ]


def _small_number(label: Any, initial: int | None) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=99, required=False, initial=initial)


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
