"""What the reception room keeps about a visitor, for the copy she may ask for."""

from collections.abc import Mapping
from itertools import chain

from django.db.models import Model, Prefetch, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.models import AuditEntry, OutgoingMessage
from clinic.selectors.personal_data import Section, Wanted, day_words, together, yes_or_no
from reception.models import (
    Amendment,
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    CalledBefore,
    Consent,
    ConsentText,
    FileRequest,
    FileStep,
    IdPaper,
    IdPaperChange,
    ImportedRow,
    IntakeCard,
    Isolation,
    LogEntry,
    LogOpen,
    LogStep,
    Merge,
    MessageRefusal,
    PastVisit,
    PossibleDuplicate,
    PreCheck,
    PreReport,
    PreReportEntry,
    PreReportProject,
    StagedRow,
    Visit,
    Visitor,
    VisitorKey,
    VisitProject,
)
from reception.selectors.visitors import changes_of_records

# Tables that name visitors and are no part of her copy, with the reason.
LEFT_OUT: Mapping[type[Model], Promise] = {
    VisitorKey: gettext_lazy("search keys, made from the card"),
    LogOpen: gettext_lazy("which entries of the day log are still open, made from the entries"),
    PossibleDuplicate: gettext_lazy("a guess that two records are one person, which would show another person's"),
    StagedRow: gettext_lazy("rows of a file that nobody has imported yet"),
}
# Which looks at her data are told, by how their action begins.
_LOOKS = ("reception.reveal_", "reception.print_", "reception.export_")


def sections(wanted: Wanted) -> list[Section]:
    """Return what this room keeps about a visitor, in the order she would read it.

    What somebody announced without a file is hers only when it was connected with her: a number may be a family's.
    """
    people = list(Visitor.objects.filter(pk__in=wanted.records).select_related("owner", "registered_in").order_by("pk"))
    visits = list(
        Visit.objects.filter(visitor__in=wanted.records)
        .select_related("branch", "consultant", "designated")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project")))
        .order_by("day", "number")
    )
    appointments = list(
        Appointment.objects.filter(visitor__in=wanted.records)
        .select_related("branch")
        .prefetch_related(Prefetch("wishes", AppointmentProject.objects.select_related("project")), "entries")
        .order_by("day", "starts", "id")
    )
    log = list(LogEntry.objects.filter(visitor__in=wanted.records).prefetch_related("steps").order_by("id"))
    pre_reports = list(
        PreReport.objects.filter(visitor__in=wanted.records)
        .prefetch_related(Prefetch("wishes", PreReportProject.objects.select_related("project")), "entries")
        .order_by("id")
    )
    looked_at: tuple[list[Visitor] | list[Visit] | list[Appointment] | list[LogEntry] | list[PreReport], ...] = (
        people,
        visits,
        appointments,
        log,
        pre_reports,
    )
    return [
        _card(wanted, people),
        _card_history(wanted),
        _merges(wanted),
        _id_papers(wanted),
        _consents(wanted),
        _visits(wanted, visits),
        _past_visits(wanted),
        _amendments(wanted),
        _pre_checks(wanted),
        _isolations(wanted),
        _own_cards(wanted),
        _file_requests(wanted),
        _appointments(wanted, appointments),
        _pre_reports(wanted, pre_reports),
        _messages(wanted, people, appointments),
        _day_log(wanted, log),
        _imports(wanted),
        _looks(wanted, list(chain.from_iterable(looked_at))),
    ]


def _card(wanted: Wanted, people: list[Visitor]) -> Section:
    rows = []
    for one in people:
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
            (_("Owner"), str(one.owner or "")),
            (_("Standing"), one.get_standing_display()),
            (_("First registered"), f"{wanted.time(one.registered_at)} {one.registered_in}"),
            (_("Last visit"), day_words(one.last_visit_on)),
        ]
        rows += [(one.file_number, what, value) for what, value in said]
    return Section(_("Card"), (_("File number"), _("What"), pgettext("copy of data", "As it stands")), rows, (Visitor,))


def _card_history(wanted: Wanted) -> Section:
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


def _merges(wanted: Wanted) -> Section:
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


def _id_papers(wanted: Wanted) -> Section:
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


def _consents(wanted: Wanted) -> Section:
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


def _visits(wanted: Wanted, visits: list[Visit]) -> Section:
    rows = [
        (
            f"{day_words(one.day)} {one}",
            str(one.branch),
            together(one.get_visit_type_display(), one.get_purpose_display()),
            ", ".join(str(wish.project) for wish in one.wishes.all()),
            str(one.consultant or ""),
            one.get_state_display(),
            _visit_times(wanted, one),
            together(*_circumstances(one), one.note),
        )
        for one in visits
    ]
    head = (
        _("Day and No."),
        _("Branch"),
        _("Type"),
        _("Projects"),
        _("Consultant"),
        _("State"),
        pgettext("copy of data", "Times"),
        pgettext("copy of data", "Noted"),
    )
    return Section(_("Visits"), head, rows, (Visit, VisitProject))


def _visit_times(wanted: Wanted, visit: Visit) -> str:
    names = ("arrived_at", "allocated_at", "accepted_at", "entered_at", "finished_at", "left_at")
    return together(
        *(
            f"{Visit._meta.get_field(name).verbose_name} {wanted.time(at)}"  # type: ignore[union-attr]
            for name in names
            if (at := getattr(visit, name)) is not None
        )
    )


def _circumstances(visit: Visit) -> list[str]:
    said = [
        (visit.emergency, pgettext("copy of data", "emergency")),
        (visit.other_reason, visit.get_other_reason_display()),
        (visit.friend_id, _("for somebody else on file")),
        (visit.without_guardian, _("minor without a guardian")),
        (visit.claims_history, _("says she was here before")),
        (visit.referrer_id, _("brought by another visitor")),
        (visit.designated_id, f"{_('asks for')} {visit.designated}"),
        (visit.group_lead_id, _("came with others")),
        (visit.isolated_at, pgettext("copy of data", "set apart")),
        (visit.void_reason, f"{_('why void')}: {visit.void_reason}"),
    ]
    return [words for holds, words in said if holds]


def _past_visits(wanted: Wanted) -> Section:
    rows = [
        (day_words(one.day), str(one.branch), one.projects, str(one.consultant or one.consultant_name))
        for one in PastVisit.objects.filter(visitor__in=wanted.records)
        .select_related("branch", "consultant")
        .order_by("day", "id")
    ]
    head = (_("Day"), _("Branch"), _("Projects"), _("Consultant"))
    return Section(_("Visits of before this system"), head, rows, (PastVisit,))


def _amendments(wanted: Wanted) -> Section:
    amendments = Amendment.objects.filter(Q(visit__visitor__in=wanted.records) | Q(entered__visitor__in=wanted.records))
    rows = [
        (
            f"{day_words(one.day)} {one.visit}" if one.visit.visitor_id in wanted.records else day_words(one.day),
            wanted.time(one.proposed_at),
            one.reason,
            wanted.time(one.applied_at)
            or (pgettext("copy of data", "Refused") if one.refused_at else pgettext("copy of data", "Waiting")),
        )
        for one in amendments.select_related("visit").order_by("id")
    ]
    head = (_("Day and No."), pgettext("copy of data", "Proposed"), _("Why"), _("Applied"))
    return Section(_("Amendments of closed days"), head, rows, (Amendment,))


def _pre_checks(wanted: Wanted) -> Section:
    signs = ("fever", "cough", "contact", "travel", "suspected")
    rows = [
        (
            wanted.time(one.at),
            f"{one.temperature} °C" if one.temperature is not None else "",
            together(*(PreCheck._meta.get_field(sign).verbose_name for sign in signs if getattr(one, sign)))  # type: ignore[union-attr]
            or pgettext("copy of data", "nothing"),
            one.get_via_display(),
        )
        for one in PreCheck.objects.filter(visit__visitor__in=wanted.records).order_by("id")
    ]
    return Section(_("Pre-checks"), (_("Time"), _("Temperature"), _("Signs"), _("How it was said")), rows, (PreCheck,))


def _isolations(wanted: Wanted) -> Section:
    rows = [
        (wanted.time(one.reported_at), wanted.time(one.seen_at), wanted.time(one.ended_at), one.ended_because)
        for one in Isolation.objects.filter(visit__visitor__in=wanted.records).order_by("id")
    ]
    head = (
        pgettext("copy of data", "Reported"),
        _("Seen by the supervisor"),
        pgettext("copy of data", "Ended"),
        _("Why ended"),
    )
    return Section(_("Set apart for a suspected infection"), head, rows, (Isolation,))


def _own_cards(wanted: Wanted) -> Section:
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


def _file_requests(wanted: Wanted) -> Section:
    requests = FileRequest.objects.filter(visitor__in=wanted.records).prefetch_related("steps").order_by("id")
    rows = [
        (
            wanted.time(one.asked_at),
            one.get_state_display(),
            one.where_to,
            together(
                *(f"{wanted.time(step.at)} {step.get_state_display()} {step.note}".strip() for step in one.steps.all())
            ),
        )
        for one in requests
    ]
    head = (_("Time"), _("State"), _("Needed where"), pgettext("copy of data", "Steps"))
    return Section(_("Archive requests"), head, rows, (FileRequest, FileStep))


def _appointments(wanted: Wanted, appointments: list[Appointment]) -> Section:
    rows = [
        (
            f"{day_words(one.day)} {one.starts:%H:%M}",
            str(one.branch),
            one.name,
            wanted.phone(one.phone),
            ", ".join(str(wish.project) for wish in one.wishes.all()),
            one.get_state_display(),
            one.note,
            together(
                *(
                    f"{wanted.time(entry.at)} {entry.get_kind_display()} {entry.text}".strip()
                    for entry in one.entries.all()
                )
            ),
        )
        for one in appointments
    ]
    head = (
        _("Time"),
        _("Branch"),
        _("Name"),
        _("Phone"),
        _("Projects"),
        _("State"),
        _("Note"),
        pgettext("copy of data", "Steps"),
    )
    return Section(_("Appointments"), head, rows, (Appointment, AppointmentProject, AppointmentEntry))


def _pre_reports(wanted: Wanted, pre_reports: list[PreReport]) -> Section:
    rows = [
        (
            wanted.time(one.made_at),
            one.name,
            wanted.phone(one.phone),
            ", ".join(str(wish.project) for wish in one.wishes.all()),
            one.said,
            together(one.promised, wanted.time(one.promise_due_at)),
            one.get_state_display(),
            together(
                *(
                    f"{wanted.time(entry.at)} {entry.get_kind_display()} {entry.text}".strip()
                    for entry in one.entries.all()
                )
            ),
        )
        for one in pre_reports
    ]
    head = (
        _("Time"),
        _("Name"),
        _("Phone"),
        _("Projects"),
        _("What was said"),
        _("Promised answer"),
        _("State"),
        pgettext("copy of data", "Steps"),
    )
    return Section(_("Pre-reports"), head, rows, (PreReport, PreReportProject, PreReportEntry))


def _messages(wanted: Wanted, people: list[Visitor], appointments: list[Appointment]) -> Section:
    about = [f"appointment {one.pk}" for one in appointments]
    rows = [
        (wanted.time(one.sent_at or one.asked_at), wanted.phone(one.phone), one.get_state_display(), one.body)
        for one in OutgoingMessage.objects.filter(about__in=about).order_by("id")
    ]
    numbers = {one.phone for one in people if one.phone}
    rows += [
        (wanted.time(one.refused_at), wanted.phone(one.phone), _("Wants no messages"), "")
        for one in MessageRefusal.objects.filter(phone__in=numbers).order_by("id")
    ]
    head = (_("Time"), _("Phone"), _("State"), _("Message"))
    return Section(_("Messages sent to her"), head, rows, (OutgoingMessage, MessageRefusal))


def _day_log(wanted: Wanted, entries: list[LogEntry]) -> Section:
    rows = [
        (
            wanted.time(one.at),
            one.get_kind_display(),
            one.name,
            wanted.phone(one.phone),
            together(one.get_errand_display(), one.text, one.carrier, one.number, one.plate),
            together(
                *(f"{wanted.time(step.at)} {step.get_what_display()} {step.text}".strip() for step in one.steps.all())
            ),
        )
        for one in entries
    ]
    head = (_("Time"), _("Kind"), _("Who"), _("Phone"), _("About what"), pgettext("copy of data", "Steps"))
    return Section(_("Day log"), head, rows, (LogEntry, LogStep))


def _imports(wanted: Wanted) -> Section:
    rows = [
        (
            wanted.time(one.batch.imported_at),
            one.batch.file_name,
            str(one.row),
            _("new record") if one.is_new else pgettext("copy of data", "filled in"),
        )
        for one in ImportedRow.objects.filter(visitor__in=wanted.records).select_related("batch").order_by("id")
    ]
    head = (_("Time"), _("File"), _("Row"), _("What became of it"))
    return Section(_("Taken in from another system"), head, rows, (ImportedRow,))


def _looks(wanted: Wanted, looked_at: list[Model]) -> Section:
    hers = Q(pk=None)
    keys: dict[str, list[str]] = {}
    for one in looked_at:
        keys.setdefault(str(one._meta.model_name), []).append(str(one.pk))
    for kind, pks in keys.items():
        hers |= Q(object_type=kind, object_id__in=pks)
    kinds = Q()
    for beginning in _LOOKS:
        kinds |= Q(action__startswith=beginning)
    rows = [
        (
            wanted.time(one.at),
            str(one.staff or ""),
            one.words,
            one.object_words,
            str(one.detail.get("reason") or one.detail.get("why") or ""),
        )
        for one in AuditEntry.objects.filter(hers, kinds).select_related("staff").order_by("id")
    ]
    head = (_("Time"), pgettext("copy of data", "Who"), _("What was done"), _("At what"), _("What for"))
    return Section(_("Who looked at her data in full, printed or exported it"), head, rows, (AuditEntry,))
