"""What a request of this room is about."""

from django.http import Http404, HttpRequest

from clinic.access import staff_of
from reception.models import Visit
from triage.selectors.decisions import visit_seen_by


def visit_asked_for(request: HttpRequest, pk: int) -> Visit:
    """Return the visit with its visitor, consultant and branch; 404 for what is not hers as for what is not."""
    try:
        return visit_seen_by(staff_of(request), pk)
    except Visit.DoesNotExist:
        raise Http404 from None
