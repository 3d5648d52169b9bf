"""Whose visitor somebody is among the agents who announced her, for the desk."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.asked import number_in
from clinic.roles import Capability
from reception.phones import WrongPhone, parse_phone
from reception.selectors.visitors import visitor_seen_by
from triage.selectors.claims import claims_to_visit, settled_for
from triage.views.asked import visit_asked_for

_at_desk = requires(Capability.REGISTER_VISITORS)


@_at_desk
@require_POST
def claims(request: HttpRequest) -> HttpResponse:
    """Say who would be credited with a `visitor` (id), or with somebody new of this `phone`, if she came now.

    Sent as POST, so that no number stands in an address; a fragment, 204 when nobody announced her.
    """
    staff, now = staff_of(request), timezone.now()
    visitor = None
    if number := request.POST.get("visitor", ""):
        visitor = get_object_or_404(visitor_seen_by(staff, number_in(number) or 0))
    phone = str(visitor.phone) if visitor is not None else _phone(request.POST.get("phone", ""))
    branch = staff.branch
    settled = settled_for(visitor=visitor, phone=phone, branch=branch, day=branch.today(now), at=now)
    if settled is None:
        return HttpResponse(status=204)
    return render(request, "triage/claims.html", {"settled": settled})


@requires(Capability.VIEW_REGISTER)
@require_GET
def visit_claims(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who is credited with the visitor of a visit, and why; a fragment, 204 when nobody announced her."""
    settled = claims_to_visit(visit_asked_for(request, pk))
    if settled is None:
        return HttpResponse(status=204)
    return render(request, "triage/claims.html", {"settled": settled})


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except WrongPhone:
        return ""
