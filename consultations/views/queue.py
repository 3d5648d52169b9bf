"""My queue: who is next, who follows, my seat; accepting and declining."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.access import requires, staff_of
from clinic.asked import path_in
from clinic.live import topics
from clinic.live.page import listen
from clinic.models import Staff
from clinic.problems import Refused
from clinic.roles import Capability
from clinic.views.onward import go
from consultations import services
from consultations.forms.queue import DeclineForm, SeatForm
from consultations.selectors import queue as rows
from consultations.selectors.notices import unheeded as unheeded_visits
from consultations.selectors.notices import visits_at
from consultations.selectors.records import consultations_seen_by
from triage import services as triage
from triage.engine.facts import Presence
from triage.models import Board
from triage.selectors.boards import coming, state_of

own_queue = requires(Capability.WORK_OWN_QUEUE)
at_desk = requires(Capability.OPERATE_DESK_BOARD)
MINUTES = (5, 10, 20, 30)
LUNCH = timedelta(minutes=45)


def _seat(board: Board | None, staff: Staff, now: datetime) -> dict[str, Any]:
    """Return her seat on the board, the turns of it, and those owed; on a team board turns are the team's.

    `said_until`: until when she said she would be out or busy, `overdue` when that has passed, `due_in` seconds when it
    is still to come; `away_for`: what she is out for.
    """
    if board is None:
        return {"board": None, "seat": None}
    state, me = state_of(board), str(staff.pk)
    seat, leader = state.seat(me), state.seat(state.team_of(me) or me)
    if seat is None or leader is None:
        return {"board": board, "seat": None}
    out = seat.presence is not Presence.ON
    said_until = seat.until if out else seat.free_at if seat.stated_busy and not seat.visits else None
    left = (said_until - now).total_seconds() if said_until else None
    return {
        "board": board,
        "seat": seat,
        "turns": leader.turns,
        "owed": state.owed_to(leader.consultant),
        "said_until": said_until,
        "overdue": left is not None and left < 0,
        "due_in": int(left) + 1 if left is not None and left >= 0 else None,
        "away_for": rows.away_for(board, staff) if out else "",
    }


def _around(staff: Staff, now: datetime) -> dict[str, Any]:
    """Return what stands beside the queue: what colleagues ask, her visitors gone to others, what is done."""
    return {
        "asked": rows.asked_of(staff, now),
        "gone": rows.gone_to_others(staff, now),
        "done": rows.done_today(staff, now),
    }


def _at_department(staff: Staff) -> bool:
    """Say whether it is a department's desk that gives visitors out to this person, not the front desk."""
    return staff.may(Capability.WORK_OWN_CASES) and not staff.may(Capability.VIEW_DESK_BOARD)


@own_queue
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show my queue, my seat and the board."""
    staff, now = staff_of(request), timezone.now()
    today = staff.branch.today(now)
    board, front = rows.own_and_front(staff, today)
    wanted = [topics.queue(staff.pk), topics.desk(staff.branch_id), topics.roster(staff.branch_id)]
    listen(request, [*wanted, topics.board(board.pk)] if board else wanted)
    context = {
        "queue": rows.queue_of(staff, front, now),
        "at_department": _at_department(staff),
        "minutes": MINUTES,
        **_around(staff, now),
        **_seat(board, staff, now),
    }
    return render(request, "consultations/queue.html", context)


@own_queue
@require_GET
def queue_panel(request: HttpRequest) -> HttpResponse:
    """Redraw the queue alone."""
    return _panel(request)


def _panel(request: HttpRequest) -> HttpResponse:
    staff, now = staff_of(request), timezone.now()
    board = rows.front_board(staff.branch, staff.branch.today(now))
    context = {"queue": rows.queue_of(staff, board, now), **_around(staff, now)}
    return render(request, "consultations/queue_panel.html", context)


@own_queue
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """Answer how many wait for me; nothing for nobody."""
    number = rows.waiting_count(staff_of(request), timezone.now())
    return HttpResponse(str(number) if number else "")


@own_queue
@require_GET
def alert(request: HttpRequest) -> HttpResponse:
    """Redraw the notice other pages show while somebody waits unseen; the queue itself shows her large."""
    if path_in(request.headers.get("HX-Current-URL", "")) == reverse("consultations:queue"):
        return HttpResponse("")
    return _alert(request)


def _alert(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    now = timezone.now()
    context = {"unseen": rows.unseen_visits(staff, now), "asked": rows.asked_of(staff, now)}
    return render(request, "consultations/alert.html", context)


@own_queue
@require_GET
def my_seat(request: HttpRequest) -> HttpResponse:
    """Redraw what the board says of me."""
    staff, now = staff_of(request), timezone.now()
    board, _front = rows.own_and_front(staff, staff.branch.today(now))
    return render(request, "consultations/my_seat.html", _seat(board, staff, now))


@own_queue
@require_POST
def accept(request: HttpRequest, visit: int) -> HttpResponse:
    """Take the visitor and open the consultation."""
    staff = staff_of(request)
    found = get_object_or_404(rows.visits_given_to(staff), pk=visit)
    consultation = services.accept_visit(visit=found, staff=staff, now=timezone.now())
    return go(request, reverse("consultations:consultation", args=[consultation.pk]))


@own_queue
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a visitor of mine once more: the screens in the waiting room show her as the newest."""
    staff = staff_of(request)
    found = get_object_or_404(consultations_seen_by(staff).filter(consultant=staff), pk=pk)
    services.call_visitor(consultation=found, staff=staff, now=timezone.now())
    return _panel(request) if request.headers.get("HX-Request") else go(request, reverse("consultations:queue"))


@own_queue
@require_POST
def seen(request: HttpRequest, visit: int) -> HttpResponse:
    """Stop the notice from repeating."""
    staff = staff_of(request)
    found = get_object_or_404(rows.visits_given_to(staff), pk=visit)
    services.acknowledge_visit(visit=found, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:queue"))
    return _panel(request) if request.headers.get("HX-Target") == "queue" else _alert(request)


@own_queue
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, visit: int) -> HttpResponse:
    """Ask why, then decline."""
    staff = staff_of(request)
    found = get_object_or_404(rows.visits_given_to(staff), pk=visit)
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.decline_visit(visit=found, reason=form.cleaned_data["reason"], staff=staff, now=timezone.now())
        return go(request, reverse("consultations:queue"))
    template = "consultations/decline_form.html" if request.headers.get("HX-Request") else "consultations/decline.html"
    status = 422 if form.is_bound else 200
    context = {"form": form, "visit": found, "may_decline": rows.may_decline(found)}
    return render(request, template, context, status=status)


@requires(Capability.WORK_OWN_QUEUE, Capability.OPERATE_DEPARTMENT_BOARD)
@require_POST
def notices(request: HttpRequest) -> HttpResponse:
    """Keep how I am told of what waits for me, on every computer I sign in at."""
    staff = staff_of(request)
    services.set_notice_switches(staff=staff, **{kind: kind in request.POST for kind in ("sound", "desktop", "title")})
    if not request.headers.get("HX-Request"):
        own = staff.may(Capability.WORK_OWN_QUEUE)
        return go(request, reverse("consultations:queue" if own else "consultations:desk"))
    return render(request, "consultations/notice_switches.html")


@at_desk
@require_GET
def unheeded(request: HttpRequest) -> HttpResponse:
    """Show the desk, on whatever page it is, who waits unseen at her consultant's; a fragment that knows the hour."""
    return _unheeded(request)


@at_desk
@require_POST
def unheeded_seen(request: HttpRequest, visit: int) -> HttpResponse:
    """The desk sees to it."""
    staff = staff_of(request)
    found = get_object_or_404(visits_at(staff), pk=visit)
    services.note_unheeded_seen(visit=found, staff=staff, now=timezone.now())
    if not request.headers.get("HX-Request"):
        return go(request, reverse("reception:desk"))
    return _unheeded(request)


def _unheeded(request: HttpRequest) -> HttpResponse:
    found = unheeded_visits(staff_of(request), timezone.now())
    return render(request, "consultations/unheeded.html", {"unheeded": found})


@requires(Capability.ANSWER_ESCALATIONS)
@require_GET
def forbidden_declines(request: HttpRequest) -> HttpResponse:
    """Show a supervisor, on whatever page she is, who would have declined and may not; a fragment."""
    found = rows.forbidden_declines(staff_of(request), timezone.now())
    return render(request, "consultations/forbidden_declines.html", {"declines": found})


@own_queue
@require_POST
def free_in(request: HttpRequest) -> HttpResponse:
    """Say of myself: free, busy for some minutes, out until a time, at lunch, back."""
    staff, now = staff_of(request), timezone.now()
    form = SeatForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Give minutes from 1 to 240, or a time such as 14:30."), code="seat_unclear")
    board, _front = rows.own_and_front(staff, staff.branch.today(now))
    if board is None or not rows.has_seat(board, staff):
        sentence = (
            _("You have no seat on today's board; ask your department's desk to check you in.")
            if _at_department(staff)
            else _("You have no seat on today's board; ask the front desk to check you in.")
        )
        raise Refused(sentence, code="no_seat")
    given: dict[str, Any] = form.cleaned_data
    state, until = given["state"], None
    if state in ("out", "lunch") and given["until"]:
        until = coming(given["until"], staff.branch.zone, now)
    elif state == "lunch":
        until = now + LUNCH
    triage.set_seat_state(
        board=board,
        consultant=staff,
        # To the rules she is out, wherever she is.
        state="out" if state == "lunch" else state,
        free_in=given["minutes"] if state == "busy" else None,
        until=until,
        reason=_("Lunch") if state == "lunch" else "",
        staff=staff,
        now=now,
    )
    if not request.headers.get("HX-Request"):
        return go(request, reverse("consultations:queue"))
    board.refresh_from_db()
    return render(request, "consultations/my_seat.html", _seat(board, staff, now))
