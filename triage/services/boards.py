"""Boards: opening and closing the day, who is here, who is busy, out or back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Department, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Capability
from clinic.services import audit
from reception import services as reception
from reception.models import Visit
from triage.engine import facts
from triage.engine.facts import Presence, SeatChange
from triage.engine.ledger import CheckedIn, Closed, Reordered, SeatState, Undone
from triage.engine.opening import opening_entry
from triage.models import Board, LedgerEntry
from triage.selectors.boards import FRONT, state_of
from triage.selectors.policies import rules_of
from triage.selectors.teams import rotates_teams, teams_of
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
    off: Sequence[Staff] = (),
    staff: Staff | None,
    now: datetime,
) -> Board:
    """Open a desk's board of a day; `consultants` is the roster, in its order, `desk` "front" or a department's code.

    The order follows the policy's `opening`: `check_in` seats whoever is `present` in that order (None: nobody yet) and
    the others behind them as they come; `roster` keeps the roster's order, `continue` the last board's order and
    pointer, both with everybody `present` unless told otherwise. `off` have the day off. Where the rules rotate teams
    and the desk has some, its seats are the teams. Owed turns are carried over when the policy says so; a board of an
    earlier day that nobody closed is closed first.
    Raises Stale when the board is open already, Refused when nobody is on the roster.
    """
    # A version of the rules may be written for today as long as today is not open: one of the two comes first.
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    policy = ensure_policy(branch=branch, day=day, staff=staff, now=now)
    rules = rules_of(policy)
    teams = teams_of(branch, desk, day) if rotates_teams(rules) else ()
    if not consultants and not teams:
        raise Refused(_("Nobody is on the roster. Add consultants to this desk first."), code="empty_roster")
    department = None if desk == FRONT else Department.objects.get(branch=branch, code=desk)
    last = _last_board(branch, desk, day, now)
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
        roster=_ids(consultants),
        present=None if present is None else _ids(present),
        off=_ids(off),
        teams=[tuple(_ids(team)) for team in teams],
        last=state_of(last) if last else None,
        now=now,
        by=str(staff.pk) if staff else "",
    )
    append(board=board, state=facts.Board(), entries=[entry])
    if desk == FRONT:
        reception.record_opening(branch=branch, day=day, max_wait_minutes=rules.max_wait_minutes)
    audit.record(action="triage.open_board", now=now, staff=staff, branch=branch, target=board)
    return board


def _ids(people: Iterable[Staff]) -> list[str]:
    return [str(one.pk) for one in people]


def _last_board(branch: Branch, desk: str, day: date, now: datetime) -> Board | None:
    """Return the desk's board of the day before, closed."""
    last = Board.objects.filter(branch=branch, desk=desk, day__lt=day).order_by("-day").first()
    return _close(last, staff=None, now=now) if last is not None and last.closed_at is None else last


@transaction.atomic
def close_board(*, board: Board, staff: Staff, now: datetime) -> Board:
    """End a desk's day: nothing is given out any more, owed turns end unless the policy carries them over.

    Raises Stale when it is closed already, Refused while a visitor waits for somebody or for an answer.
    """
    locked, state = _locked(board)
    waiting = [held.visit for seat in (*state.seats, *state.guests) for held in seat.visits if not held.entered]
    waiting += [one.visit for one in state.pending]
    unfinished = Q(pk__in=waiting)
    if board.desk == FRONT:
        unfinished |= Q(branch=board.branch_id, day=board.day, state=Visit.State.REGISTERED, type_rule="")
    left = list(Visit.objects.filter(unfinished).order_by("number"))
    if left:
        raise Refused(
            _("Still waiting: %(numbers)s. Have them received, or say that they left; then close.")
            % {"numbers": _(", ").join(str(visit) for visit in left)},
            code="still_waiting",
            detail={"visits": left},
        )
    _close(locked, staff=staff, now=now)
    audit.record(action="triage.close_board", now=now, staff=staff, target=board)
    return locked


@transaction.atomic
def reopen_board(*, board: Board, reason: str, staff: Staff, now: datetime) -> Board:
    """Take the closing of today's board back (K8): owed turns stand again. Asks for a reason, shown to everybody.

    Raises Refused without a reason or for another day's board, Stale when it is open.
    """
    fresh = lock_board(branch_id=board.branch_id, desk=board.desk, day=board.day)
    if fresh is None or fresh.closed_at is None:
        raise Stale(_("This board is open."), code="open")
    if fresh.day != board.branch.today(now):
        raise Refused(_("Only today's board can be opened again."), code="another_day")
    if not reason.strip():
        raise Refused(_("Opening it again needs a reason: everyone on the board can read it."), code="reason_missing")
    closing = LedgerEntry.objects.filter(board=fresh, kind=Closed.kind).latest("sequence")
    entry = Undone(at=now, by=str(staff.pk), reason=reason.strip(), corrects=closing.sequence, entry=closing.body)
    append(board=fresh, state=state_of(fresh), entries=[entry])
    fresh.closed_at = None
    fresh.save(update_fields=["closed_at"])
    audit.record(action="triage.reopen_board", now=now, staff=staff, target=fresh, detail={"reason": reason.strip()})
    return fresh


@transaction.atomic
def close_past_board(*, board: Board, now: datetime) -> None:
    """Close a board of an earlier day that nobody closed. One that is closed meanwhile stays as it is."""
    _close(board, staff=None, now=now)


def _close(board: Board, *, staff: Staff | None, now: datetime) -> Board:
    locked = lock_board(branch_id=board.branch_id, desk=board.desk, day=board.day)
    if locked is None or locked.closed_at is not None:
        return locked or board
    state = state_of(locked)
    keeps = rules_of(locked.policy).carry_owed
    entry = Closed(at=now, by=str(staff.pk) if staff else "", keeps_owed=keeps, ended=() if keeps else state.owed)
    append(board=locked, state=state, entries=[entry])
    locked.closed_at = now
    locked.save(update_fields=["closed_at"])
    return locked


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

    `free_in` minutes go with busy, `until` (aware) with out. Who is said to be free and was not said to be busy stays
    as she is: nothing is written. Raises Refused for a consultant without a seat, for a time
    that has passed, and for *out* where the policy wants the supervisor to confirm it; Stale when the board is closed.
    """
    board, folded = _locked(board)
    change = SeatChange(state)
    seat = folded.seat(str(consultant.pk))
    if seat is None:
        raise Refused(_("%(name)s has no seat on this board.") % {"name": consultant}, code="no_seat")
    if change is SeatChange.FREE and seat.presence is Presence.ON and not seat.stated_busy:
        return board
    rules = rules_of(board.policy)
    if change is SeatChange.OUT and rules.out_needs_supervisor and not staff.may(Capability.OVERRIDE_TRIAGE):
        raise Refused(_("Going out needs the desk supervisor here. Ask her to enter it."), code="supervisor_only")
    if change is SeatChange.OUT and until is not None and until <= now:
        raise Refused(_("This time has passed already. Say when she will be back."), code="until_passed")
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
