"""The weekly reports of follow-ups: every figure comes from a frozen body, and opens the calls it counts."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.forms import BuildForm
from clinic.live import topics
from clinic.live.page import listen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from clinic.weeks import Week
from followups import selectors, services

PAGE = 30
CALLS = 50

readers = requires(Capability.READ_REPORTS, Capability.SUPERVISE_CALL_BACKS)


@readers
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Show the newest version of each week's report."""
    staff = staff_of(request)
    listen(request, [topics.call_backs(staff.branch_id)])
    running = Week.of(staff.branch.today(timezone.now()))
    page = Paginator(selectors.latest_follow_up_reports(staff), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": selectors.report_rows(page),
        "builds": staff.may(Capability.SUPERVISE_CALL_BACKS),
        "build": BuildForm(initial={"year": running.year, "week": running.number}),
        "running": running,
        "listen": topics.call_backs(staff.branch_id),
        "zone": staff.branch.time_zone,
    }
    return render(request, "followups/reports.html", context)


@requires(Capability.SUPERVISE_CALL_BACKS)
@require_POST
def report_build(request: HttpRequest) -> HttpResponse:
    """Build the report of a week, or a corrected version beside the one there is."""
    staff, form = staff_of(request), BuildForm(request.POST)
    if not form.is_valid():
        raise Http404
    made = services.build_follow_up_report(branch=staff.branch, staff=staff, now=timezone.now(), **form.cleaned_data)
    done(request, _("The report of %(week)s is built.") % {"week": made})
    return go(request, reverse("followups:report", args=[made.year, made.week]))


@readers
@require_GET
def report(request: HttpRequest, year: int, week: int) -> HttpResponse:
    """Show a report as it was frozen; `?version=` shows an older one."""
    context = selectors.follow_up_report_page(staff_of(request), year, week, request.GET.get("version", ""))
    if context is None:
        raise Http404
    build = BuildForm(initial={"year": year, "week": week})
    return render(request, "followups/report.html", {**context, "build": build})


@readers
@require_GET
def report_calls(request: HttpRequest, year: int, week: int) -> HttpResponse:
    """Show the calls behind a figure of a report: `figure`, and what it is narrowed to (`kind`, `code`, `staff`)."""
    staff, asked = staff_of(request), request.GET
    newest = selectors.follow_up_reports_seen_by(staff).filter(year=year, week=week).first()
    if newest is None:
        raise Http404
    context = selectors.figure_page(
        staff,
        newest,
        asked.get("figure") or "in",
        kind=asked.get("kind", ""),
        code=asked.get("code", ""),
        staff_id=number_in(asked.get("staff", "")),
        now=timezone.now(),
    )
    if context is None:
        raise Http404
    page = Paginator(context["ids"], CALLS).get_page(asked.get("page"))
    calls = selectors.calls_shown(staff, list(page))
    return render(request, "followups/report_calls.html", {**context, "page": page, "calls": calls})


@readers
@require_GET
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show what was heard of recovery and satisfaction in a quarter, by project and by step: `?quarter=2026-1`."""
    staff = staff_of(request)
    context = selectors.outcomes_page(staff, request.GET.get("quarter", ""), staff.branch.today(timezone.now()))
    return render(request, "followups/outcomes.html", context)
