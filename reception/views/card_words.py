"""A visitor's own card in words, for the clerk who takes it over."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from reception.infections import QUESTIONS
from reception.models import CalledBefore, Consent, ConsentText, IntakeCard, PreCheck, Visitor
from reception.phones import as_written
from reception.services.intake import OWN_FIELDS, differences, filled_in

# These stand in the arrival form already.
_IN_THE_FORM = ("phone", "gender")
NOT_KNOWN = (None, "", "unknown")


@dataclass(frozen=True, slots=True)
class CardDifference:
    """A field in which a card says something else than the record: in words, and whether it is to be taken over."""

    field: str
    label: str
    on_file: str
    on_card: str
    phone: bool
    ticked: bool


def said_on(card: IntakeCard) -> list[tuple[str, str]]:
    """Return what a card says beside the first lines of the arrival form: label and answer."""
    said = [(_label(name), _words(name, value)) for name, value in filled_in(card).items() if name not in _IN_THE_FORM]
    yes = [_question(question) for question in QUESTIONS if card.answers.get(question)]
    if yes:
        said.append((_("Pre-check"), " · ".join(yes)))
    answers = card.answers.get("consents", {})
    for text in ConsentText.objects.filter(pk__in=[int(pk) for pk in answers]).order_by("pk"):
        said.append((text.get_kind_display(), str(Consent.Answer(answers[str(text.pk)]).label)))
    return said


def differing(card: IntakeCard, known: Visitor, wanted: list[str] | None) -> list[CardDifference]:
    """Return where a card and the record differ; what is empty on file is ticked at first."""
    return [
        CardDifference(
            field=name,
            label=_label(name),
            on_file=_words(name, on_file),
            on_card=_words(name, value),
            phone=name == "phone",
            ticked=on_file in NOT_KNOWN if wanted is None else name in wanted,
        )
        for name, (on_file, value) in differences(card, known).items()
    ]


def _label(name: str) -> str:
    assert name in OWN_FIELDS
    label = str(Visitor._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _question(name: str) -> str:
    return str(PreCheck._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _words(name: str, value: Any) -> str:
    if value in NOT_KNOWN:
        return ""
    if name == "gender":
        return str(Visitor.Gender(value).label)
    if name == "called_before":
        return str(CalledBefore(value).label)
    if name == "phone":
        return as_written(str(value))
    return str(value)
