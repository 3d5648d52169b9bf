"""What the reception room tells in a visitor's story, and what of it matters now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, Func, Model, Prefetch, Q, QuerySet, TextField, Value, Window
from django.db.models.functions import Cast, Concat, Lag
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinic.message_texts import TEMPLATE_WORDS
from clinic.models import OutgoingMessage, Staff
from clinic.roles import Capability
from clinic.selectors.story import Asked, Entry, Kind, Matter, Source
from clinic.templatetags.desk import colon, masked_phone
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
from reception.selectors.pre_reports import pre_reports_seen_by
from reception.selectors.visitors import CARD_FIELDS, only_offered

# Tables that name visitors and tell nothing of their own in the story, with the reason.
LEFT_OUT: Mapping[type[Model], Promise] = {
    VisitorKey: gettext_lazy("search keys, made from the card"),
    LogOpen: gettext_lazy("which entries of the day log are still open, made from the entries"),
    PossibleDuplicate: gettext_lazy("a guess that two records are one person"),
    StagedRow: gettext_lazy("rows of a file that nobody has imported yet"),
    ImportedRow: gettext_lazy("from which file she was taken in: it stands with the import"),
    IdPaper: gettext_lazy("stands beside the card, masked"),
    IdPaperChange: gettext_lazy("stands with the earlier values of the card, masked"),
    IntakeCard: gettext_lazy("what she filled in herself is told as changes of her card"),
    PreCheck: gettext_lazy("asked at every visit; what was suspected is told"),
    FileRequest: gettext_lazy("where her paper file is stands with the visit"),
    FileStep: gettext_lazy("where her paper file is stands with the visit"),
    Amendment: gettext_lazy("stands with the closed day it changed; the visit is told as it is now"),
    PreReportEntry: gettext_lazy("follow-ups stand on the page of the pre-report"),
    AppointmentEntry: gettext_lazy("the answers stand on the page of the appointment"),
    LogStep: gettext_lazy("the answers stand in the day log"),
}

_Event = Visitor.pgh_event_model  # type: ignore[attr-defined]


# --- the card ---


def _only_offered(asked: Asked) -> bool:
    """Say whether the reader has not accepted her yet: what she comes for is not told before that (O5)."""
    return asked.once("only offered", lambda: only_offered(asked.staff, asked.records))


def _events(asked: Asked, fields: Sequence[str], at_first: str = "") -> QuerySet[Any]:
    """Return the history entries of her cards in which one of the fields changed; `at_first`: how a card begins."""
    said = Func(*fields, template="ROW(%(expressions)s)::text", output_field=TextField())
    rows: QuerySet[Any] = (
        _Event.objects.filter(pgh_obj__in=asked.records)
        .order_by()
        .annotate(
            told_at=F("pgh_created_at"),
            said=said,
            said_before=Window(
                Lag(said, default=Value(at_first, TextField())), partition_by=[F("pgh_obj_id")], order_by="pgh_id"
            ),
        )
        .filter(~Q(said_before=F("said")))
    )
    return rows


def _changes(asked: Asked, pks: Sequence[int], fields: Sequence[str]) -> Iterator[tuple[Any, Any, str]]:
    """Yield history entries with the one before them (None: the first) and the name of who made the change."""
    before = (
        _Event.objects.filter(pgh_obj__in=asked.records)
        .order_by()
        .annotate(before=Window(Lag("pgh_id"), partition_by=[F("pgh_obj_id")], order_by="pgh_id"))
        .values_list("pgh_id", "before")
    )
    previous = dict(before)
    wanted = {pk for one in pks for pk in (one, previous.get(one)) if pk is not None}
    events = _Event.objects.select_related("pgh_context").in_bulk(wanted)
    authors = {pk: str(event.pgh_context.metadata.get("staff")) for pk, event in events.items() if event.pgh_context}
    people = {int(pk) for pk in authors.values() if pk.isdecimal()}
    owners = {event.owner_id for event in events.values() if event.owner_id} if "owner" in fields else set()
    names = dict(Staff.objects.filter(pk__in=people | owners).values_list("pk", "display_name"))
    for pk in pks:
        event, earlier = events[pk], events.get(previous.get(pk))
        author = authors.get(pk, "")
        event.owner_name = names.get(event.owner_id, "")
        if earlier is not None:
            earlier.owner_name = names.get(earlier.owner_id, "")
        yield event, earlier, names.get(int(author), "") if author.isdecimal() else ""


def _card(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for event, earlier, who in _changes(asked, pks, CARD_FIELDS):
        by = (who,) if who else ()
        if earlier is None:
            yield Entry(event.pk, _("Put on file"), (_joined(event.file_number, *by),))
            continue
        hidden = "wishes" if _only_offered(asked) else ""
        changed = [name for name in CARD_FIELDS if name != hidden and getattr(earlier, name) != getattr(event, name)]
        lines = [
            f"{_label(name)}{colon()}{_value(earlier, name) or '–'} → {_value(event, name) or '–'}" for name in changed
        ]
        yield Entry(event.pk, _("Card changed"), (*lines, *by))


def _owner(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for event, earlier, who in _changes(asked, pks, ("owner",)):
        change = f"{earlier.owner_name or '–'} → {event.owner_name or '–'}" if earlier else event.owner_name
        yield Entry(event.pk, pgettext("story", "Owner"), tuple(filter(None, (change, who))))


def _label(name: str) -> str:
    return str(getattr(Visitor._meta.get_field(name), "verbose_name", name))


def _value(event: Any, name: str) -> str:
    value = getattr(event, name)
    if name == "phone":
        return masked_phone(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "gender":
        return str(Visitor.Gender(value).label)
    if name == "called_before":
        return str(CalledBefore(value).label)
    return "" if value is None else str(value)


def _owner_events(asked: Asked) -> QuerySet[Any]:
    return _events(asked, ("owner_id",), at_first="()")


def _merges(asked: Asked) -> QuerySet[Merge]:
    merges = Merge.objects.filter(survivor__in=asked.records, other__in=asked.records, taken_back_at=None)
    return merges.annotate(told_at=F("merged_at"))


def _merge(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Merge.objects.filter(pk__in=pks).select_related("other", "merged_by"):
        merged = _("%(name)s (%(number)s) was merged into this record") % {
            "name": one.other.name,
            "number": one.other.file_number,
        }
        yield Entry(one.pk, merged, (str(one.merged_by),))


# --- visits ---


def _projects(one: Visit | Appointment | PreReport) -> str:
    return _(", ").join(str(wish.project) for wish in one.wishes.all())


def _visits(asked: Asked) -> QuerySet[Visit]:
    return Visit.objects.filter(visitor__in=asked.records).annotate(told_at=F("arrived_at"))


def _visit(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    wishes = Prefetch("wishes", VisitProject.objects.select_related("project"))
    rows = Visit.objects.filter(pk__in=pks).select_related("consultant", "branch").prefetch_related(wishes)
    for one in rows:
        kind = one.get_other_reason_display() or one.get_visit_type_display() or one.get_purpose_display()
        place = str(one.branch) if one.branch_id != asked.staff.branch_id else ""
        lines = (
            _joined(kind, "" if one.state == Visit.State.WAITING and _only_offered(asked) else _projects(one)),
            _joined(str(one.consultant or ""), place),
            one.void_reason,
        )
        yield Entry(
            one.pk,
            _("Visit %(number)s") % {"number": one},
            tuple(filter(None, lines)),
            state="isolated" if one.isolated_at and one.state in Visit.OPEN_STATES else one.state,
            dim=one.state == Visit.State.VOID,
        )


def _past_visits(asked: Asked) -> QuerySet[PastVisit]:
    return PastVisit.objects.filter(visitor__in=asked.records).annotate(told_at=asked.end_of("day"))


def _past_visit(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in PastVisit.objects.filter(pk__in=pks).select_related("consultant"):
        said = _joined(one.projects, str(one.consultant or one.consultant_name))
        yield Entry(one.pk, _("Visit, from the earlier system"), (said,) if said else (), day_only=True)


def _isolations(asked: Asked) -> QuerySet[Isolation]:
    return Isolation.objects.filter(visit__visitor__in=asked.records).annotate(told_at=F("reported_at"))


def _isolation(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Isolation.objects.filter(pk__in=pks).select_related("reported_by"):
        lines = (str(one.reported_by), one.ended_because)
        state = "closed" if one.ended_at else "isolated"
        yield Entry(one.pk, _("Suspected infection"), tuple(filter(None, lines)), state=state)


# --- what was agreed and said ---


def _consents(asked: Asked) -> QuerySet[Consent]:
    return Consent.objects.filter(visitor__in=asked.records).annotate(told_at=F("at"))


def _consent(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in Consent.objects.filter(pk__in=pks).select_related("text", "staff"):
        said = _joined(f"v{one.text.version}", one.get_via_display(), str(one.staff or ""))
        given = one.answer == Consent.Answer.GIVEN
        yield Entry(
            one.pk,
            str(one.text.get_kind_display()),
            (said,),
            state="done" if given else "declined",
            state_word=one.get_answer_display(),
        )


def _appointments(asked: Asked) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(visitor__in=asked.records).exclude(state=Appointment.State.MOVED)
    return rows.annotate(told_at=asked.at_time("day", "starts"))


def _appointment(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    wishes = Prefetch("wishes", AppointmentProject.objects.select_related("project"))
    for one in Appointment.objects.filter(pk__in=pks).select_related("agent", "branch").prefetch_related(wishes):
        lines = (
            "" if _only_offered(asked) else _projects(one),
            _joined(str(one.agent), str(one.branch) if one.branch_id != asked.staff.branch_id else ""),
        )
        yield Entry(
            one.pk,
            _("Appointment"),
            tuple(filter(None, lines)),
            state=one.state,
            dim=one.state == Appointment.State.CANCELLED,
        )


def _pre_reports(asked: Asked) -> QuerySet[PreReport]:
    return PreReport.objects.filter(visitor__in=asked.records).annotate(told_at=F("made_at"))


def _pre_report(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    """What was said is told to those who may open the pre-report; to others only who announced her."""
    readable = set(pre_reports_seen_by(asked.staff).filter(pk__in=pks).values_list("pk", flat=True))
    wishes = Prefetch("wishes", PreReportProject.objects.select_related("project"))
    for one in PreReport.objects.filter(pk__in=pks).select_related("agent").prefetch_related(wishes):
        lines = [_joined(str(one.agent), "" if _only_offered(asked) else _projects(one))]
        url = ""
        if one.pk in readable:
            lines += [one.said, one.promised]
            url = reverse("reception:pre_report", args=[one.pk])
        yield Entry(one.pk, _("Pre-report"), tuple(filter(None, lines)), url=url, state=one.state)


def _messages(asked: Asked) -> QuerySet[OutgoingMessage]:
    about = Appointment.objects.filter(visitor__in=asked.records).order_by()
    about_them = about.values(about_it=Concat(Value("appointment ", TextField()), Cast("pk", TextField())))
    return OutgoingMessage.objects.filter(about__in=about_them).annotate(told_at=F("asked_at"))


def _message(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    for one in OutgoingMessage.objects.filter(pk__in=pks).select_related("asked_by"):
        title = str(TEMPLATE_WORDS.get(one.template, one.template))
        yield Entry(one.pk, title, tuple(filter(None, (str(one.asked_by or ""),))), state=one.state)


_READS_LOG = frozenset({Capability.KEEP_DAY_LOG, Capability.READ_DAY_LOG})


def _calls(asked: Asked) -> QuerySet[LogEntry]:
    """Calls noted at the desk: for those who read the day log, for others those that were for them."""
    rows = LogEntry.objects.filter(visitor__in=asked.records, kind=LogEntry.Kind.CALL)
    rows = rows.exclude(steps__what=LogStep.What.VOID)
    if not _READS_LOG & asked.staff.capabilities:
        rows = rows.filter(for_staff=asked.staff)
    return rows.annotate(told_at=F("at"))


def _call(asked: Asked, pks: Sequence[int]) -> Iterator[Entry]:
    answers = Prefetch("steps", LogStep.objects.filter(what=LogStep.What.ANSWERED))
    rows = LogEntry.objects.filter(pk__in=pks).select_related("for_staff", "for_department", "written_by")
    for one in rows.prefetch_related(answers):
        whom = _("for %(name)s") % {"name": one.for_whom} if one.for_whom else ""
        lines = (one.text, _joined(whom, str(one.written_by)), *(step.text for step in one.steps.all()))
        yield Entry(one.pk, _("She called the desk"), tuple(filter(None, lines)))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


SOURCES: tuple[Source, ...] = (
    Source("card", Kind.CARD, (_Event, Visitor), lambda asked: _events(asked, CARD_FIELDS), _card),
    Source("owner", Kind.HAND_OVER, (_Event,), _owner_events, _owner),
    Source("merge", Kind.CARD, (Merge,), _merges, _merge),
    Source("visit", Kind.VISIT, (Visit, VisitProject), _visits, _visit),
    Source("past_visit", Kind.VISIT, (PastVisit,), _past_visits, _past_visit),
    Source("isolation", Kind.VISIT, (Isolation,), _isolations, _isolation),
    Source("consent", Kind.CONSENT, (Consent, ConsentText), _consents, _consent),
    Source("appointment", Kind.APPOINTMENT, (Appointment, AppointmentProject), _appointments, _appointment),
    Source("pre_report", Kind.APPOINTMENT, (PreReport, PreReportProject), _pre_reports, _pre_report),
    Source("message", Kind.MESSAGE, (OutgoingMessage,), _messages, _message),
    Source("log_call", Kind.CALL, (LogEntry,), _calls, _call),
)


# --- what matters now ---


def matters(asked: Asked) -> list[Matter]:
    """Return her health notes, VIP, next appointment, and whether she wants no messages. Three queries."""
    card = Visitor.objects.only("medical_notes", "vip", "card_declined", "phone").get(pk=asked.visitor_id)
    found = []
    if card.medical_notes:
        found.append(Matter("late", "heart-pulse", _("Health and allergies"), card.medical_notes))
    if card.vip:
        found.append(Matter("in-room", "star-fill", _("VIP")))
    if card.card_declined:
        found.append(Matter("off", "info-circle", _("She declined to fill in the card.")))
    upcoming = _next_appointment(asked)
    if upcoming is not None:
        when = f"{upcoming.day.isoformat()} {upcoming.starts:%H:%M}"
        what = "" if _only_offered(asked) else _projects(upcoming)
        found.append(Matter("in-room", "calendar-check", _("Next appointment"), _joined(when, what)))
    if card.phone and MessageRefusal.objects.filter(phone=card.phone).exists():
        found.append(Matter("waiting", "bell-slash", _("Wants no messages")))
    return found


def _next_appointment(asked: Asked) -> Appointment | None:
    today = asked.now.astimezone(asked.zone).date()
    return (
        Appointment.objects.filter(visitor__in=asked.records, state__in=Appointment.OPEN, day__gte=today)
        .prefetch_related(Prefetch("wishes", AppointmentProject.objects.select_related("project")))
        .order_by("day", "starts", "pk")
        .first()
    )
