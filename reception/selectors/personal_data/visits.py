"""Her visits, and what was written down with them."""

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.selectors.personal_data import Section, Wanted, day_words, together
from clinic.templatetags.desk import colon
from reception.models import (
    Amendment,
    FileRequest,
    FileStep,
    Isolation,
    PastVisit,
    PreCheck,
    Visit,
    VisitProject,
)


def of(wanted: Wanted) -> Section:
    """Return her visits with their times and circumstances; of people only who received her."""
    visits = (
        Visit.objects.filter(visitor__in=wanted.records)
        .select_related("branch", "consultant", "designated")
        .prefetch_related(Prefetch("wishes", VisitProject.objects.select_related("project")))
        .order_by("day", "number")
    )
    rows = [
        (
            f"{day_words(one.day)} {one}",
            str(one.branch),
            together(one.get_visit_type_display(), one.get_purpose_display()),
            _(", ").join(str(wish.project) for wish in one.wishes.all()),
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
        (visit.void_reason, f"{_('why void')}{colon()}{visit.void_reason}"),
    ]
    return [words for holds, words in said if holds]


def before_this_system(wanted: Wanted) -> Section:
    """Return her visits of before this system."""
    rows = [
        (day_words(one.day), str(one.branch), one.projects, str(one.consultant or one.consultant_name))
        for one in PastVisit.objects.filter(visitor__in=wanted.records)
        .select_related("branch", "consultant")
        .order_by("day", "id")
    ]
    head = (_("Day"), _("Branch"), _("Projects"), _("Consultant"))
    return Section(_("Visits of before this system"), head, rows, (PastVisit,))


def amendments(wanted: Wanted) -> Section:
    """Return the amendments of closed days that touched her visits."""
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


def pre_checks(wanted: Wanted) -> Section:
    """Return what she was asked at the door."""
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


def isolations(wanted: Wanted) -> Section:
    """Return when she was set apart for a suspected infection."""
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


def file_requests(wanted: Wanted) -> Section:
    """Return when her file was asked for and what became of it."""
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
