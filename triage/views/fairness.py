"""Fairness of a day and of a month, for everyone who may see the board."""

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from clinic.access import requires, staff_of
from clinic.asked import FIRST_DAY, LAST_DAY, number_in
from clinic.roles import Capability
from triage.selectors.boards import boards_seen_by, branches_seen_by
from triage.selectors.fairness import desks_to_choose, fairness_month_of, fairness_page_of

_sees = requires(Capability.VIEW_DESK_BOARD, Capability.VIEW_DEPARTMENT_BOARD)
_MARKS = 50


@_sees
@require_GET
def board_fairness(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how fairly one board's turns were given out, seat by seat; `?seat=` opens the rows of one."""
    staff = staff_of(request)
    board = get_object_or_404(boards_seen_by(staff), pk=pk)
    context = fairness_page_of(board, staff, timezone.now(), request.GET.get("seat", ""))
    if context is None:
        raise Http404
    return render(request, "triage/fairness.html", context)


@_sees
@require_GET
def fairness(request: HttpRequest) -> HttpResponse:
    """Show a month of one desk; `?desk=`, `?month=2026-03` and, for managers and auditors, `?branch=` choose it."""
    staff = staff_of(request)
    branches = list(branches_seen_by(staff))
    wanted = number_in(request.GET.get("branch", "")) or staff.branch_id
    branch = next((one for one in branches if one.pk == wanted), None)
    desks = desks_to_choose(staff, branch) if branch else []
    desk = request.GET.get("desk") or (desks[0][0] if desks else "")
    if branch is None or (desk and desk not in dict(desks)):
        raise Http404
    first = _month_in(request.GET.get("month", "")) or branch.today(timezone.now()).replace(day=1)
    context = fairness_month_of(staff, branch, desk, first, request.GET.get("seat", ""))
    if context is None:
        raise Http404
    page = Paginator(context["marks"], _MARKS).get_page(request.GET.get("page"))
    choices = {"branches": branches, "desks": desks, "desk_name": dict(desks).get(desk, "")}
    return render(request, "triage/fairness_month.html", {**context, **choices, "page": page})


def _month_in(text: str) -> date | None:
    """The first day of the month that was given; None for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if FIRST_DAY < first < LAST_DAY.replace(day=1) else None
