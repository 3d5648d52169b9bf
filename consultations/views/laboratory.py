"""The laboratory: tests ordered today, their results, and the register of abnormal ones."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.roles import Capability
from consultations import services
from consultations.forms.course import ResultForm
from consultations.selectors.preparation import abnormal_tests, number_of_tests, steps_for, tests_of_today
from consultations.views.course import work_of

laboratory_only = requires(Capability.WORK_LABORATORY)
workers = requires(Capability.WORK_LABORATORY, Capability.RECORD_TREATMENTS)
readers = requires(Capability.WORK_LABORATORY, Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS)
PAGE = 50


def _tests(request: HttpRequest) -> dict[str, Any]:
    staff = staff_of(request)
    rows = tests_of_today(staff, staff.branch.today(timezone.now()))
    return {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "listen": topics.treatments(staff.branch_id),
    }


@laboratory_only
@require_GET
def laboratory(request: HttpRequest) -> HttpResponse:
    """Show the tests that are out, what is expected first on top, and today's results below."""
    listen(request, [topics.treatments(staff_of(request).branch_id)])
    return render(request, "consultations/laboratory.html", _tests(request))


@laboratory_only
@require_GET
def laboratory_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list."""
    return _panel(request)


@laboratory_only
@require_GET
def laboratory_count(request: HttpRequest) -> HttpResponse:
    """Answer how many tests are out."""
    return HttpResponse(str(number_of_tests(staff_of(request)) or ""))


@workers
@require_POST
def step_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a result down: from the laboratory's list, or from the treatment's own page."""
    staff = staff_of(request)
    step = get_object_or_404(steps_for(staff), pk=pk)
    form = ResultForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Choose a result."), code="result_unknown")
    services.answer_step(step=step, staff=staff, now=timezone.now(), **form.cleaned_data)
    if request.headers.get("HX-Target") == "tests" and staff.may(Capability.WORK_LABORATORY):
        return _panel(request)
    if staff.may(Capability.RECORD_TREATMENTS):
        return work_of(request, step.treatment_id)
    return redirect("consultations:laboratory")


def _panel(request: HttpRequest) -> HttpResponse:
    return render(request, "consultations/laboratory.html#tests", _tests(request))


@requires(Capability.RECORD_TREATMENTS)
@require_POST
def step_retest(request: HttpRequest, pk: int) -> HttpResponse:
    """Order an abnormal test once more."""
    staff = staff_of(request)
    step = get_object_or_404(steps_for(staff), pk=pk)
    services.order_step(treatment=step.treatment, kind=step.kind, retest_of=step, staff=staff, now=timezone.now())
    return work_of(request, step.treatment_id)


@readers
@require_GET
def abnormal(request: HttpRequest) -> HttpResponse:
    """Show the register of abnormal tests, the newest first (`?page=`)."""
    staff = staff_of(request)
    listen(request, [topics.treatments(staff.branch_id)])
    page = Paginator(abnormal_tests(staff), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "opens": staff.may(Capability.RECORD_TREATMENTS) or staff.may(Capability.VIEW_ALL_VISITORS),
    }
    return render(request, "consultations/abnormal.html", context)
