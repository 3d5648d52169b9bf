"""A visit's way through triage: proposal, confirmation, undo, type, name, why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in, path_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.problems import Stale
from clinic.roles import Capability
from clinic.views.say import done
from reception.models import Visit
from triage import services
from triage.forms import ChangedTypeForm, NameForm, ReasonForm
from triage.models import Decision
from triage.selectors import screens
from triage.selectors.boards import receivers_of
from triage.selectors.facts import Said
from triage.views.asked import visit_asked_for, visit_told_to

_sees = requires(Capability.VIEW_DESK_BOARD, Capability.VIEW_REGISTER)
_operates = requires(Capability.OPERATE_DESK_BOARD)


def _said(request: HttpRequest) -> Said:
    """What the desk says to the proposal; raises Refused when it changed the type without a reason."""
    sent = request.POST if request.method == "POST" else request.GET
    refuses_wait = bool(sent.get("refuses_wait"))
    if not sent.get("visit_type"):
        return Said(refuses_wait=refuses_wait)
    form = ChangedTypeForm(sent)
    if not form.is_valid():
        raise refusal(form, _("A changed type needs a reason."), code="type_reason_missing")
    return Said(form.changed_type, refuses_wait)


@_operates
@require_GET
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the rules propose for a visit, or what has become of it; a fragment.

    With `?shown=` and the id of the decision on the screen, and `as=` what it says of it, it answers 204 while both are
    true: nothing on the screen moves. What is shown instead takes no focus, for nobody has asked for it.
    """
    visit = visit_asked_for(request, pk)
    context = screens.proposal_of(visit, staff_of(request), timezone.now(), _said(request))
    shown = number_in(request.GET.get("shown", ""))
    if shown is not None and screens.still_shown(context, request.GET.get("as", ""), shown):
        return HttpResponse(status=204)
    return render(request, "triage/proposal.html", {**context, "quiet": shown is not None})


@_operates
@require_GET
def moved(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what has happened on the board since a proposal of number `?sequence=`; 204 while nothing has. A fragment."""
    visit, sequence = visit_asked_for(request, pk), number_in(request.GET.get("sequence", ""))
    lines = screens.moved_of(visit, sequence) if sequence is not None else []
    if not lines:
        return HttpResponse(status=204)
    return render(request, "triage/moved.html", {"visit": visit, "moved": lines})


@_operates
@require_GET
def no_proposal(request: HttpRequest) -> HttpResponse:
    """Answer with nothing: the proposal is put aside, the visit stays registered."""
    response = HttpResponse("")
    response.headers["HX-Trigger"] = "proposal-closed"
    return response


@_operates
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry out what was proposed; when the board has moved, answer 409 with a new proposal and what changed."""
    visit, staff, now = visit_asked_for(request, pk), staff_of(request), timezone.now()
    said = _said(request)
    sequence = number_in(request.POST.get("sequence", ""))
    expected = -1 if sequence is None else sequence
    try:
        decision = services.allocate_visit(visit=visit, expected_sequence=expected, said=said, staff=staff, now=now)
    except Stale as stale:
        context = screens.proposal_of(visit_asked_for(request, pk), staff, now, said)
        context |= {"stale": stale, "moved": screens.moved_of(visit, expected)}
        return render(request, "triage/proposal.html", context, status=stale.status)
    return _settled(request, visit, decision)


@_operates
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the allocation back (K8) and show the proposal again."""
    visit, staff, now = visit_asked_for(request, pk), staff_of(request), timezone.now()
    services.undo_allocation(visit=visit, staff=staff, now=now)
    context = screens.proposal_of(visit_asked_for(request, pk), staff, now)
    return render(request, "triage/proposal.html", {**context, "undone": True})


@requires(
    Capability.OPERATE_DESK_BOARD,
    Capability.OVERRIDE_TRIAGE,
    Capability.ANSWER_ESCALATIONS,
    Capability.WORK_OWN_QUEUE,
)
@require_POST
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who receives a visit: the owner's or the supervisor's answer, or an override with its reason."""
    visit, staff, now = visit_asked_for(request, pk), staff_of(request), timezone.now()
    form = NameForm(request.POST, offered=receivers_of(visit.branch, visit.day))
    if not form.is_valid():
        raise refusal(form, _("Choose one of the consultants of this desk."), code="name_form")
    decision = services.name_consultant(
        visit=visit,
        consultant=form.cleaned_data["consultant"],
        by=form.cleaned_data["by"],
        reason=form.cleaned_data["reason"],
        turn=form.cleaned_data["turn"] or None,
        staff=staff,
        now=now,
    )
    if request.POST.get("from") == "questions":
        named = {"number": visit, "name": form.cleaned_data["consultant"].display_name}
        done(request, _("%(name)s receives visitor %(number)s.") % named)
        return render(request, "triage/questions.html", screens.questions_of(staff, now))
    return _settled(request, visit, decision)


@_operates
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the visitor walked out."""
    visit, staff, now = visit_asked_for(request, pk), staff_of(request), timezone.now()
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why in a few words."), code="reason_form")
    services.record_leave(visit=visit, staff=staff, now=now, reason=form.cleaned_data["reason"])
    return render(request, "triage/left.html", {"visit": visit})


@_sees
@require_GET
def visit_menu(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what can be done with a visit of the register; a fragment."""
    at_desk = path_in(request.headers.get("HX-Current-URL", "")) == reverse("reception:desk")
    context = screens.menu_of(visit_asked_for(request, pk), staff_of(request), at_desk=at_desk)
    return render(request, "triage/visit_menu.html", context)


@_sees
@require_GET
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why this consultant, in words; a fragment."""
    return render(request, "triage/why.html", screens.why_of(visit_asked_for(request, pk), staff_of(request)))


@requires(Capability.VIEW_DESK_BOARD, Capability.VIEW_REGISTER, Capability.WORK_OWN_QUEUE)
@require_GET
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every decision about a visit with its reasons, from the facts as they were."""
    visit = visit_told_to(request, pk)
    listen(request, [topics.visitor(visit.visitor_id)])
    return render(request, "triage/decision.html", screens.decision_page_of(visit, staff_of(request), timezone.now()))


def _settled(request: HttpRequest, visit: Visit, decision: Decision) -> HttpResponse:
    """What has become of the visit, with undo while it is possible."""
    context = screens.settled_by(decision, visit, staff_of(request), timezone.now())
    response = render(request, "triage/proposal.html", {**context, "fresh": True})
    response.headers["HX-Trigger"] = "visit-settled"
    return response
