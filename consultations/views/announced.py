"""The visitors an agent announced, and what became of them."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.asked import day_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.roles import Capability
from consultations.selectors import announced as reads

PAGE = 50
WORDS = {
    "all": pgettext_lazy("announced", "All"),
    "expected": gettext_lazy("Expected"),
    "came": gettext_lazy("Came"),
    "consulted": pgettext_lazy("announced", "Consulted"),
    "deal": pgettext_lazy("bought", "Deal"),
    "no_show": gettext_lazy("Did not come"),
    "closed": gettext_lazy("Given up"),
}

agents = requires(Capability.WORK_OWN_PRE_REPORTS)


@agents
@require_GET
def announced(request: HttpRequest) -> HttpResponse:
    """List the visitors an agent announced in a month (`?month=`), in a state (`?state=`), with her figures."""
    staff = staff_of(request)
    listen(request, [topics.appointments(staff.branch_id)])
    return render(request, "consultations/announced.html", _list(request, staff))


@agents
@require_GET
def announced_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the list alone."""
    return render(request, "consultations/announced.html#rows", _list(request, staff_of(request)))


def _list(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    today = staff.branch.today(timezone.now())
    month = reads.month_of(_month_in(request.GET.get("month", "")) or today)
    state = request.GET.get("state", "")
    state = state if state in reads.STATES else "all"
    whole = reads.announced_by(staff, month)
    counts = reads.counts_of(whole, staff)
    page = Paginator(reads.with_rows(reads.in_state(whole, staff, state)), PAGE).get_page(request.GET.get("page"))
    return {
        "rows": reads.rows_of(list(page.object_list), staff),
        "page": page,
        "month": month,
        "state": state,
        "tabs": [(key, WORDS[key], counts[key]) for key in reads.STATES],
        "figures": reads.figures_of(whole, staff),
        "topic": topics.appointments(staff.branch_id),
        "zone": staff.branch.time_zone,
    }


def _month_in(text: str) -> date | None:
    return day_in(f"{text}-01") if len(text) == 7 else None
