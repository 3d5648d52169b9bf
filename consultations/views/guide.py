"""Who is where: what the assistants who lead visitors see, and what they are told when something is due."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.roles import Capability
from consultations import services
from consultations.models import StageEntry, Treatment
from consultations.selectors.preparation import notices_for, overdue_steps, unseen_notices
from consultations.selectors.treatments import expected_today, in_the_house
from consultations.views.treatment_list import undo_seconds

guides = requires(Capability.LEAD_VISITORS)
noticed = requires(Capability.RECORD_TREATMENTS, Capability.WORK_OWN_QUEUE, Capability.VIEW_ALL_VISITORS)
# A day's list is one screen; a hospital with more at once has more branches.
MOST = 200


def _where(request: HttpRequest) -> dict[str, Any]:
    staff = staff_of(request)
    today = staff.branch.today(timezone.now())
    here = list(in_the_house(staff, today)[:MOST])
    return {
        "here": _rows(here, staff),
        "expected": list(expected_today(staff, today)[:MOST]),
        "listen": topics.treatments(staff.branch_id),
    }


def _rows(here: list[Treatment], staff: Staff) -> list[dict[str, Any]]:
    """Return each visitor with since when she is where she is, and how long the reader can take that back.

    The key is for the latest of what can be taken back.
    """
    rows: list[dict[str, Any]] = []
    for one in here:
        entries: list[StageEntry] = one.entries  # type: ignore[attr-defined]
        since: datetime | None = entries[-1].at if entries else one.arrived_at
        rows.append({"treatment": one, "since": since, "undo_seconds": undo_seconds(entries, one, staff)})
    latest = max((row for row in rows if row["undo_seconds"]), key=lambda row: row["since"], default=None)
    if latest is not None:
        latest["undo_first"] = True
    return rows


@guides
@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Show who is where in the house today, what is due, and who is still expected."""
    listen(request, [topics.treatments(staff_of(request).branch_id)])
    return render(request, "consultations/guide.html", _where(request))


@guides
@require_GET
def guide_panel(request: HttpRequest) -> HttpResponse:
    """Redraw it."""
    return where_of(request)


def where_of(request: HttpRequest) -> HttpResponse:
    """Answer with the list as it is now."""
    return render(request, "consultations/guide.html#where", _where(request))


@guides
@require_GET
def due_notice(request: HttpRequest) -> HttpResponse:
    """Tell whoever leads visitors, on every page, which tests should be back; a fragment."""
    steps = overdue_steps(staff_of(request).branch_id, timezone.now())
    return render(request, "consultations/treatment_notices.html#due", {"steps": steps})


@noticed
@require_GET
def treatment_notice(request: HttpRequest) -> HttpResponse:
    """Tell a doctor, consultant or head, on every page, of abnormal tests and complications; a fragment."""
    return _notices(request)


@noticed
@require_POST
def treatment_notice_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that she has seen one; answer with what is left."""
    staff = staff_of(request)
    notice = get_object_or_404(notices_for(staff), pk=pk)
    services.see_notice(notice=notice, staff=staff, now=timezone.now())
    return _notices(request)


def _notices(request: HttpRequest) -> HttpResponse:
    found = unseen_notices(staff_of(request))
    return render(request, "consultations/treatment_notices.html", {"found": found})
