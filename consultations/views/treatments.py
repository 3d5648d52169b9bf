"""One treatment: its page, moving, cancelling; and filing the next one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.problems import Refused
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.views.onward import go
from clinic.views.say import done
from consultations import services
from consultations.forms.fields import VersionedForm
from consultations.forms.treatments import CancelTreatmentForm, ChangeTreatmentForm, TreatmentForm, drawn_with
from consultations.models import Treatment
from consultations.selectors import records
from consultations.selectors.packages import open_lines
from consultations.selectors.treatments import doctors_of, treatments_for
from consultations.views.course import page_of
from consultations.views.treatment_list import own_treatment, readers
from reception.views.looks import looked_at

recorders = requires(Capability.RECORD_TREATMENTS)


@readers
@require_http_methods(["GET", "POST"])
def treatment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one treatment; move it or give it to another doctor."""
    found, staff = own_treatment(request, pk)
    looked_at(request, found.visitor, Screen.TREATMENT)
    now = timezone.now()
    if request.method == "POST" and not staff.may(Capability.RECORD_TREATMENTS):
        return HttpResponse(status=403)
    form = ChangeTreatmentForm(
        request.POST or None,
        doctors=doctors_of(staff, staff.branch.today(now)),
        initial=drawn_with(found),
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            services.change_treatment(treatment=found, expected_version=version, staff=staff, now=now, **form.changes)
        except Refused as problem:
            return _refused(request, pk, problem, form=form)
        if not treatments_for(staff).filter(pk=pk).exists():
            name = form.cleaned_data["doctor"].display_name
            done(request, _("%(name)s has the treatment now; it is no longer on your list.") % {"name": name})
            return go(request, reverse("consultations:treatments"))
        return go(request, reverse("consultations:treatment", args=[pk]))
    return page_of(request, found, staff, status=422 if form.is_bound else 200, form=form)


def _refused(request: HttpRequest, pk: int, problem: Refused, **bound: VersionedForm) -> HttpResponse:
    """Answer a form that could not be carried out: the page as it is now, with the reason beside what was typed.

    Raises it again where the form has no place any more.
    """
    found, staff = own_treatment(request, pk)
    if found.state == Treatment.State.CANCELLED:
        raise problem
    for form in bound.values():
        form.add_error(None, str(problem.message))
    return page_of(request, found, staff, status=problem.status, **bound)


@recorders
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel with a reason."""
    found, staff = own_treatment(request, pk)
    form = CancelTreatmentForm(request.POST, auto_id="cancel_%s")
    if not form.is_valid():
        return page_of(request, found, staff, status=422, cancel_form=form)
    try:
        services.cancel_treatment(
            treatment=found,
            reason=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["version"],
            staff=staff,
            now=timezone.now(),
        )
    except Refused as problem:
        return _refused(request, pk, problem, cancel_form=form)
    return go(request, reverse("consultations:treatment", args=[pk]))


@recorders
@require_http_methods(["GET", "POST"])
def treatment_new(request: HttpRequest, visitor: int) -> HttpResponse:
    """File the next treatment of a visitor this person works with."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(records.visitors_seen_by(staff), pk=visitor)
    looked_at(request, found, Screen.TREATMENT)
    asked = {name: request.GET.get(name) for name in ("project", "doctor", "deal_line", "treated_on")}
    form = TreatmentForm(
        request.POST or None,
        offered=records.projects_for(found, staff.branch_id),
        branch_id=staff.branch_id,
        doctors=doctors_of(staff, staff.branch.today(now)),
        lines=open_lines(found),
        initial=asked,
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            filed = services.file_treatment(
                visitor=found, branch=staff.branch, staff=staff, now=now, **form.cleaned_data
            )
        except Refused as problem:
            form.add_error(None, str(problem.message))
            status = problem.status
        else:
            return go(request, reverse("consultations:treatment", args=[filed.pk]))
    return render(request, "consultations/treatment_new.html", {"visitor": found, "form": form}, status=status)
