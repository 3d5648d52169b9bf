"""What she and her record say about her: card, its changes, merged records, id papers, consents, own cards."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.selectors.personal_data import Section, Wanted, day_words, together, yes_or_no
from reception.models import CalledBefore, Consent, ConsentText, IdPaper, IdPaperChange, IntakeCard, Merge, Visitor
from reception.selectors.visitors import changes_of_records


def of(wanted: Wanted) -> Section:
    """Return the card of each of her records, field by field."""
    rows = []
    people = Visitor.objects.filter(pk__in=wanted.records).select_related("owner", "level", "registered_in")
    for one in people.order_by("pk"):
        said = [
            (_("Name"), one.name),
            (_("Phone"), wanted.phone(one.phone)),
            (_("gender"), one.get_gender_display()),
            (_("Birth date"), day_words(one.birth_on) or str(one.birth_year or "")),
            (_("Occupation"), one.occupation),
            (_("What she wishes for"), one.wishes),
            (_("How they heard of us"), one.heard_from),
            (_("Called before?"), one.get_called_before_display()),
            (_("Referrer"), one.referred_by),
            (_("Health and allergies"), one.medical_notes),
            (_("Declined to fill in the card"), yes_or_no(one.card_declined)),
            (_("VIP"), yes_or_no(one.vip)),
            (_("Membership level"), str(one.level or "")),
            (_("Owner"), str(one.owner or "")),
            (_("Standing"), one.get_standing_display()),
            (_("First registered"), f"{wanted.time(one.registered_at)} {one.registered_in}"),
            (_("Last visit"), day_words(one.last_visit_on)),
        ]
        rows += [(one.file_number, what, value) for what, value in said]
    return Section(_("Card"), (_("File number"), _("What"), pgettext("copy of data", "As it stands")), rows, (Visitor,))


def history(wanted: Wanted) -> Section:
    """Return what was changed on her cards, the earliest first."""
    rows = [
        (
            wanted.time(one.at),
            one.record,
            one.label,
            _field(wanted, one.field, one.before),
            _field(wanted, one.field, one.after),
        )
        for one in reversed(changes_of_records(wanted.records))
    ]
    head = (
        _("Time"),
        _("File number"),
        _("What"),
        pgettext("copy of data", "Before"),
        pgettext("copy of data", "After"),
    )
    return Section(_("Changes of the card"), head, rows, (Visitor.pgh_event_model,))  # type: ignore[attr-defined]


def _field(wanted: Wanted, field: str, value: object) -> str:
    if field == "phone":
        return wanted.phone(value)
    if isinstance(value, bool):
        return yes_or_no(value)
    if field == "gender":
        return str(Visitor.Gender(str(value)).label)
    if field == "called_before":
        return str(CalledBefore(str(value)).label)
    return str(value or "")


def merges(wanted: Wanted) -> Section:
    """Return which of her records were merged; of another person only that there is one."""
    merges = Merge.objects.filter(Q(survivor__in=wanted.records) | Q(other__in=wanted.records))
    rows = [
        (
            wanted.time(one.merged_at),
            one.other.file_number,
            one.survivor.file_number if one.survivor_id in wanted.records else _("another record"),
            wanted.time(one.taken_back_at),
        )
        for one in merges.select_related("survivor", "other").order_by("id")
        if one.other_id in wanted.records
    ]
    head = (_("Time"), pgettext("copy of data", "Record"), _("merged into"), pgettext("copy of data", "taken back"))
    return Section(_("Merged records"), head, rows, (Merge,))


def id_papers(wanted: Wanted) -> Section:
    """Return her id papers and how they were noted before."""
    papers = IdPaper.objects.filter(visitor__in=wanted.records).order_by("visitor")
    rows = [
        (
            wanted.time(one.changed_at),
            one.get_kind_display(),
            one.number if wanted.whole_numbers else one.masked,
            yes_or_no(one.refused),
            _("on file"),
        )
        for one in papers
    ]
    rows += [
        (wanted.time(one.at), one.get_kind_display(), one.masked, yes_or_no(one.refused), _("as it was noted then"))
        for one in IdPaperChange.objects.filter(visitor__in=wanted.records).order_by("id")
    ]
    head = (_("Time"), _("Kind of paper"), _("Id number"), _("Would not give it, signed"), _("State"))
    return Section(_("Id papers"), head, rows, (IdPaper, IdPaperChange))


def consents(wanted: Wanted) -> Section:
    """Return her answers with the texts they were given to."""
    rows = [
        (
            wanted.time(one.at),
            one.text.get_kind_display(),
            f"v{one.text.version}",
            one.get_answer_display(),
            one.get_via_display(),
            one.text.words,
        )
        for one in Consent.objects.filter(visitor__in=wanted.records).select_related("text").order_by("id")
    ]
    head = (_("Time"), _("Consent"), _("Version"), _("Answer"), _("How it was said"), _("Text"))
    return Section(_("Consents"), head, rows, (Consent, ConsentText))


def filled_in_herself(wanted: Wanted) -> Section:
    """Return the cards she filled in herself, with what is still kept of them."""
    rows = [
        (
            wanted.time(one.submitted_at),
            _("at the kiosk") if one.kiosk_id else _("on her own phone"),
            one.get_state_display(),
            wanted.time(one.emptied_at),
            together(*_answers(wanted, one)),
        )
        for one in IntakeCard.objects.filter(visit__visitor__in=wanted.records).order_by("id")
    ]
    head = (_("Time"), _("How it was said"), _("State"), _("Emptied"), _("Answers still kept"))
    return Section(_("Cards she filled in herself"), head, rows, (IntakeCard,))


def _answers(wanted: Wanted, card: IntakeCard) -> list[str]:
    return [
        wanted.phone(answer) if name == "phone" else answer
        for name, answer in card.answers.items()
        if isinstance(answer, str)
    ]
