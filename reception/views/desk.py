"""The front desk: find a visitor, the arrival form, and the register of the day below."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.reasons import Screen
from clinic.roles import Capability
from reception import keys
from reception.codes import VisitCode, read_code, visit_code
from reception.selectors.find import found_people
from reception.selectors.used import used_visit
from reception.views.arrival_form import arrival_context, known_visitor
from reception.views.looks import looked_at
from reception.views.register import register_context

at_desk = requires(Capability.REGISTER_VISITORS)


@at_desk
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk; `?visitor=<id>` (`&again=<void visit>`: entered again) or `?new=1` with the arrival form open."""
    staff = staff_of(request)
    context: dict[str, Any] = {}
    if (number := number_in(request.GET.get("visitor", ""))) is not None:
        known = known_visitor(staff, number)
        looked_at(request, known, Screen.ARRIVAL)
        context = arrival_context(staff, known=known, again=number_in(request.GET.get("again", "")))
    elif "new" in request.GET:
        context = arrival_context(staff)
    return desk_page(request, staff, context)


@at_desk
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Answer with the visitors a typed text may mean, today's queue number too, or with the visit of a scanned slip.

    Sent as POST, so that no number stands in an address.
    """
    text = request.POST.get("q", "")
    context: dict[str, Any] = {"text": text, "asked": bool(text.strip()), "code": keys.card_in(text) is not None}
    scanned = read_code(text)
    if isinstance(scanned, VisitCode):
        context["scanned"] = used_visit(scanned.visit)
        context["slip"] = visit_code(scanned.visit)
    else:
        branch = staff_of(request).branch
        context["rows"] = found_people(text, at=branch, day=branch.today(timezone.now()))
    return render(request, "reception/desk.html#results", context)


@at_desk
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """Answer with the visitors a typed text may mean, to be named in a form. Sent as POST, as `find` is."""
    field = request.POST.get("field", "")
    text = request.POST.get(f"{field}_text", "") if field in ("referrer", "friend", "visitor", "booked") else ""
    return render(
        request, "reception/desk.html#people", {"field": field, "text": text, "people": found_people(text, 8)}
    )


def desk_page(request: HttpRequest, staff: Staff, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Answer with the whole desk, what `context` says in its arrival form."""
    branch = staff.branch_id
    listen(request, [topics.register(branch), topics.desk(branch), topics.cards(branch), topics.roster(branch)])
    page = register_context(request, staff, staff.branch.today(timezone.now())) | context
    return render(request, "reception/desk.html", page, status=status)
