"""The pre-check of a visit, and who is set apart because of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.forms import refusal
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from reception import services
from reception.forms import PreCheckForm, ReasonForm
from reception.models import Visit
from reception.selectors.pre_checks import isolation_of, pre_checks_of, unseen_isolations

at_desk = requires(Capability.REGISTER_VISITORS)
supervisors = requires(Capability.OVERRIDE_TRIAGE)


@at_desk
@require_http_methods(["GET", "POST"])
def pre_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down the pre-check of a visit; show the earlier ones and whether she is set apart."""
    staff = staff_of(request)
    visit = get_object_or_404(_visits(staff), pk=pk)
    if request.method == "GET":
        return _page(request, visit, PreCheckForm(), 200)
    form, status = PreCheckForm(request.POST), 422
    if form.is_valid():
        try:
            services.record_pre_check(visit=visit, answers=form.answers, staff=staff, now=timezone.now())
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status = problem.status
        else:
            return redirect("reception:pre_check", pk=visit.pk)
    return _page(request, visit, form, status)


@at_desk
@require_POST
def isolation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Clear a suspicion, with who cleared it and why; she can be triaged then."""
    staff = staff_of(request)
    visit = get_object_or_404(_visits(staff), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say who cleared her and why: it stays with the visit."), code="reason")
    services.end_isolation(visit=visit, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    return redirect("reception:pre_check", pk=visit.pk)


@supervisors
@require_GET
def isolation_notice(request: HttpRequest) -> HttpResponse:
    """Show a supervisor, on whatever page she is, who was set apart and she has not seen; a fragment."""
    return _notice(request, staff_of(request))


@supervisors
@require_POST
def isolation_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the supervisor has seen the report; answer with what is left to see."""
    staff = staff_of(request)
    visit = get_object_or_404(_visits(staff), pk=pk)
    services.note_isolation_seen(visit=visit, staff=staff, now=timezone.now())
    return _notice(request, staff)


def _visits(staff: Staff) -> Any:
    return Visit.objects.select_related("visitor", "branch").filter(branch=staff.branch_id)


def _notice(request: HttpRequest, staff: Staff) -> HttpResponse:
    found = unseen_isolations(staff.branch, staff.branch.today(timezone.now()))
    return render(request, "reception/isolation_notice.html", {"isolations": found})


def _page(request: HttpRequest, visit: Visit, form: PreCheckForm, status: int) -> HttpResponse:
    context = {
        "visit": visit,
        "form": form,
        "checks": pre_checks_of(visit),
        "isolation": isolation_of(visit),
        "zone": visit.branch.time_zone,
    }
    return render(request, "reception/pre_check.html", context, status=status)
