"""Boards: opening the day, who is here, who is busy, out or back."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit
from triage.engine import facts
from triage.engine.facts import Presence, SeatChange
from triage.engine.ledger import CheckedIn, Reordered, SeatState
from triage.engine.opening import opening_entry
from triage.models import Board
from triage.selectors.boards import FRONT, state_of
from triage.selectors.policies import rules_of
from triage.services.ledger import append, lock_board
from triage.services.policies import ensure_policy


@transaction.atomic
def open_board(
    *,
    branch: Branch,
    desk: str = FRONT,
    day: date,
    consultants: Sequence[Staff],
    present: Sequence[Staff] | None = None,
    staff: Staff | None,
    now: datetime,
) -> Board:
    """Open a desk's board of a day; `consultants` is the roster, in its order, `desk` "front" or a department's code.

    The order follows the policy's `opening`: `check_in` seats whoever is `present` in that order (None: nobody yet) and
    the others behind them as they come; `roster` keeps the roster's order, `continue` the last board's order and
    pointer, both with everybody `present` unless told otherwise. Owed turns are carried over when the policy says so.
    Raises Stale when the board is open already, Refused when nobody is on the roster.
    """
    if not consultants:
        raise Refused(_("Nobody is on the roster. Add consultants to this desk first."), code="empty_roster")
    department = None if desk == FRONT else Department.objects.get(branch=branch, code=desk)
    policy = ensure_policy(branch=branch, day=day, staff=staff, now=now)
    rules = rules_of(policy)
    last = Board.objects.filter(branch=branch, desk=desk, day__lt=day).order_by("-day").first()
    try:
        with transaction.atomic():
            board = Board.objects.create(
                branch=branch,
                department=department,
                desk=desk,
                day=day,
                policy=policy,
                opened_at=now,
                opened_by=staff,
            )
    except IntegrityError:
        raise Stale(_("This board is open already."), code="already_open") from None
    entry = opening_entry(
        rules=rules,
        roster=[str(one.pk) for one in consultants],
        present=None if present is None else [str(one.pk) for one in present],
        last=state_of(last) if last else None,
        now=now,
        by=str(staff.pk) if staff else "",
    )
    append(board=board, state=facts.Board(), entries=[entry])
    audit.record(action="triage.open_board", now=now, staff=staff, branch=branch, target=board)
    return board


@transaction.atomic
def check_in(*, board: Board, consultant: Staff, staff: Staff, now: datetime) -> Board:
    """Note that a consultant is here. Her first coming puts her on the last seat; one without a seat gets one.

    Raises Stale when she is here already or the board is closed.
    """
    board, state = _locked(board)
    seat = state.seat(str(consultant.pk))
    if seat is not None and seat.presence is Presence.ON:
        raise Stale(_("%(name)s is here already.") % {"name": consultant}, code="here_already")
    entry = CheckedIn(at=now, by=str(staff.pk), seat=str(consultant.pk))
    append(board=board, state=state, entries=[entry], extra_topics=[topics.queue(consultant.pk)])
    return board


@transaction.atomic
def set_seat_state(
    *,
    board: Board,
    consultant: Staff,
    state: str,
    free_in: int | None = None,
    until: datetime | None = None,
    reason: str = "",
    staff: Staff,
    now: datetime,
) -> Board:
    """Write down what a consultant says, or the desk sees: `state` is free, busy, out, off, on or late.

    `free_in` minutes go with busy, `until` (aware) with out. Raises Refused for a consultant without a seat and for
    *out* where the policy wants the supervisor to confirm it, Stale when the board is closed.
    """
    board, folded = _locked(board)
    change = SeatChange(state)
    if folded.seat(str(consultant.pk)) is None:
        raise Refused(_("%(name)s has no seat on this board.") % {"name": consultant}, code="no_seat")
    rules = rules_of(board.policy)
    if change is SeatChange.OUT and rules.out_needs_supervisor and not staff.may(Capability.OVERRIDE_TRIAGE):
        raise Refused(_("Going out needs the desk supervisor here. Ask her to enter it."), code="supervisor_only")
    entry = SeatState(
        at=now,
        by=str(staff.pk),
        reason=reason,
        seat=str(consultant.pk),
        change=change,
        free_in=free_in if change is SeatChange.BUSY else None,
        until=until if change is SeatChange.OUT else None,
    )
    append(board=board, state=folded, entries=[entry], extra_topics=[topics.queue(consultant.pk)])
    return board


@transaction.atomic
def reorder_board(*, board: Board, order: Sequence[int], reason: str, staff: Staff, now: datetime) -> Board:
    """Put the seats into another order (staff ids, each seat once); turns, owed turns and the pointer stay.

    Raises Refused without a reason or when the order does not name the seats, Stale when the board is closed.
    """
    board, folded = _locked(board)
    if not reason.strip():
        raise Refused(_("Another order needs a reason: everyone on the board can read it."), code="reason_missing")
    seats = tuple(str(pk) for pk in order)
    if sorted(seats) != sorted(folded.keys):
        raise Stale(_("The seats of this board have changed meanwhile. Look at the order again."), code="seats_changed")
    if seats == folded.keys:
        return board
    append(board=board, state=folded, entries=[Reordered(at=now, by=str(staff.pk), reason=reason.strip(), seats=seats)])
    audit.record(action="triage.reorder_board", now=now, staff=staff, target=board, detail={"reason": reason})
    return board


def _locked(board: Board) -> tuple[Board, facts.Board]:
    fresh = lock_board(branch_id=board.branch_id, desk=board.desk, day=board.day)
    if fresh is None or fresh.closed_at is not None:
        raise Stale(_("This board is closed."), code="closed")
    return fresh, state_of(fresh)
