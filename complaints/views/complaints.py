"""Taking complaints in, the list, and a complaint on its way."""

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Stale
from clinic.reasons import Screen
from clinic.roles import Capability
from clinic.selectors.people import working_at
from clinic.views.onward import go
from clinic.views.say import done
from complaints import selectors, services
from complaints.forms import (
    LEVEL_GUIDE,
    AssignForm,
    CloseForm,
    DecideForm,
    ListForm,
    NoteForm,
    OpenForm,
    VersionForm,
)
from complaints.models import Complaint
from followups.models import CallBack
from followups.selectors import call_backs_worked_by, pause_for
from reception.selectors.visitors import search_visitors, visitor_seen_by
from reception.views.looks import looked_at

PAGE = 50

readers = requires(Capability.OPEN_COMPLAINTS, Capability.HANDLE_COMPLAINTS, Capability.READ_REPORTS)
writers = requires(Capability.OPEN_COMPLAINTS)
handlers = requires(Capability.HANDLE_COMPLAINTS)
movers = requires(Capability.OPEN_COMPLAINTS, Capability.HANDLE_COMPLAINTS)


@readers
@require_http_methods(["GET", "POST"])
def complaint_list(request: HttpRequest) -> HttpResponse:
    """Show the complaints this person may read, narrowed by POST, so that no name stands in an address."""
    staff, form = staff_of(request), ListForm(request.POST)
    listen(request, [topics.complaints(staff.branch_id)])
    rows = selectors.complaint_list(staff=staff, wanted=form.wanted())
    context = {
        "filter": form,
        "page": Paginator(rows, PAGE).get_page((request.POST or request.GET).get("page")),
        "narrowed": any(form.cleaned_data.values()),
        "opens": staff.may(Capability.OPEN_COMPLAINTS),
        "listen": topics.complaints(staff.branch_id),
        "zone": staff.branch.time_zone,
    }
    return render(request, "complaints/list.html", context)


@readers
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """Answer how many complaints wait for this person."""
    number = selectors.number_waiting(staff_of(request))
    return HttpResponse(str(number) if number else "")


@requires(Capability.SUPERVISE_COMPLAINTS)
@require_GET
def notice(request: HttpRequest) -> HttpResponse:
    """Show the major complaints nobody has taken, above every page of the supervisor."""
    return render(request, "complaints/notice.html", {"majors": selectors.majors_not_taken(staff_of(request))})


def _initial(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    given = request.GET
    if (call_back := number_in(given.get("call_back", ""))) is not None:
        call = get_object_or_404(call_backs_worked_by(staff), pk=call_back)
        last = call.attempts.order_by("-id").first()
        return {
            "call_back": call,
            "visitor": call.visitor,
            "channel": Complaint.Channel.CALL_BACK,
            "text": last.notes if last else "",
        }
    if (visitor := number_in(given.get("visitor", ""))) is not None:
        return {"visitor": get_object_or_404(visitor_seen_by(staff, visitor))}
    return {}


@writers
@require_http_methods(["GET", "POST"])
def open_complaint(request: HttpRequest) -> HttpResponse:
    """Take a complaint in: from anywhere, from a visitor's page, or from a call card."""
    staff, now = staff_of(request), timezone.now()
    colleagues = working_at(staff.branch, staff.branch.today(now))
    if request.method == "GET":
        linked = _initial(request, staff)
        return _open_page(request, OpenForm(initial=linked, staff=staff, colleagues=colleagues), linked)
    form, status = OpenForm(request.POST, staff=staff, colleagues=colleagues), 422
    if form.is_valid():
        try:
            made = services.open_complaint(branch=staff.branch, staff=staff, now=now, **form.cleaned_data)
        except Stale as stale:
            form.begin_again(stale)
            status = stale.status
        else:
            done(request, _("%(number)s is taken in. You are in charge until somebody takes it.") % {"number": made})
            seen = selectors.complaints_seen_by(staff).filter(pk=made.pk).exists()
            return go(request, reverse("complaints:complaint", args=[made.pk]) if seen else reverse("complaints:list"))
    return _open_page(request, form, form.cleaned_data, status)


def _open_page(request: HttpRequest, form: OpenForm, linked: Mapping[str, Any], status: int = 200) -> HttpResponse:
    call: CallBack | None = linked.get("call_back")
    context = {
        "form": form,
        "call": call,
        "visitor": linked.get("visitor"),
        "finds": call is None and staff_of(request).may(Capability.FIND_VISITORS),
        "levels": [(choice, LEVEL_GUIDE[Complaint.Level(choice.data["value"])]) for choice in form["level"]],
    }
    return render(request, "complaints/open.html", context, status=status)


@requires(Capability.FIND_VISITORS)
@require_POST
def find_visitor(request: HttpRequest) -> HttpResponse:
    """Offer the visitors a typed text may mean, to link a complaint to."""
    found = search_visitors(staff_of(request), request.POST.get("q", ""), 6)
    return render(request, "complaints/found.html", {"found": found, "text": request.POST.get("q", "").strip()})


def _complaint(request: HttpRequest, pk: int) -> Complaint:
    return get_object_or_404(selectors.complaints_seen_by(staff_of(request)), pk=pk)


def _worked(request: HttpRequest, pk: int) -> Complaint:
    return get_object_or_404(selectors.complaints_worked_by(staff_of(request)), pk=pk)


def _page(request: HttpRequest, found: Complaint, **typed: Form) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    state, version = found.state, {"version": found.version}
    handles = staff.may(Capability.HANDLE_COMPLAINTS)
    moves = handles or found.responsible_id == staff.pk
    colleagues = working_at(staff.branch, staff.branch.today(now))
    forms: dict[str, Form] = {}
    if moves and state != Complaint.State.CLOSED:
        forms["note"] = NoteForm(auto_id="note_%s")
    if handles and state == Complaint.State.OPEN:
        forms["take"] = VersionForm(initial=version, auto_id="take_%s")
    if handles and state == Complaint.State.TAKEN:
        given = version | {"responsible": found.responsible_id, "department": found.responsible_department_id}
        forms["assign"] = AssignForm(initial=given, complaint=found, colleagues=colleagues, auto_id="assign_%s")
    if moves and state == Complaint.State.TAKEN:
        forms["decide"] = DecideForm(initial=version, auto_id="decide_%s")
    if handles and state == Complaint.State.DECIDED:
        forms["close"] = CloseForm(initial=version, auto_id="close_%s")
    supervisor_first = found.level == Complaint.Level.MAJOR and not staff.may(Capability.SUPERVISE_COMPLAINTS)
    context = {
        "complaint": found,
        "entries": selectors.entries_of(found),
        "about_staff": found.about_staff.all(),
        "forms": forms | typed,
        "form": next(iter(typed.values()), None),
        "supervisor_first": supervisor_first,
        "pause": pause_for(found.branch, found.number) if found.call_back_id or found.treatment_id else None,
        "listen": topics.complaints(found.branch_id),
        "zone": found.branch.time_zone,
    }
    return render(request, "complaints/complaint.html", context, status=422 if typed else 200)


@readers
@require_GET
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a complaint, its time line and the next step."""
    found = _complaint(request, pk)
    if found.visitor is not None:
        looked_at(request, found.visitor, Screen.COMPLAINT)
    listen(request, [topics.complaints(staff_of(request).branch_id)])
    return _page(request, found)


@readers
@require_GET
def by_number(request: HttpRequest, number: str) -> HttpResponse:
    """Lead to the complaint of this number: other rooms know no more of it."""
    found = get_object_or_404(selectors.complaints_seen_by(staff_of(request)), number=number)
    return redirect("complaints:complaint", found.pk)


def _back(request: HttpRequest, found: Complaint, text: str) -> HttpResponse:
    done(request, text)
    return go(request, reverse("complaints:complaint", args=[found.pk]))


@handlers
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a complaint over."""
    found, form = _worked(request, pk), VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    services.take_complaint(complaint=found, version=version, staff=staff_of(request), now=timezone.now())
    return _back(request, found, _("You are in charge of %(number)s.") % {"number": found})


@handlers
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody in charge."""
    found, staff, now = _worked(request, pk), staff_of(request), timezone.now()
    colleagues = working_at(staff.branch, staff.branch.today(now))
    form = AssignForm(request.POST, complaint=found, colleagues=colleagues, auto_id="assign_%s")
    if not form.is_valid():
        return _page(request, found, assign=form)
    services.assign_complaint(complaint=found, staff=staff, now=now, **form.cleaned_data)
    return _back(request, found, _("%(name)s is in charge.") % {"name": form.cleaned_data["responsible"]})


@movers
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the decision."""
    found, form = _worked(request, pk), DecideForm(request.POST, auto_id="decide_%s")
    if not form.is_valid():
        return _page(request, found, decide=form)
    services.decide_complaint(complaint=found, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    return _back(request, found, _("The decision is recorded."))


@handlers
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it, satisfied or not."""
    found, form = _worked(request, pk), CloseForm(request.POST, auto_id="close_%s")
    if not form.is_valid():
        return _page(request, found, close=form)
    services.close_complaint(complaint=found, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    return _back(request, found, _("%(number)s is closed.") % {"number": found})


@movers
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note on the time line."""
    found, form = _worked(request, pk), NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return _page(request, found, note=form)
    services.add_note(complaint=found, staff=staff_of(request), now=timezone.now(), **form.cleaned_data)
    return _back(request, found, _("The note is on the time line."))
