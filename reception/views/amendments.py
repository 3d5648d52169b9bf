"""Amendments of closed days: proposed, approved on two screens, refused with a reason."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, signed_in, staff_of
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views import say
from reception import services
from reception.forms.days import AmendmentForm, ReasonForm
from reception.models import Visit
from reception.selectors.amendments import amendments_seen_by, changes_of, departments_to_ask, waiting_amendments
from reception.selectors.arrival import consultants_for
from reception.selectors.file_requests import file_request_of
from reception.selectors.projects import offered_projects, project_choices

PAGE = 50


@signed_in
@require_GET
def amendments(request: HttpRequest) -> HttpResponse:
    """List the amendments this person may read, the newest first; those that wait for her are marked."""
    staff = staff_of(request)
    listen(request, [topics.days(staff.branch_id)])
    found = amendments_seen_by(staff).order_by("-id")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    waiting = set(waiting_amendments(staff).values_list("pk", flat=True))
    context = {
        "page": page,
        "rows": [(one, changes_of(one), one.pk in waiting) for one in page.object_list],
        "topic": topics.days(staff.branch_id),
    }
    return render(request, "reception/amendments.html", context)


@signed_in
@require_GET
def amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one amendment with what this person may decide about it."""
    staff = staff_of(request)
    found = get_object_or_404(amendments_seen_by(staff), pk=pk)
    listen(request, [topics.days(staff.branch_id)])
    context = {
        "amendment": found,
        "changes": changes_of(found),
        "as_supervisor": found.may_decide(services.SUPERVISOR, staff),
        "as_head": found.may_decide(services.HEAD, staff),
        "is_author": found.author_id == staff.pk,
        "may_refuse": found.may_refuse(staff),
        "file_request": file_request_of(found.visit) if "visitor" in found.after else None,
    }
    return render(request, "reception/amendment.html", context)


@signed_in
@require_POST
def approve_as_supervisor(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve an amendment as the supervisor."""
    return _approve(request, pk, services.SUPERVISOR)


@signed_in
@require_POST
def approve_as_head(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve an amendment as the head of the department whose interest it touches."""
    return _approve(request, pk, services.HEAD)


@signed_in
@require_POST
def amendment_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse an amendment with a reason."""
    staff = staff_of(request)
    found = get_object_or_404(amendments_seen_by(staff), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise refusal(form, _("Say why it is refused: its author reads it."), code="reason")
    services.refuse_amendment(amendment=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    say.done(request, _("The amendment is refused."))
    return redirect("reception:amendment", pk=pk)


@requires(Capability.REGISTER_VISITORS, Capability.SUPERVISE_DAY)
@require_http_methods(["GET", "POST"])
def amendment_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to change an entry of a closed day."""
    staff, now = staff_of(request), timezone.now()
    visits = Visit.objects.filter(branch=staff.branch_id).select_related("visitor", "branch", "consultant")
    visit = get_object_or_404(visits, pk=pk)
    offered = offered_projects(visit.branch_id, visit)
    form = AmendmentForm(
        request.POST or None,
        visit=visit,
        consultants=consultants_for(visit),
        departments=departments_to_ask(staff),
        offered=offered,
    )
    status = 422
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.propose_amendment(
                visit=visit,
                **form.wanted,
                reason=data["reason"],
                department=data["department"],
                request_key=data["request_key"],
                staff=staff,
                now=now,
            )
        except Refused as problem:
            if problem.code == "request_used":
                form.begin_again(problem)
            else:
                form.add_error(None, str(problem.message))
            status = problem.status
        else:
            say.done(request, _("Proposed. It waits for the supervisor and the head of the department."))
            return redirect("reception:amendment", pk=made.pk)
    context = {"form": form, "visit": visit, "projects": project_choices(offered)}
    return render(request, "reception/amendment_new.html", context, status=status if form.errors else 200)


def _approve(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    staff = staff_of(request)
    found = get_object_or_404(amendments_seen_by(staff), pk=pk)
    done = services.approve_amendment(amendment=found, part=part, staff=staff, now=timezone.now())
    say.done(
        request,
        _("The register of that day is amended.") if done.applied_at else _("Approved. The other approval is missing."),
    )
    return redirect("reception:amendment", pk=pk)
