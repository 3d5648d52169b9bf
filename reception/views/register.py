"""The register of a day, today's live."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.access import requires, staff_of
from clinic.asked import day_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.roles import Capability
from reception.forms.days import RegisterFilter
from reception.selectors.days import closing_of, entered_again_on
from reception.selectors.register import (
    GROUPS,
    consultants_of_day,
    longest_wait,
    register_counts,
    register_of_day,
    register_rows,
    register_visits,
    todays_register,
)

PAGE = 50

TABS = (
    ("", pgettext_lazy("visits", "all")),
    ("waiting", pgettext_lazy("visits", "waiting")),
    ("nobody", pgettext_lazy("visits", "none needed")),
    ("apart", pgettext_lazy("visits", "set apart")),
    ("in_room", pgettext_lazy("visits", "in room")),
    ("done", pgettext_lazy("visits", "done")),
    ("void", pgettext_lazy("visits", "void")),
)

# What seldom happens has a tab only when it has.
SHOWN_WHEN_ANY = ("nobody", "apart", "void")

readers = requires(Capability.VIEW_REGISTER)


@readers
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Show the register of a day as a page of its own, in order and filtered.

    What is looked for comes by POST, so that no name stands in an address.
    """
    staff = staff_of(request)
    listen(request, [topics.register(staff.branch_id)])
    return render(request, "reception/register.html", _sheet_context(request, staff))


@readers
@require_http_methods(["GET", "POST"])
def register_sheet(request: HttpRequest) -> HttpResponse:
    """Answer with the rows of the page alone, asked for as the page is."""
    return render(request, "reception/register.html#sheet", _sheet_context(request, staff_of(request)))


@readers
@require_GET
def register_panel(request: HttpRequest) -> HttpResponse:
    """Answer with the register alone: `?day=`, `?group=` and `?page=` as on the page."""
    staff = staff_of(request)
    return render(request, "reception/_register.html", register_context(request, staff, _day(request, staff)))


@requires(Capability.REGISTER_VISITORS)
@require_GET
def visit_menu(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with what can be done with a visit of the register; a fragment, drawn when its menu is opened."""
    visit = get_object_or_404(register_visits(staff_of(request).branch), pk=pk)
    (row,) = register_rows([visit])
    return render(request, "reception/visit_menu.html", {"row": row, "visit": visit})


def register_context(request: HttpRequest, staff: Staff, day: date) -> dict[str, Any]:
    """Return what the register panel shows of a day: counts, the rows of one page, and where it refreshes from."""
    group = request.GET.get("group", "")
    group = group if group in GROUPS else ""
    counts = register_counts(staff.branch, day)
    paginator = Paginator(todays_register(staff.branch, day, group=group), PAGE)
    paginator.count = counts[group or "all"]
    page = paginator.get_page(request.GET.get("page"))
    today = staff.branch.today(timezone.now())
    return {
        "day": day,
        "is_today": day == today,
        "today": today,
        "group": group,
        "tabs": [
            {"group": key, "label": label, "count": counts[key or "all"]}
            for key, label in TABS
            if key not in SHOWN_WHEN_ANY or key == group or counts[key]
        ],
        "page": page,
        "rows": register_rows(list(page.object_list)),
        "late_after": longest_wait(staff.branch, day),
        "register_topic": topics.register(staff.branch_id),
        "zone": staff.branch.time_zone,
        "may_register": staff.may(Capability.REGISTER_VISITORS),
        "may_open": bool(staff.capabilities & {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS}),
    }


def _sheet_context(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    day = _day(request, staff)
    form = RegisterFilter(
        {**request.POST.dict(), "day": day.isoformat()}, consultants=consultants_of_day(staff.branch, day)
    )
    paginator = Paginator(register_of_day(staff.branch, day, **form.wanted), PAGE)
    page = paginator.get_page(_asked(request).get("page"))
    today = staff.branch.today(timezone.now())
    closing = closing_of(staff.branch, day)
    return {
        "day": day,
        "is_today": day == today,
        "today": today,
        "filter": form,
        "page": page,
        "rows": register_rows(list(page.object_list)),
        "counts": register_counts(staff.branch, day),
        "closing": closing,
        "entered_again": entered_again_on(staff.branch, day) if closing else set(),
        "late_after": longest_wait(staff.branch, day),
        "register_topic": topics.register(staff.branch_id),
        "may_register": staff.may(Capability.REGISTER_VISITORS),
        "may_amend": bool(staff.capabilities & {Capability.REGISTER_VISITORS, Capability.SUPERVISE_DAY}),
        "may_open": bool(staff.capabilities & {Capability.FIND_VISITORS, Capability.VIEW_ALL_VISITORS}),
    }


def _asked(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _day(request: HttpRequest, staff: Staff) -> date:
    """Return the day asked for, today when it is none or still to come."""
    today = staff.branch.today(timezone.now())
    asked = day_in(_asked(request).get("day", ""))
    return min(asked, today) if asked else today
