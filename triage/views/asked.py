"""What a request of this room is about."""

from django.http import Http404, HttpRequest

from clinic.access import staff_of
from reception.models import Visit
from triage.selectors.decisions import may_be_told, visit_seen_by


def visit_asked_for(request: HttpRequest, pk: int) -> Visit:
    """Return the visit with its visitor, consultant and branch; 404 for what is not hers as for what is not."""
    try:
        return visit_seen_by(staff_of(request), pk)
    except Visit.DoesNotExist:
        raise Http404 from None


def visit_told_to(request: HttpRequest, pk: int) -> Visit:
    """Return the visit when the person may read why it went where it went; 404 for any other."""
    visit = visit_asked_for(request, pk)
    if not may_be_told(staff_of(request), visit):
        raise Http404
    return visit
