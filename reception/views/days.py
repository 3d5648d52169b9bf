"""The days of the register: verified, signed, closed, printed, exported; and interference at the desk."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, signed_in, staff_of
from clinic.asked import FIRST_DAY
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Stale
from clinic.roles import Capability
from clinic.selectors.people import colleagues_of
from clinic.views import say
from reception import services
from reception.forms.days import ExportForm, InterferenceForm, SignForm
from reception.models import Party
from reception.selectors.amendments import amendments_seen_by, changes_of, waiting_amendments
from reception.selectors.days import (
    day_rows,
    day_state,
    days_with_visits,
    interferences_of,
    parties_of,
    rows_to_verify,
    unclosed_days,
    unsigned_by,
)
from reception.selectors.exports import registered
from reception.selectors.sheets import lines_of

PAGE = 31
# Lines of a closed sheet on a page.
LINES = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

concerned = requires(Capability.SIGN_DAY, Capability.SUPERVISE_DAY, Capability.VIEW_REGISTER)
readers = requires(Capability.VIEW_REGISTER)
signers = requires(Capability.SIGN_DAY)
supervisors = requires(Capability.SUPERVISE_DAY)


@concerned
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    """List the days on which somebody came: open, signed by whom, closed, amended."""
    staff = staff_of(request)
    listen(request, [topics.days(staff.branch_id)])
    page = Paginator(days_with_visits(staff.branch), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": day_rows(staff.branch, list(page.object_list)),
        "parties": [party.label for party in Party],
        "today": staff.branch.today(timezone.now()),
        "topic": topics.days(staff.branch_id),
        "may_read": staff.may(Capability.VIEW_REGISTER),
        "may_record": staff.may(Capability.SUPERVISE_DAY),
        "amendments": amendments_seen_by(staff).waiting().count(),
    }
    return render(request, "reception/days.html", context)


@concerned
@require_GET
def day(request: HttpRequest, day: str) -> HttpResponse:
    """Show a day with what each party has to verify, who has signed, and what changed since; closed, its sheet."""
    staff = staff_of(request)
    listen(request, [topics.register(staff.branch_id), topics.days(staff.branch_id)])
    return render(request, "reception/day.html", _day_context(staff, _day(staff, day), request.GET.get("page", "")))


@signers
@require_POST
def day_sign(request: HttpRequest, day: str) -> HttpResponse:
    """Sign a day for a party."""
    staff, asked = staff_of(request), _day(staff_of(request), day)
    form = SignForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Choose for which party you sign."), code="not_party")
    signature = services.sign_day(
        branch=staff.branch,
        day=asked,
        party=form.cleaned_data["party"],
        seen=form.cleaned_data["seen"],
        staff=staff,
        now=timezone.now(),
    )
    say.done(request, _("Signed for %(party)s.") % {"party": signature.get_party_display()})
    return redirect("reception:day", day=asked.isoformat())


@supervisors
@require_POST
def day_close(request: HttpRequest, day: str) -> HttpResponse:
    """Close a day that four parties have signed."""
    staff, asked = staff_of(request), _day(staff_of(request), day)
    services.close_day(branch=staff.branch, day=asked, staff=staff, now=timezone.now())
    say.done(request, _("The day is closed. From now on it changes only by amendment."))
    return redirect("reception:day", day=asked.isoformat())


@requires(Capability.REGISTER_VISITORS, Capability.SUPERVISE_DAY)
@require_POST
def day_end_visits(request: HttpRequest, day: str) -> HttpResponse:
    """End the visits of a past day that nobody ended."""
    staff, asked = staff_of(request), _day(staff_of(request), day)
    ended = services.end_forgotten_visits(branch=staff.branch, day=asked, staff=staff, now=timezone.now())
    say.done(request, _("Ended: %(number)d.") % {"number": len(ended)})
    return redirect("reception:day", day=asked.isoformat())


@readers
@require_GET
def day_print(request: HttpRequest, day: str) -> HttpResponse:
    """Show the register of a day as the sheet people know, for A4 across."""
    staff, asked = staff_of(request), _day(staff_of(request), day)
    state = day_state(staff.branch, asked, staff)
    context = {
        "state": state,
        "day": asked,
        "lines": lines_of(state.rows, staff.branch.zone),
        "figures": registered(state.rows),
        "printed_at": timezone.now(),
        "amended": [
            (one, changes_of(one))
            for one in amendments_seen_by(staff).filter(day=asked, applied_at__isnull=False).order_by("id")
        ],
    }
    return render(request, "reception/day_print.html", context)


@readers
@require_http_methods(["GET", "POST"])
def day_export(request: HttpRequest, day: str) -> HttpResponseBase:
    """Ask what an export is for; then answer with the register of the day as an Excel file."""
    staff, asked = staff_of(request), _day(staff_of(request), day)
    form = ExportForm(request.POST or None, may_reveal=staff.may(Capability.REVEAL_PHONE))
    if request.method == "POST" and form.is_valid():
        file = services.export_register(
            branch=staff.branch,
            day=asked,
            rows=day_state(staff.branch, asked, staff).rows,
            why=form.cleaned_data["why"],
            whole_phones=form.reveals,
            staff=staff,
            now=timezone.now(),
        )
        name = f"register-{staff.branch.code}-{asked.isoformat()}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    context = {"form": form, "day": asked}
    return render(request, "reception/day_export.html", context, status=422 if form.errors else 200)


@concerned
@require_GET
def day_count(request: HttpRequest) -> HttpResponse:
    """Answer how many days and amendments wait for this person."""
    waiting = _waiting(staff_of(request))
    number = len(waiting["days"]) + waiting["amendments"]
    return HttpResponse(str(number) if number else "")


@signed_in
@require_GET
def day_notice(request: HttpRequest) -> HttpResponse:
    """Show supervisors the days nobody has closed, and whoever approves amendments those that wait for her."""
    staff = staff_of(request)
    waiting = _waiting(staff)
    if not staff.may(Capability.SUPERVISE_DAY):
        waiting["days"] = []
    return render(request, "reception/day_notice.html", waiting)


@requires(Capability.SUPERVISE_DAY, Capability.VIEW_REGISTER)
@require_GET
def interference(request: HttpRequest) -> HttpResponse:
    """List what was recorded as interference at the desk, with the count of each person."""
    staff = staff_of(request)
    form = _interference_form(staff) if staff.may(Capability.SUPERVISE_DAY) else None
    return _interference_page(request, staff, form, 200)


@supervisors
@require_POST
def interference_record(request: HttpRequest) -> HttpResponse:
    """Record interference at the desk."""
    staff = staff_of(request)
    form = _interference_form(staff, request.POST)
    if not form.is_valid():
        return _interference_page(request, staff, form, 422)
    data = form.cleaned_data
    try:
        made = services.record_interference(
            person=data["person"],
            kind=data["kind"],
            note=data["note"],
            request_key=data["request_key"],
            staff=staff,
            now=timezone.now(),
        )
    except Stale as problem:
        form.begin_again(problem)
        return _interference_page(request, staff, form, problem.status)
    say.done(request, _("Recorded: %(name)s, time %(count)d.") % {"name": made.person, "count": made.count})
    return redirect("reception:interference")


def _interference_form(staff: Staff, sent: QueryDict | None = None) -> InterferenceForm:
    return InterferenceForm(sent, colleagues=colleagues_of(staff, staff.branch.today(timezone.now())))


def _interference_page(request: HttpRequest, staff: Staff, form: InterferenceForm | None, status: int) -> HttpResponse:
    page = Paginator(interferences_of(staff.branch), PAGE).get_page(request.GET.get("page"))
    return render(request, "reception/interference.html", {"page": page, "form": form}, status=status)


def _day(staff: Staff, text: str) -> date:
    """Return the day an address names; 404 for what is none, or is still to come."""
    try:
        asked = parse_date(text)
    except ValueError:
        asked = None
    if asked is None or not FIRST_DAY <= asked <= staff.branch.today(timezone.now()):
        raise Http404
    return asked


def _day_context(staff: Staff, asked: date, number: str) -> dict[str, Any]:
    now = timezone.now()
    state = day_state(staff.branch, asked, staff)
    amendments = list(amendments_seen_by(staff).filter(day=asked))
    may_read = staff.may(Capability.VIEW_REGISTER)
    late = {visit.pk for visit in state.late_visits}
    sheet = [row for row in state.rows if row["visit"] not in late] if may_read and state.closing is not None else []
    page = Paginator(lines_of(sheet, staff.branch.zone), LINES).get_page(number)
    return {
        "page": page,
        "state": state,
        "day": asked,
        "is_today": asked == staff.branch.today(now),
        "verify": rows_to_verify(state, staff),
        "figures": registered(state.rows),
        "amendments": [(one, changes_of(one)) for one in amendments],
        "interferences": interferences_of(staff.branch, asked) if may_read else (),
        "topics": [topics.register(staff.branch_id), topics.days(staff.branch_id)],
        "may_read": may_read,
        "may_close": staff.may(Capability.SUPERVISE_DAY),
        "may_end": bool(staff.capabilities & {Capability.REGISTER_VISITORS, Capability.SUPERVISE_DAY}),
    }


def _waiting(staff: Staff) -> dict[str, Any]:
    """Return the days that wait to be closed or signed by a person, and how many amendments wait for her."""
    days = unclosed_days(staff.branch, timezone.now()) if staff.may(Capability.SIGN_DAY) else []
    if days and not staff.may(Capability.SUPERVISE_DAY):
        days = unsigned_by(staff.branch, days, parties_of(staff))
    return {"days": days, "amendments": waiting_amendments(staff).count()}
