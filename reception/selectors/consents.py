"""The texts of consents, and what a visitor answered to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from reception.models import Consent, ConsentText, Visitor
from reception.selectors.merging import records_of

KINDS = tuple(ConsentText.Kind.values)


@dataclass(frozen=True, slots=True)
class Standing:
    """One consent as it stands: the text now in force (None: none yet) and the visitor's newest answer, if any."""

    kind: str
    label: str
    text: ConsentText | None
    answer: Consent | None

    @property
    def outdated(self) -> bool:
        """Whether she agreed to an earlier version than the one in force."""
        agreed = self.answer is not None and self.answer.answer == Consent.Answer.GIVEN
        return agreed and self.text is not None and self.answer is not None and self.answer.text_id != self.text.pk


def texts_in_force(day: date) -> dict[str, ConsentText]:
    """Return the text of each kind that is in force on a day, in the order they are asked. One query."""
    rows = ConsentText.objects.filter(starts_on__lte=day).order_by("kind", "-version").distinct("kind")
    found = {text.kind: text for text in rows}
    return {kind: found[kind] for kind in KINDS if kind in found}


def consents_of(visitor: Visitor) -> list[Consent]:
    """Return all answers of a visitor, the newest first, by when she gave them. One query."""
    answers = Consent.objects.filter(visitor__in=records_of(visitor)).select_related("text", "staff")
    return list(answers.order_by("-at", "-pk"))


def standing_of(consents: Iterable[Consent], texts: dict[str, ConsentText]) -> list[Standing]:
    """Return how each kind of consent stands, from all answers (newest first) and the texts in force."""
    newest: dict[str, Consent] = {}
    for consent in consents:
        newest.setdefault(consent.text.kind, consent)
    return [Standing(kind.value, str(kind.label), texts.get(kind), newest.get(kind)) for kind in ConsentText.Kind]


def latest_consent_id(visitor: Visitor) -> int:
    """Return the number of a visitor's newest answer, 0 when there is none."""
    return (
        Consent.objects.filter(visitor__in=records_of(visitor)).order_by("-pk").values_list("pk", flat=True).first()
        or 0
    )


def versions() -> QuerySet[ConsentText]:
    """Return every version of every text, the newest of a kind first."""
    return ConsentText.objects.select_related("made_by").order_by("kind", "-version")


def newest_consent(visitor: Visitor, kind: str) -> Consent | None:
    """Return a visitor's newest answer to a kind of consent, None when she was never asked. One query."""
    answers = Consent.objects.filter(visitor__in=records_of(visitor), text__kind=kind)
    return answers.select_related("text", "staff").order_by("-at", "-pk").first()
