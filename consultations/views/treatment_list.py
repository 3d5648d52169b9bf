"""Lists of treatments: today's, coming, past; each row with the next step this person may record."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.roles import Capability, Role
from consultations.models import StageEntry, Treatment
from consultations.selectors.packages import with_sessions_used
from consultations.selectors.treatments import (
    TABS,
    doctors_of,
    roles_of,
    tab_counts,
    treatments_for,
    treatments_in_tab,
)
from consultations.services.course import UNDO_SECONDS
from consultations.stages import Stage, may_follow, may_record

readers = requires(Capability.RECORD_TREATMENTS, Capability.VIEW_ALL_VISITORS)
PAGE = 50


def _list(request: HttpRequest) -> dict[str, Any]:
    staff, now = staff_of(request), timezone.now()
    today = staff.branch.today(now)
    tab = request.GET.get("tab", "today")
    tab = tab if tab in TABS else "today"
    doctors = list(doctors_of(staff, today))
    chosen = next((one for one in doctors if str(one.pk) == request.GET.get("doctor")), None)
    rows = treatments_for(staff)
    if chosen is not None:
        rows = rows.filter(doctor=chosen)
    page = Paginator(treatments_in_tab(rows, tab, today), PAGE).get_page(request.GET.get("page"))
    roles = roles_of(staff)
    return {
        "tab": tab,
        "page": page,
        "rows": [{"treatment": one, "next": _next_of(one, roles)} for one in page.object_list],
        "counts": tab_counts(rows, today),
        "doctors": doctors,
        "chosen": chosen,
        "today": today,
        "records": staff.may(Capability.RECORD_TREATMENTS),
        "traces": staff.may(Capability.TRACE_BATCHES),
        "filters": staff.roles != {Role.DOCTOR},
        "listen": topics.treatments(staff.branch_id),
    }


def _next_of(treatment: Treatment, roles: frozenset[Role]) -> dict[str, Any] | None:
    """Return the usual next step of a row that this person may record, None when there is none."""
    following = may_follow(treatment.kind, Stage(treatment.stage))
    if (
        treatment.state == Treatment.State.CANCELLED
        or not following
        or not may_record(treatment.kind, following[0], roles)
    ):
        return None
    return {"stage": following[0].value, "word": treatment.word_of(following[0])}


@readers
@require_GET
def treatments(request: HttpRequest) -> HttpResponse:
    """Show today's, coming and past treatments of this person's work."""
    listen(request, [topics.treatments(staff_of(request).branch_id)])
    return render(request, "consultations/treatments.html", _list(request))


@readers
@require_GET
def treatments_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the list alone."""
    return render(request, "consultations/treatments_panel.html", _list(request))


def list_of(request: HttpRequest) -> HttpResponse:
    """Answer with the list as it is now, after one of its rows was worked on."""
    return render(request, "consultations/treatments_panel.html", _list(request))


def own_treatment(request: HttpRequest, pk: int) -> tuple[Treatment, Staff]:
    """Return a treatment this person works with; 404 for everybody else's."""
    staff = staff_of(request)
    return get_object_or_404(with_sessions_used(treatments_for(staff)), pk=pk), staff


def undo_seconds(course: list[StageEntry], treatment: Treatment, staff: Staff) -> int:
    """Return how many seconds the last step of a treatment can be taken back by this person, 0 when it cannot."""
    last = course[-1] if course else None
    if last is None or last.sort != StageEntry.Sort.STEP or last.by_id != staff.pk or last.stage != treatment.stage:
        return 0
    return max(0, UNDO_SECONDS - int((timezone.now() - last.at).total_seconds()))
