"""What the rooms to the right show on a visitor's page, each in a panel that keeps itself up to date."""

from typing import Any, Protocol

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from clinic.access import staff_of
from clinic.live import topics
from clinic.models import Staff
from clinic.reasons import Screen
from reception.selectors.visitors import visitor_seen_by
from reception.views.looks import looked_at_part

PAGE = 10


class Rows(Protocol):
    """What a room keeps about a visitor, as far as a person may read it."""

    def __call__(self, *, staff: Staff, visitor_id: int) -> QuerySet[Any]:
        """Return the rows in the order shown."""


def panel_of_visitor(request: HttpRequest, pk: int, template: str, *, rows: Rows, **more: object) -> HttpResponse:
    """Draw a room's panel, a page of its rows; 404 for a visitor this person may not see.

    `template` extends `reception/visitor_panel.html`; `more` is for it.
    """
    staff = staff_of(request)
    visitor = get_object_or_404(visitor_seen_by(staff, pk))
    looked_at_part(request, visitor, Screen.VISITOR)
    page = Paginator(rows(staff=staff, visitor_id=visitor.pk), PAGE).get_page(request.GET.get("page"))
    assert request.resolver_match is not None
    context = {
        "visitor": visitor,
        "page": page,
        "panel": f"{request.resolver_match.app_name}-of-visitor",
        "topic": topics.visitor(visitor.pk),
        "zone": staff.branch.time_zone,
    }
    return render(request, template, context | more)
