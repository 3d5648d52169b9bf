"""What was agreed and said before and between her visits: appointments, pre-reports, messages, day log."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.models import OutgoingMessage
from clinic.selectors.personal_data import Section, Wanted, day_words, together
from reception.models import (
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    LogEntry,
    LogStep,
    MessageRefusal,
    PreReport,
    PreReportEntry,
    PreReportProject,
    Visitor,
)


def appointments(wanted: Wanted) -> Section:
    """Return her appointments with their answers."""
    rows = [
        (
            f"{day_words(one.day)} {one.starts:%H:%M}",
            str(one.branch),
            one.name,
            wanted.phone(one.phone),
            _(", ").join(str(wish.project) for wish in one.wishes.all()),
            one.get_state_display(),
            one.note,
            _steps(wanted, one.entries.all()),
        )
        for one in _appointments_of(wanted)
        .select_related("branch")
        .prefetch_related(Prefetch("wishes", AppointmentProject.objects.select_related("project")), "entries")
        .order_by("day", "starts", "id")
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


def pre_reports(wanted: Wanted) -> Section:
    """Return what was announced about her."""
    rows = [
        (
            wanted.time(one.made_at),
            one.name,
            wanted.phone(one.phone),
            _(", ").join(str(wish.project) for wish in one.wishes.all()),
            one.said,
            together(one.promised, wanted.time(one.promise_due_at)),
            one.get_state_display(),
            _steps(wanted, one.entries.all()),
        )
        for one in PreReport.objects.filter(visitor__in=wanted.records)
        .prefetch_related(Prefetch("wishes", PreReportProject.objects.select_related("project")), "entries")
        .order_by("id")
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


def messages(wanted: Wanted) -> Section:
    """Return the messages sent to her, and whether she wants none."""
    about = [one.message_about for one in _appointments_of(wanted).only("pk")]
    rows = [
        (wanted.time(one.sent_at or one.asked_at), wanted.phone(one.phone), one.get_state_display(), one.body)
        for one in OutgoingMessage.objects.filter(about__in=about).order_by("id")
    ]
    numbers = Visitor.objects.filter(pk__in=wanted.records).exclude(phone="").values("phone")
    rows += [
        (wanted.time(one.refused_at), wanted.phone(one.phone), _("Wants no messages"), "")
        for one in MessageRefusal.objects.filter(phone__in=numbers).order_by("id")
    ]
    head = (_("Time"), _("Phone"), _("State"), _("Message"))
    return Section(_("Messages sent to her"), head, rows, (OutgoingMessage, MessageRefusal))


def day_log(wanted: Wanted) -> Section:
    """Return the entries of the day log about her."""
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
        for one in LogEntry.objects.filter(visitor__in=wanted.records).prefetch_related("steps").order_by("id")
    ]
    head = (_("Time"), _("Kind"), _("Who"), _("Phone"), _("About what"), pgettext("copy of data", "Steps"))
    return Section(_("Day log"), head, rows, (LogEntry, LogStep))


def _appointments_of(wanted: Wanted) -> QuerySet[Appointment]:
    return Appointment.objects.filter(visitor__in=wanted.records)


def _steps(wanted: Wanted, entries: Iterable[AppointmentEntry | PreReportEntry]) -> str:
    return together(*(f"{wanted.time(one.at)} {one.get_kind_display()} {one.text}".strip() for one in entries))
