"""Consents: texts get new versions, visitors' answers are added; nothing is ever written over."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox
from clinic.services.turns import one_at_a_time
from reception.consent_words import FIRST_WORDS
from reception.models import Consent, ConsentText, Visitor
from reception.models.consents import Via
from reception.selectors.consents import consents_of, latest_consent_id, texts_in_force
from reception.texts import clean_text

BEGINNING = date(2020, 1, 1)


def ensure_consent_texts(*, now: datetime) -> None:
    """Write the words a hospital begins with, of each kind that has no text yet. Changes no text there is."""
    there = set(ConsentText.objects.values_list("kind", flat=True))
    ConsentText.objects.bulk_create(
        [
            ConsentText(kind=kind, version=1, text=words.text, text_en=words.text_en, starts_on=BEGINNING, made_at=now)
            for kind, words in FIRST_WORDS.items()
            if kind not in there
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def write_consent_text(
    *, kind: str, text: str, text_en: str, starts_on: date, seen: int, staff: Staff, now: datetime
) -> ConsentText:
    """Write the next version of a text, in force from a day on (today or later); return it.

    `seen` is the newest version the writer saw: raises Stale `changed_meanwhile` when there is a newer one. Refused
    `text` when a language is missing or nothing differs, `starts_on` for a day that is past or before a version's.
    """
    one_at_a_time(f"consent text {kind}")
    latest = ConsentText.objects.filter(kind=kind).select_related("made_by").order_by("-version").first()
    if latest is not None and latest.version != seen:
        raise Stale(
            _("%(who)s wrote version %(version)d of this text meanwhile. Read it before you write the next.")
            % {"who": latest.made_by or _("Somebody"), "version": latest.version},
            code="changed_meanwhile",
            detail={"seen": latest.version},
        )
    text, text_en = clean_text(text), clean_text(text_en)
    if not text or not text_en:
        raise Refused(_("Give the text in both languages: visitors choose one."), code="text")
    if latest is not None and (text, text_en) == (latest.text, latest.text_en):
        raise Refused(_("Nothing differs from the version before."), code="text")
    if starts_on < staff.branch.today(now) or (latest is not None and starts_on < latest.starts_on):
        raise Refused(_("A text is in force from today on or later, and not before the version before it."), code="day")
    written = ConsentText.objects.create(
        kind=kind,
        version=(latest.version if latest else 0) + 1,
        text=text,
        text_en=text_en,
        starts_on=starts_on,
        made_at=now,
        made_by=staff,
    )
    audit.record(action="reception.write_consent_text", now=now, staff=staff, target=written, detail={"kind": kind})
    return written


@transaction.atomic
def record_consents(
    *,
    visitor: Visitor,
    answers: Mapping[str, str],
    seen: int | None = None,
    staff: Staff,
    now: datetime,
) -> list[Consent]:
    """Add what a visitor answered at the desk: kind → given, refused or withdrawn, to the texts in force today.

    What she said before stays. `seen` is the newest answer the clerk saw: raises Stale `changed_meanwhile` when there
    is a newer one. Refused `withdrawn` for what she never agreed to.
    """
    one_at_a_time(f"consents {visitor.pk}")
    latest = latest_consent_id(visitor)
    if seen is not None and seen != latest:
        raise Stale(
            _("Another answer of hers was written down meanwhile. Look at the consents again before you save."),
            code="changed_meanwhile",
            detail={"seen": latest},
        )
    texts = texts_in_force(staff.branch.today(now))
    newest: dict[str, Consent] = {}
    for consent in consents_of(visitor):
        newest.setdefault(consent.text.kind, consent)
    made = []
    for kind, answer in answers.items():
        before = newest.get(kind)
        withdrawn = answer == Consent.Answer.WITHDRAWN
        if withdrawn and (before is None or before.answer != Consent.Answer.GIVEN):
            raise Refused(
                _("%(consent)s: she has not agreed, so there is nothing to withdraw. Choose “refused”.")
                % {"consent": ConsentText.Kind(kind).label},
                code="withdrawn",
            )
        text = before.text if withdrawn and before else texts[kind]
        if before is not None and (before.answer, before.text_id) == (answer, text.pk):
            continue
        made.append(
            Consent.objects.create(visitor=visitor, text=text, answer=answer, via=Via.DESK, at=now, staff=staff)
        )
    if made:
        detail = {consent.text.kind: consent.answer for consent in made}
        audit.record(action="reception.record_consents", now=now, staff=staff, target=visitor, detail=detail)
        outbox.announce(topics=[topics.visitor(visitor.pk)])
    return made


def keep_own_answers(
    *, visitor: Visitor, answers: Mapping[str, str], via: str, at: datetime, staff: Staff, now: datetime
) -> None:
    """Add what a visitor answered on a screen of her own: number of the text → given or refused, at the time `at`.

    Inside the caller's transaction; `staff` took the card over. Texts that do not exist are passed over.
    """
    one_at_a_time(f"consents {visitor.pk}")
    texts = ConsentText.objects.in_bulk([int(pk) for pk in answers if pk.isdecimal()])
    made = [
        Consent(visitor=visitor, text=text, answer=answers[str(pk)], via=via, at=at, staff=staff)
        for pk, text in sorted(texts.items())
    ]
    if made:
        Consent.objects.bulk_create(made)
        detail = {consent.text.kind: consent.answer for consent in made}
        audit.record(action="reception.record_consents", now=now, staff=staff, target=visitor, detail=detail)
