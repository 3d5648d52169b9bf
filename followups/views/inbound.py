"""A visitor calls back: who she may be, and the card that is open for her."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.access import requires, staff_of
from clinic.asked import words_in
from clinic.roles import Capability
from followups import selectors

LONGEST = 100


@requires(Capability.WORK_CALL_BACKS)
@require_http_methods(["GET", "POST"])
def inbound(request: HttpRequest) -> HttpResponse:
    """Find who calls; `q` comes by POST, so that no phone number stands in an address."""
    staff, now = staff_of(request), timezone.now()
    text = words_in(request.POST.get("q", ""), LONGEST)
    found = selectors.callers(staff, text, now) if text else []
    context = {
        "text": text,
        "callers": [(one, [(card, card.holder(now)) for card in one.cards]) for one in found],
        "zone": staff.branch.time_zone,
        "now": now,
        "may_complain": staff.may(Capability.OPEN_COMPLAINTS),
    }
    return render(request, "followups/inbound.html", context)
