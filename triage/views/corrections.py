"""Corrections of a visit: which there are, what each would do to the board, and doing it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from reception.models import Visit
from triage import services
from triage.forms import CorrectionForm
from triage.selectors import screens
from triage.selectors.boards import receivers_of
from triage.views.asked import visit_asked_for

_operates = requires(Capability.OPERATE_DESK_BOARD)


def _form(request: HttpRequest, visit: Visit) -> CorrectionForm:
    sent = request.POST if request.method == "POST" else request.GET
    return CorrectionForm(sent, consultants=receivers_of(visit.branch, visit.day))


def _shown(request: HttpRequest, visit: Visit, form: CorrectionForm, status: int = 200, **more: Any) -> HttpResponse:
    context = screens.correction_of(visit, staff_of(request), timezone.now(), form)
    return render(request, "triage/correction.html", {**context, **more}, status=status)


@_operates
@require_GET
def corrections(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the corrections there are for a visit now; a fragment."""
    visit = visit_asked_for(request, pk)
    return render(request, "triage/corrections.html", screens.corrections_of(visit, staff_of(request)))


@_operates
@require_GET
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one correction would do to the board, or what it still has to be told; a fragment."""
    visit = visit_asked_for(request, pk)
    return _shown(request, visit, _form(request, visit))


@_operates
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry a correction out; when the board has moved, answer 409 with what it would do now."""
    visit, staff = visit_asked_for(request, pk), staff_of(request)
    form = _form(request, visit)
    if not form.is_valid():
        return _shown(request, visit, form, 422)
    expected = number_in(request.POST.get("sequence", ""))
    try:
        services.correct_visit(
            visit=visit,
            correction=form.correction,
            expected_sequence=-1 if expected is None else expected,
            staff=staff,
            now=timezone.now(),
        )
    except Stale as stale:
        moved = screens.moved_of(visit, -1 if expected is None else expected)
        return _shown(request, visit_asked_for(request, pk), form, stale.status, stale=stale, moved=moved)
    except Refused as refused:
        return _shown(request, visit_asked_for(request, pk), form, refused.status, refused=refused.message)
    context = screens.proposal_of(visit_asked_for(request, pk), staff, timezone.now())
    response = render(request, "triage/proposal.html", {**context, "fresh": True, "corrected": _("Corrected.")})
    response.headers["HX-Trigger"] = "visit-settled"
    return response
