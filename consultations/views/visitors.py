"""A consultant's visitors, and this room's part of the visitor page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.reasons import Screen
from clinic.roles import Capability
from consultations.selectors import records
from consultations.selectors.visitors import visitors_of
from reception.views.looks import looked_at_part

PAGE = 50


@requires(Capability.WORK_OWN_QUEUE)
@require_http_methods(["GET", "POST"])
def my_visitors(request: HttpRequest) -> HttpResponse:
    """Show the visitors who belong to me; `q` comes by POST, so that no name or number stands in an address."""
    asked = request.POST if request.method == "POST" else request.GET
    text = request.POST.get("q", "")[:60]
    page = Paginator(visitors_of(staff_of(request), text), PAGE).get_page(asked.get("page"))
    template = "my_visitors_panel" if request.headers.get("HX-Request") else "my_visitors"
    return render(request, f"consultations/{template}.html", {"page": page, "text": text})


@requires(Capability.WORK_OWN_QUEUE, Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS)
@require_GET
def visitor_panel(request: HttpRequest, visitor: int) -> HttpResponse:
    """Draw consultations, deals and treatments of a visitor, the latest first."""
    staff = staff_of(request)
    found = get_object_or_404(records.visitors_seen_by(staff), pk=visitor)
    looked_at_part(request, found, Screen.VISITOR)
    context = {
        "visitor": found,
        "story": records.story_of(found),
        "sees_amounts": staff.may(Capability.SEE_AMOUNTS),
        "records": staff.may(Capability.RECORD_TREATMENTS),
    }
    return render(request, "consultations/visitor_panel.html", context)
