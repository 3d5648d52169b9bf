"""Drugs: who was given a batch, and which drugs there are."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import words_in
from clinic.problems import Refused
from clinic.roles import Capability
from consultations import services
from consultations.forms.course import DrugForm
from consultations.selectors.drugs import all_drugs, batch_as_written, given_of_batch

managers = requires(Capability.MANAGE_POLICY)
PAGE = 50


@requires(Capability.TRACE_BATCHES)
@require_http_methods(["GET", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    """Show who was given a batch (`batch`, `page`, by POST), the latest first; each question is recorded."""
    staff = staff_of(request)
    batch = batch_as_written(words_in(request.POST.get("batch", ""), 40))
    context: dict[str, Any] = {"batch": batch}
    if batch:
        services.note_batch_traced(batch=batch, staff=staff, now=timezone.now())
        context["page"] = Paginator(given_of_batch(staff, batch), PAGE).get_page(request.POST.get("page"))
    return render(request, "consultations/batches.html", context)


@managers
@require_http_methods(["GET", "POST"])
def drugs(request: HttpRequest) -> HttpResponse:
    """Show the drugs; add one."""
    form, status = DrugForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.add_drug(staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
            except Refused as problem:
                form.add_error(None, str(problem.message))
            else:
                return redirect("consultations:drugs")
    return render(request, "consultations/drugs.html", {"drugs": all_drugs(), "form": form}, status=status)


@managers
@require_POST
def drug_in_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a drug out of use, or back into it (`active`)."""
    drug = get_object_or_404(all_drugs(), pk=pk)
    services.set_drug_in_use(
        drug=drug, active=request.POST.get("active") == "yes", staff=staff_of(request), now=timezone.now()
    )
    return redirect("consultations:drugs")
