"""A consultant's visitors, and this room's part of the visitor page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.roles import Capability
from consultations.selectors.visitors import visitors_of

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
