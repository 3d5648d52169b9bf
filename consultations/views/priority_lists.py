"""Priority lists of the months: how they came about, and starting or leaving one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views.say import done
from consultations import services
from consultations.forms.priority_lists import DecideForm
from consultations.models import PriorityList
from consultations.ranking import LEAST_RECEPTIONS
from consultations.selectors import priority_lists as lists

PAGE = 24

manages = requires(Capability.MANAGE_POLICY)


@manages
@require_GET
def priority_lists(request: HttpRequest) -> HttpResponse:
    """Show the lists of the months, and whether last month's is there."""
    branch, now = staff_of(request).branch, timezone.now()
    month = lists.last_month_of(branch, now)
    found = lists.lists_of(branch)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "month": month,
        "missing": not found.filter(month_on=month).exists(),
        "least": LEAST_RECEPTIONS,
        "zone": branch.time_zone,
    }
    return render(request, "consultations/priority_lists.html", context)


@manages
@require_POST
def priority_list_compute(request: HttpRequest) -> HttpResponse:
    """Work out last month's list now, whatever preset the branch runs by."""
    staff, now = staff_of(request), timezone.now()
    month = lists.last_month_of(staff.branch, now)
    made = services.compute_priority_list(branch=staff.branch, month=month, staff=staff, now=now)
    return redirect("consultations:priority_list", pk=made.pk)


@manages
@require_GET
def priority_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a list: for each project who comes first, with the figures behind each place."""
    made = get_object_or_404(lists.lists_of(staff_of(request).branch), pk=pk)
    return _page_of(request, made, DecideForm())


@manages
@require_POST
def priority_list_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the list (`do=start`), or leave it unused."""
    staff, now = staff_of(request), timezone.now()
    made = get_object_or_404(lists.lists_of(staff.branch), pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page_of(request, made, form, status=422)
    try:
        if request.POST.get("do") == "start":
            decided = services.start_priority_list(made=made, staff=staff, now=now, **form.cleaned_data)
        else:
            decided = services.leave_priority_list(made=made, staff=staff, now=now, **form.cleaned_data)
    except Refused as problem:
        form.add_error(None, str(problem.message))
        return _page_of(request, lists.lists_of(staff.branch).get(pk=made.pk), form, status=problem.status)
    if decided.policy is not None:
        said = {"version": decided.policy.version, "day": decided.policy.starts_on.isoformat()}
        done(request, _("Version %(version)s begins on %(day)s.") % said)
    else:
        done(request, _("The list of %(month)s is not used; the rules stay as they are.") % {"month": decided})
    return redirect("consultations:priority_list", pk=made.pk)


def _page_of(request: HttpRequest, made: PriorityList, form: DecideForm, *, status: int = 200) -> HttpResponse:
    context = {
        "made": made,
        "projects": lists.places_of(made, timezone.now()),
        "form": form,
        "least": LEAST_RECEPTIONS,
        "zone": made.branch.time_zone,
    }
    return render(request, "consultations/priority_list.html", context, status=status)


@manages
@require_GET
def priority_notice(request: HttpRequest) -> HttpResponse:
    """Say that a list waits, nothing when none does."""
    context = {"waiting": lists.waiting_list(staff_of(request).branch)}
    return render(request, "consultations/priority_notice.html", context)
