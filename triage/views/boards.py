"""Boards: opening the day, the panel, the seats, the list of days."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import path_in
from clinic.forms import refusal
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.views.say import done
from reception.models import Visit
from triage import services
from triage.forms import ConsultantForm, OpenBoardForm, OrderForm, ReasonForm, SeatStateForm
from triage.models import Board
from triage.selectors import screens
from triage.selectors.boards import (
    FRONT,
    board_of_day,
    boards_operated_by,
    boards_seen_by,
    desks_operated_by,
    roster_of,
)
from triage.selectors.teams import may_set_teams

_sees = requires(Capability.VIEW_DESK_BOARD, Capability.VIEW_DEPARTMENT_BOARD)
_operates = requires(Capability.OPERATE_DESK_BOARD, Capability.OPERATE_DEPARTMENT_BOARD)


@requires(Capability.VIEW_DESK_BOARD)
@require_GET
def desk_board(request: HttpRequest) -> HttpResponse:
    """Show today's front-desk board, or how to open it; a fragment of the front desk's page."""
    staff, now = staff_of(request), timezone.now()
    board = board_of_day(staff.branch, FRONT, staff.branch.today(now))
    context = screens.panel_of(board, staff, now) if board else screens.opening_of(staff, FRONT, now)
    return render(request, "triage/desk_board.html", context)


@_sees
@require_GET
def board_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one board as it is now; a fragment that refreshes itself."""
    staff = staff_of(request)
    board = get_object_or_404(boards_seen_by(staff), pk=pk)
    return render(request, "triage/board_panel.html", _panel(request, board, staff))


@_sees
@require_GET
def boards(request: HttpRequest) -> HttpResponse:
    """Show today's desks, open or not, and the boards of past days."""
    staff, now = staff_of(request), timezone.now()
    listen(request, [topics.desk(staff.branch_id), topics.roster(staff.branch_id)])
    past = Paginator(boards_seen_by(staff).filter(day__lt=staff.branch.today(now)).order_by("-day", "desk"), 50)
    context = {
        "desks": screens.desks_of(staff, now),
        "page": past.get_page(request.GET.get("page")),
        "shows_policy": staff.may(Capability.VIEW_DESK_BOARD),
        "sets_teams": may_set_teams(staff),
    }
    return render(request, "triage/boards.html", context)


@_sees
@require_GET
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one board with all that happened on it; for consultants and walls it is read-only."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(boards_seen_by(staff), pk=pk)
    listen(request, [topics.board(found.pk), topics.roster(found.branch_id)])
    return render(request, "triage/board.html", screens.board_page_of(found, staff, now))


@_sees
@require_GET
def board_log(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that happened on one board; a fragment that refreshes itself."""
    found = get_object_or_404(boards_seen_by(staff_of(request)), pk=pk)
    page = Paginator(screens.entries_of(found), 100).get_page(request.GET.get("page"))
    return render(request, "triage/board_log.html", screens.log_of(found, page))


@_sees
@require_GET
def board_visit(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Show why one board gave a visit to whom it did: its decisions with their reasons, and what happened there."""
    staff = staff_of(request)
    found = get_object_or_404(boards_seen_by(staff), pk=pk)
    listen(request, [topics.board(found.pk)])
    try:
        context = screens.board_visit_of(found, visit, staff)
    except Visit.DoesNotExist:
        raise Http404 from None
    return render(request, "triage/decision.html", context)


@_operates
@require_POST
def open_board(request: HttpRequest) -> HttpResponse:
    """Open today's board of a desk the person works."""
    staff, now = staff_of(request), timezone.now()
    desk, day = request.POST.get("desk", FRONT), staff.branch.today(now)
    if desk not in desks_operated_by(staff):
        raise Http404
    roster = [one.staff for one in screens.expected_on(staff.branch, desk, day)]
    form = OpenBoardForm(request.POST, roster=roster)
    if not form.is_valid():
        raise Stale(_("The roster has changed meanwhile. Look at it again, then open the day."), code="roster_changed")
    opened = services.open_board(
        branch=staff.branch,
        desk=desk,
        day=day,
        consultants=roster,
        present=form.present,
        off=form.off,
        staff=staff,
        now=now,
    )
    if request.headers.get("HX-Request"):
        found = boards_seen_by(staff).get(pk=opened.pk)
        return render(request, "triage/desk_board.html", screens.panel_of(found, staff, now))
    return HttpResponseRedirect(reverse("triage:board", args=[opened.pk]))


@_operates
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the day of a desk the person works."""
    staff = staff_of(request)
    found = get_object_or_404(boards_operated_by(staff), pk=pk)
    if request.method == "GET":
        return _to_page(found)
    try:
        services.close_board(board=found, staff=staff, now=timezone.now())
    except Refused as error:
        return _page_again(request, found, error, form="close")
    done(request, _("The day is closed."))
    return _to_page(found)


@requires(Capability.OVERRIDE_TRIAGE)
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the closing of today's board back, with a reason."""
    staff = staff_of(request)
    found = get_object_or_404(boards_seen_by(staff).filter(branch=staff.branch_id), pk=pk)
    if request.method == "GET":
        return _to_page(found)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise refusal(form, _("Say why in a few words."), code="reason_form")
        services.reopen_board(board=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
    except Refused as error:
        return _page_again(request, found, error, form="reopen")
    done(request, _("The day is open again, as it was."))
    return _to_page(found)


@_sees
@require_GET
def wall(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one board large and read-only: for a wall, and for consultants who glance at it."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(boards_seen_by(staff), pk=pk)
    listen(request, [topics.board(found.pk)])
    return render(request, "triage/wall.html", screens.panel_of(found, staff, now))


@_sees
@require_GET
def wall_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the rows of the large board as they are now; a fragment that refreshes itself."""
    staff = staff_of(request)
    found = get_object_or_404(boards_seen_by(staff), pk=pk)
    return render(request, "triage/wall.html#rows", screens.panel_of(found, staff, timezone.now()))


@requires(Capability.OVERRIDE_TRIAGE)
@require_http_methods(["GET", "POST"])
def reorder(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the seats into another order, with a reason."""
    staff = staff_of(request)
    found = get_object_or_404(boards_seen_by(staff).filter(branch=staff.branch_id), pk=pk)
    if request.method == "GET":
        return _to_page(found)
    form = OrderForm(request.POST)
    try:
        if not form.is_valid():
            raise refusal(form, _("Give each seat a place, and say why the order changes."), code="order_form")
        services.reorder_board(
            board=found, order=form.order, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now()
        )
    except Refused as error:
        return _page_again(request, found, error, form="reorder")
    done(request, _("The seats stand in the new order."))
    return _to_page(found)


@_operates
@require_GET
def seat(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what can be said about one seat: the menu of a row."""
    found = get_object_or_404(boards_operated_by(staff_of(request)), pk=pk)
    row = next(
        (one for one in screens.rows_of(found, timezone.now()) if str(one.staff_id) == request.GET.get("consultant")),
        None,
    )
    if row is None:
        raise Http404
    return render(request, "triage/seat_menu.html", {"board": found, "row": row})


@_operates
@require_POST
def seat_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a consultant is free, busy, out, off, back or late."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(boards_operated_by(staff), pk=pk)
    form = SeatStateForm(request.POST, board=found)
    if not form.is_valid():
        raise Refused(_("Give minutes from 0 to 240, or a time such as 11:20."), code="seat_state_form")
    services.set_seat_state(
        board=found,
        consultant=form.cleaned_data["consultant"],
        state=form.cleaned_data["state"],
        free_in=form.cleaned_data["free_in"],
        until=form.cleaned_data["until"],
        staff=staff,
        now=now,
    )
    return _after_change(request, found, form.cleaned_data["consultant"])


@_operates
@require_POST
def check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a consultant is here."""
    staff, now = staff_of(request), timezone.now()
    found = get_object_or_404(boards_operated_by(staff), pk=pk)
    form = ConsultantForm(request.POST, offered=roster_of(found.branch, found.desk, found.day))
    if not form.is_valid():
        raise Http404
    services.check_in(board=found, consultant=form.cleaned_data["consultant"], staff=staff, now=now)
    return _after_change(request, found, form.cleaned_data["consultant"])


def _to_page(found: Board) -> HttpResponse:
    """The board's own page: after what was done, and for who loads an address again that only takes forms."""
    return HttpResponseRedirect(reverse("triage:board", args=[found.pk]))


def _page_again(request: HttpRequest, found: Board, error: Refused, *, form: str) -> HttpResponse:
    """The board's page as it is now, with why a form of it was not carried out and what was typed into it."""
    staff = staff_of(request)
    fresh = boards_seen_by(staff).get(pk=found.pk)
    listen(request, [topics.board(fresh.pk), topics.roster(fresh.branch_id)])
    places = dict(zip(request.POST.getlist("seat"), request.POST.getlist("place"), strict=False))
    context = screens.board_page_of(fresh, staff, timezone.now(), places=places)
    waiting = [(_why(found, one), one) for one in error.detail.get("visits", ())]
    context |= {
        "refused": error,
        "refused_form": form,
        "waiting": format_html_join(_(", "), '<a class="num" href="{}">{}</a>', waiting),
        "typed_reason": request.POST.get("reason", ""),
    }
    return render(request, "triage/board.html", context, status=error.status)


def _why(found: Board, visit: Visit) -> str:
    """The page that says why a visit is where it is, for those who work this board."""
    if found.department_id is None:
        return reverse("triage:decision", args=[visit.pk])
    return reverse("triage:board_visit", args=[found.pk, visit.pk])


def _after_change(request: HttpRequest, found: Board, consultant: Staff) -> HttpResponse:
    """The panel as it is now, with the focus where it was and the row's menu closed."""
    staff = staff_of(request)
    fresh = boards_seen_by(staff).get(pk=found.pk)
    context = _panel(request, fresh, staff)
    return render(request, "triage/seat_changed.html", {**context, "focus": consultant.pk})


def _panel(request: HttpRequest, found: Board, staff: Staff) -> dict[str, Any]:
    """The panel for the page that asks; on the board's own page all that happened stands beside it already."""
    context = screens.panel_of(found, staff, timezone.now())
    if path_in(request.headers.get("HX-Current-URL", "")).startswith(reverse("triage:board", args=[found.pk])):
        context["lines"] = None
    return context
