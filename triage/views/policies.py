"""The versions of the rules, the form that drafts one, and the past played under them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views import say
from triage import services
from triage.forms import PolicyForm, RehearsalForm
from triage.selectors.knobs import PRESET_NAMES
from triage.selectors.policies import draft_of, versions_of
from triage.selectors.results import rehearsal_rows, rehearsals_of, result_of

_manages = requires(Capability.MANAGE_POLICY)


@_manages
@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """Show every version of the branch's rules, newest first, with what it changed."""
    page = Paginator(versions_of(staff_of(request).branch, timezone.now()), 20).get_page(request.GET.get("page"))
    return render(request, "triage/policies.html", {"page": page})


@_manages
def policy_new(request: HttpRequest) -> HttpResponse:
    """Draft a version: compare it with the running rules, rehearse the past under it, save it."""
    staff, now = staff_of(request), timezone.now()
    draft = draft_of(staff.branch, request.GET.get("preset", ""), now)
    if request.method != "POST":
        initial = {"version": draft.version, "starts_on": draft.earliest}
        form = PolicyForm(branch=staff.branch, running=draft.running, begins=draft.begins, initial=initial)
        return _form_page(request, staff, form)
    form = PolicyForm(request.POST, branch=staff.branch, running=draft.running, begins=draft.begins)
    if not form.is_valid():
        return _form_page(request, staff, form, status=422)
    if request.POST.get("step") == "rehearse":
        return _rehearse_draft(request, staff, form)
    if request.POST.get("step") != "save":
        return _form_page(request, staff, form, compared=True)
    try:
        policy = services.create_policy(
            branch=staff.branch,
            preset=form.cleaned_data["preset"],
            settings=form.cleaned_data["settings"],
            starts_on=form.cleaned_data["starts_on"],
            reason=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["version"],
            staff=staff,
            now=now,
        )
    except Stale as stale:
        form.refused(stale)
        form.renew(draft.version)
        return _form_page(request, staff, form, compared=True, status=stale.status)
    except Refused as refused:
        form.refused(refused)
        return _form_page(request, staff, form, status=refused.status)
    said = {"version": policy.version, "day": policy.starts_on.isoformat()}
    replaced = draft.planned_on(policy.starts_on)
    if replaced is not None:
        said["replaced"] = replaced
        say.done(request, _("Version %(version)s replaces version %(replaced)s and begins on %(day)s.") % said)
    else:
        say.done(request, _("Version %(version)s begins on %(day)s.") % said)
    return redirect("triage:policies")


def _rehearse_draft(request: HttpRequest, staff: Staff, form: PolicyForm) -> HttpResponse:
    days = RehearsalForm(request.POST, branch=staff.branch, draft=True)
    if not days.is_valid():
        return _form_page(request, staff, form, compared=True, days=days, status=422)
    try:
        job = services.start_rehearsal(
            branch=staff.branch,
            preset=form.cleaned_data["preset"],
            settings=form.cleaned_data["settings"],
            staff=staff,
            now=timezone.now(),
            **days.cleaned_data,
        )
    except Refused as refused:
        days.add_error(None, str(refused.message))
        return _form_page(request, staff, form, compared=True, days=days, status=refused.status)
    return redirect("clinic:job", pk=job.pk)


def _form_page(
    request: HttpRequest,
    staff: Staff,
    form: PolicyForm,
    *,
    compared: bool = False,
    days: RehearsalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "compared": compared,
        "changes": form.changes() if compared else [],
        "days": days or RehearsalForm(branch=staff.branch, draft=True, initial=RehearsalForm.usual(staff.branch)),
        "presets": PRESET_NAMES.items(),
    }
    return render(request, "triage/policy_form.html", context, status=status)


@_manages
def rehearsals(request: HttpRequest) -> HttpResponse:
    """Show the rehearsals of the branch, and start one under a saved version."""
    staff, status = staff_of(request), 200
    form = RehearsalForm(request.POST or None, branch=staff.branch, initial=RehearsalForm.usual(staff.branch))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                job = services.start_rehearsal(
                    branch=staff.branch, staff=staff, now=timezone.now(), **form.cleaned_data
                )
                return redirect("clinic:job", pk=job.pk)
            except Refused as refused:
                form.add_error(None, str(refused.message))
    page = Paginator(rehearsals_of(staff.branch), 20).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": rehearsal_rows(staff.branch, page)}
    return render(request, "triage/rehearsals.html", context, status=status)


@_manages
@require_GET
def rehearsal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would have been beside what was."""
    found = get_object_or_404(rehearsals_of(staff_of(request).branch), pk=pk)
    rows = found.result["differences"]
    if request.GET.get("rules"):
        rows = [row for row in rows if row["rule"]]
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "triage/rehearsal.html", result_of(found, page))
