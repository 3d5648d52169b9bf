"""The weekly reports: every figure on these pages comes from a frozen body."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.forms import BuildForm
from clinic.live import topics
from clinic.live.page import listen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from clinic.weeks import Week
from complaints import selectors, services

PAGE = 30

readers = requires(Capability.READ_REPORTS)


@readers
@require_GET
def weekly_reports(request: HttpRequest) -> HttpResponse:
    """Show the newest version of each week's report, and the running week."""
    staff = staff_of(request)
    listen(request, [topics.complaints(staff.branch_id)])
    running = Week.of(staff.branch.today(timezone.now()))
    context = {
        "page": Paginator(selectors.latest_reports(staff), PAGE).get_page(request.GET.get("page")),
        "builds": staff.may(Capability.SUPERVISE_COMPLAINTS),
        "build": BuildForm(initial={"year": running.year, "week": running.number}),
        "running": running,
        "listen": topics.complaints(staff.branch_id),
        "zone": staff.branch.time_zone,
    }
    return render(request, "complaints/weekly_reports.html", context)


@requires(Capability.SUPERVISE_COMPLAINTS)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Build the report of a week, or a corrected version beside the one there is."""
    staff, form = staff_of(request), BuildForm(request.POST)
    if not form.is_valid():
        raise Http404
    made = services.build_weekly_report(branch=staff.branch, staff=staff, now=timezone.now(), **form.cleaned_data)
    done(request, _("The report of %(week)s is built.") % {"week": made})
    return go(request, reverse("complaints:weekly_report", args=[made.year, made.week]))


@readers
@require_GET
def weekly_report(request: HttpRequest, year: int, week: int) -> HttpResponse:
    """Show a report as it was frozen; `?version=` shows an older one."""
    context = selectors.report_page_of(staff_of(request), year, week, request.GET.get("version", ""))
    if context is None:
        raise Http404
    build = BuildForm(initial={"year": year, "week": week})
    return render(request, "complaints/weekly_report.html", {**context, "build": build})
