"""Treatments of the department desks, doctors, nurses and consultants."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.reasons import Screen
from clinic.roles import Capability, Role
from clinic.views.onward import go
from consultations import services
from consultations.forms import CancelTreatmentForm, ChangeTreatmentForm, TreatmentForm
from consultations.models import Treatment
from consultations.selectors import records
from consultations.selectors.treatments import TABS, doctors_of, tab_counts, treatments_for, treatments_in_tab
from reception.views.looks import looked_at

recorders = requires(Capability.RECORD_TREATMENTS)
readers = requires(Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS)
PAGE = 50


def _list(request: HttpRequest) -> dict[str, Any]:
    staff, now = staff_of(request), timezone.now()
    today = staff.branch.today(now)
    tab = request.GET.get("tab", "today")
    tab = tab if tab in TABS else "today"
    doctors = list(doctors_of(staff, today))
    chosen = next((one for one in doctors if str(one.pk) == request.GET.get("doctor")), None)
    rows = treatments_for(staff)
    if chosen is not None:
        rows = rows.filter(doctor=chosen)
    page = Paginator(treatments_in_tab(rows, tab, today), PAGE).get_page(request.GET.get("page"))
    return {
        "tab": tab,
        "page": page,
        "counts": tab_counts(rows, today),
        "doctors": doctors,
        "chosen": chosen,
        "today": today,
        "records": staff.may(Capability.RECORD_TREATMENTS),
        "filters": staff.roles != {Role.DOCTOR},
        "listen": topics.treatments(staff.branch_id),
    }


@readers
@require_GET
def treatments(request: HttpRequest) -> HttpResponse:
    """Show today's, coming and past treatments of this person's work."""
    listen(request, [topics.treatments(staff_of(request).branch_id)])
    return render(request, "consultations/treatments.html", _list(request))


@readers
@require_GET
def treatments_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "consultations/treatments_panel.html", _list(request))


def _own(request: HttpRequest, pk: int) -> tuple[Treatment, Staff]:
    staff = staff_of(request)
    return get_object_or_404(treatments_for(staff), pk=pk), staff


@readers
@require_http_methods(["GET", "POST"])
def treatment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one treatment; move it or give it to another doctor."""
    found, staff = _own(request, pk)
    looked_at(request, found.visitor, Screen.TREATMENT)
    now = timezone.now()
    doctors = doctors_of(staff, staff.branch.today(now))
    may_change = staff.may(Capability.RECORD_TREATMENTS)
    if request.method == "POST" and not may_change:
        return HttpResponse(status=403)
    form = ChangeTreatmentForm(
        request.POST or None,
        doctors=doctors,
        initial={
            "version": found.version,
            "treated_on": found.treated_on,
            "doctor": found.doctor_id,
            "notes": found.notes,
        },
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        services.change_treatment(treatment=found, expected_version=given.pop("version"), staff=staff, now=now, **given)
        return go(request, reverse("consultations:treatment", args=[pk]))
    context = {
        "treatment": found,
        "form": form,
        "cancel_form": CancelTreatmentForm(initial={"version": found.version}, auto_id="cancel_%s"),
        "may_change": may_change and found.state != Treatment.State.CANCELLED,
        "today": staff.branch.today(now),
    }
    return render(request, "consultations/treatment.html", context, status=422 if form.is_bound else 200)


@recorders
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that it was done: on its day, or today when it was planned for later."""
    found, staff = _own(request, pk)
    now = timezone.now()
    version = number_in(request.POST.get("version", ""))
    services.change_treatment(
        treatment=found,
        state=Treatment.State.DONE,
        treated_on=min(found.treated_on, staff.branch.today(now)),
        expected_version=found.version if version is None else version,
        staff=staff,
        now=now,
    )
    return _answer(request, found)


@recorders
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel with a reason."""
    found, staff = _own(request, pk)
    form = CancelTreatmentForm(request.POST, auto_id="cancel_%s")
    if not form.is_valid():
        today = staff.branch.today(timezone.now())
        context = {"treatment": found, "cancel_form": form, "may_change": True, "today": today}
        return render(request, "consultations/treatment.html", context, status=422)
    services.cancel_treatment(
        treatment=found,
        reason=form.cleaned_data["reason"],
        expected_version=form.cleaned_data["version"],
        staff=staff,
        now=timezone.now(),
    )
    return _answer(request, found)


def _answer(request: HttpRequest, found: Treatment) -> HttpResponse:
    if request.headers.get("HX-Target") == "treatments":
        return render(request, "consultations/treatments_panel.html", _list(request))
    return go(request, reverse("consultations:treatment", args=[found.pk]))


@recorders
@require_http_methods(["GET", "POST"])
def treatment_new(request: HttpRequest, visitor: int) -> HttpResponse:
    """File the next treatment of a visitor this person works with."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(records.visitors_seen_by(staff), pk=visitor)
    looked_at(request, found, Screen.TREATMENT)
    form = TreatmentForm(
        request.POST or None,
        offered=records.offered_projects(),
        doctors=doctors_of(staff, staff.branch.today(now)),
        initial={"project": request.GET.get("project"), "doctor": request.GET.get("doctor")},
    )
    if request.method == "POST" and form.is_valid():
        filed = services.file_treatment(visitor=found, branch=staff.branch, staff=staff, now=now, **form.cleaned_data)
        return go(request, reverse("consultations:treatment", args=[filed.pk]))
    context = {"visitor": found, "form": form}
    return render(request, "consultations/treatment_new.html", context, status=422 if form.is_bound else 200)
