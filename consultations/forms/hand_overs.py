"""Who takes a leaver's visitors over, by which rule, and who is moved by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from clinic.asked import number_in
from clinic.forms import SentOnceForm
from clinic.models import Staff
from consultations.models import HandOver
from reception.forms.fields import LineField


def numbers_in(text: str) -> list[int]:
    """Return the numbers of a list joined by commas; what is none is left out."""
    return [number for part in text.split(",") if (number := number_in(part)) is not None]


def moves_in(text: str) -> dict[int, int]:
    """Return by visitor whom she was moved to, from `visitor:colleague` joined by commas; what is none is left out."""
    moves = {}
    for part in text.split(","):
        visitor, _between, to = part.partition(":")
        first, second = number_in(visitor), number_in(to)
        if first is not None and second is not None:
            moves[first] = second
    return moves


def moves_as_text(moves: dict[int, int]) -> str:
    """Return moves as `moves_in` reads them."""
    return ",".join(f"{visitor}:{to}" for visitor, to in sorted(moves.items()))


class ShareForm(forms.Form):
    """Who takes over, and how the visitors are shared out among them."""

    to = forms.TypedMultipleChoiceField(
        label=_("Who takes them over?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose who takes the visitors over."),
            "invalid_choice": _("Somebody you chose is no consultant of this branch any more. Choose again."),
        },
    )
    rule = forms.ChoiceField(
        label=_("How are they shared out?"),
        choices=HandOver.Rule.choices,
        initial=HandOver.Rule.EVENLY,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, colleagues: Sequence[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_pk = {one.pk: one for one in colleagues}
        choices = self.fields["to"]
        assert isinstance(choices, forms.TypedMultipleChoiceField)
        choices.choices = [(one.pk, _with_number(one)) for one in colleagues]

    def clean(self) -> dict[str, Any]:
        """Return what was chosen; all to one asks for exactly one."""
        said = super().clean() or {}
        if said.get("rule") == HandOver.Rule.ONE and len(said.get("to", [])) > 1:
            self.add_error("to", str(_("All to one: choose one colleague, or another way to share them out.")))
        return said

    @property
    def receivers(self) -> list[Staff]:
        """Return the colleagues chosen, in the order they are listed; only after `is_valid`."""
        chosen = set(self.cleaned_data["to"])
        return [one for pk, one in self.by_pk.items() if pk in chosen]

    @property
    def as_text(self) -> str:
        """Return rule and colleagues in one line, to tell one choice from another; only after `is_valid`."""
        return ",".join([self.cleaned_data["rule"], *(str(one.pk) for one in self.receivers)])


def _with_number(colleague: Any) -> str:
    said = ngettext("%(name)s · %(number)d visitor", "%(name)s · %(number)d visitors", colleague.number)
    return said % {"name": colleague, "number": colleague.number}


class CarryOutForm(SentOnceForm):
    """The preview as it was seen, and why it is carried out. `moves` are kept from one preview to the next.

    `shared` says for whom and by which rule the preview was made.
    """

    moves = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    shared = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = LineField(
        label=pgettext_lazy("hand-over", "Why?"),
        max_length=200,
        help_text=_("It stays with every visitor, and the new consultants read it."),
    )


class TakeBackForm(forms.Form):
    """Why a hand-over is taken back."""

    reason = LineField(label=pgettext_lazy("hand-over", "Why is it taken back?"), max_length=200)
