"""Signed forms of a consultation and of a treatment; which forms a project or a department needs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.forms import refusal
from clinic.models import Department, Project, Staff
from clinic.problems import Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.changes import latest_change
from clinic.selectors.places import departments_seen_by, projects_seen_by
from clinic.views.onward import go
from consultations import services
from consultations.forms.papers import FormNeedsForm, SignedFormForm
from consultations.models import SignedForm, Treatment
from consultations.selectors import photographs, records, signed_forms
from consultations.selectors.form_needs import own_need, usual_needs
from consultations.selectors.treatments import treatments_for
from reception.models import Visitor
from reception.views.looks import looked_at_part

managers = requires(Capability.MANAGE_POLICY)


@requires(Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)
@require_http_methods(["GET", "POST"])
def consultation_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which forms a consultation's projects need and how they stand; its own consultant notes answers."""
    staff = staff_of(request)
    found = get_object_or_404(records.consultations_seen_by(staff), pk=pk)
    looked_at_part(request, found.visitor, Screen.CONSULTATION)
    mine = found.consultant_id == staff.pk
    writes = mine and signed_forms.may_be_noted_in(found)
    if request.method == "POST":
        if not mine:
            return HttpResponse(status=403)
        form = _said(request)
        about = signed_forms.subject_among(
            signed_forms.lines_of_consultation(found), form.cleaned_data["treatment"], form.cleaned_data["project"]
        )
        if about is None:
            raise Stale(_("What this form is about has changed. Look at the forms again."), code="form_changed")
        _note(
            form,
            visitor=found.visitor,
            consultation=found,
            treatment=about.treatment,
            project=about.project,
            staff=staff,
        )
        if not request.headers.get("HX-Request"):
            return go(request, reverse("consultations:consultation", args=[pk]))
    lines = signed_forms.lines_of_consultation(found)
    address = reverse("consultations:consultation_papers", args=[pk])
    return _papers(request, found.visitor, lines, staff, address=address, writes=writes, of=f"consultation={pk}")


@requires(Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS)
@require_http_methods(["GET", "POST"])
def treatment_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which forms a treatment needs and how they stand; whoever records treatments notes answers."""
    staff = staff_of(request)
    found = get_object_or_404(
        treatments_for(staff).select_related("visitor", "project__department", "doctor", "branch"), pk=pk
    )
    looked_at_part(request, found.visitor, Screen.TREATMENT)
    records_them = staff.may(Capability.RECORD_TREATMENTS)
    if request.method == "POST":
        if not records_them:
            return HttpResponse(status=403)
        _note(_said(request), visitor=found.visitor, treatment=found, staff=staff)
        if not request.headers.get("HX-Request"):
            return go(request, reverse("consultations:treatment", args=[pk]))
    lines = signed_forms.lines_of_treatment(found)
    writes = records_them and found.state != Treatment.State.CANCELLED
    address = reverse("consultations:treatment_papers", args=[pk])
    return _papers(request, found.visitor, lines, staff, address=address, writes=writes, of=f"treatment={pk}")


def _said(request: HttpRequest) -> SignedFormForm:
    form = SignedFormForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Choose the form, and whether she signed or refused it."), code="form_unclear")
    return form


def _note(form: SignedFormForm, *, visitor: Visitor, staff: Staff, **about: Any) -> SignedForm:
    said = {name: form.cleaned_data[name] for name in ("kind", "answer", "note", "seen")}
    return services.note_signed_form(visitor=visitor, **said, **about, staff=staff, now=timezone.now())


def _papers(
    request: HttpRequest,
    visitor: Visitor,
    lines: list[signed_forms.FormLine],
    staff: Staff,
    *,
    address: str,
    writes: bool,
    of: str,
) -> HttpResponse:
    subjects = {line.subject.project.pk for line in lines}
    context = {
        "visitor": visitor,
        "lines": lines,
        "blocking": sum(line.blocks for line in lines),
        "all_signed": all(line.state in ("signed", "desk") for line in lines),
        "several": len(subjects) > 1,
        "address": address,
        "writes": writes,
        "photographs": photographs.how_many(visitor),
        "photographs_url": f"{reverse('consultations:photographs', args=[visitor.pk])}?{of}",
        "keeps_photographs": staff.may(Capability.KEEP_PHOTOGRAPHS),
    }
    return render(request, "consultations/papers.html", context)


@managers
@require_http_methods(["GET", "POST"])
def project_forms(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change which forms a project needs; a part of the project's page."""
    project = get_object_or_404(projects_seen_by(staff_of(request)), pk=pk)
    return _needs(request, project, reverse("consultations:project_forms", args=[pk]), "clinic:project_edit")


@managers
@require_http_methods(["GET", "POST"])
def department_forms(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change which forms the projects of a department need; a part of the department's page."""
    department = get_object_or_404(departments_seen_by(staff_of(request)), pk=pk)
    return _needs(request, department, reverse("consultations:department_forms", args=[pk]), "clinic:department")


def _needs(request: HttpRequest, thing: Project | Department, address: str, page: str) -> HttpResponse:
    form, status, saved = _needs_form(thing, request.POST if request.method == "POST" else None), 200, False
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                services.write_form_needs(
                    thing=thing,
                    kinds=form.wanted,
                    seen=form.cleaned_data["seen"],
                    staff=staff_of(request),
                    now=timezone.now(),
                )
            except Stale as problem:
                form.look_again(problem)
                status = problem.status
            else:
                if not request.headers.get("HX-Request"):
                    return go(request, reverse(page, args=[thing.pk]))
                form, status, saved = _needs_form(thing), 200, True
    usual = _(", ").join(str(SignedForm.Kind(kind).label) for kind in usual_needs(thing))
    context = {"form": form, "usual": usual, "address": address, "saved": saved}
    return render(request, "consultations/form_needs.html", context, status=status)


def _needs_form(thing: Project | Department, typed: Any = None) -> FormNeedsForm:
    written = own_need(thing)
    drawn = {
        "seen": latest_change(type(thing), thing.pk),
        "own": "own" if written is not None else "usual",
        "kinds": list(written.kinds if written is not None else usual_needs(thing)),
    }
    return FormNeedsForm(typed, initial=drawn, auto_id="forms_%s")
