"""Departments' desks: the facts a department's board decides from, and what it says of a visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic.models import Branch, Staff
from reception.models import Visit
from triage.engine import facts
from triage.engine.allocate import allocate
from triage.engine.decision import Situation
from triage.models import Board, Decision
from triage.selectors.boards import board_of_day, names_of, state_of
from triage.selectors.decisions import Proposal, Told, told
from triage.selectors.facts import NOTHING_SAID, Duty, Known, duties, registered
from triage.selectors.policies import rules_of
from triage.selectors.words import Line, lines_of


@dataclass(frozen=True, slots=True)
class DeskWish:
    """What a visitor comes to a department's desk for.

    `desk`: the department's code. `purpose`: treatment, review or consult. `doctor_id`: who operated on her or is to
    treat her; `agrees`: she agrees to another. `project`: the code of the project, empty when none is known.
    `beauticians`: whether who is a beautician and nothing more may see to her.
    """

    desk: str
    purpose: str
    doctor_id: int | None = None
    agrees: bool = False
    project: str = ""
    beauticians: bool = True

    def facts_among(self, staff: Iterable[Duty]) -> facts.AtDesk:
        """Return it as the rules know it, with who of these may not see to her."""
        doctor = str(self.doctor_id) if self.doctor_id is not None else None
        barred = () if self.beauticians else tuple(str(one.pk) for one in staff if one.is_beautician)
        return facts.AtDesk(facts.DeskPurpose(self.purpose), doctor, agrees=self.agrees, barred=barred)


def desk_facts_of(
    *,
    visit: Visit,
    board: Board,
    state: facts.Board,
    now: datetime,
    wish: DeskWish,
    also: frozenset[int] = frozenset(),
) -> Known:
    """Read what the rules need to know to give a visit out on a department's board: the visit and who sits there.

    Whose visitor she is does not concern the department, so it is left out. `also`: further staff somebody names.
    Raises Visit.DoesNotExist.
    """
    fresh = registered(visit)
    named = also | ({wish.doctor_id} if wish.doctor_id is not None else frozenset())
    staff = duties({int(seat.consultant) for seat in (*state.seats, *state.guests)} | named)
    arrival = facts.Arrival(
        visit=str(visit.pk),
        projects=(wish.project,) if wish.project else (),
        emergency=fresh.visit.emergency,
        at_desk=wish.facts_among(staff),
    )
    situation = Situation(
        now=now,
        arrival=arrival,
        person=None,
        board=state,
        consultants={str(one.pk): one.facts_for(board, state.team_of(str(one.pk)) is not None) for one in staff},
        policy=rules_of(board.policy),
        ranks={code: rank for code, rank, offered in fresh.wishes if offered and code == wish.project},
    )
    return Known(situation, fresh.visit, fresh.visitor_owner_id, {str(one.pk): one.name for one in staff})


def propose_at_desk(visit: Visit, wish: DeskWish, now: datetime) -> Proposal | None:
    """Return what a department's board would decide about a visit now; None while it is not open. Nothing is written.

    Raises ValueError when the visit is with a seat of that board already.
    """
    board = board_of_day(visit.branch, wish.desk, visit.day)
    if board is None or board.closed_at is not None:
        return None
    known = desk_facts_of(visit=visit, board=board, state=state_of(board), now=now, wish=wish)
    return Proposal(known.visit, board, board.sequence, allocate(known.situation), known, NOTHING_SAID)


def told_at_desk(visit: Visit, desk: str) -> list[Told]:
    """Return all decisions of a department's board about a visit, newest first, each in words; three queries."""
    return told(Decision.objects.filter(visit=visit, board__desk=desk).order_by("-pk"))


def seats_at_desk(branch: Branch, desk: str, now: datetime) -> tuple[Board | None, facts.Board]:
    """Return today's board of a department with its state; an empty one while it is not open. One query."""
    board = board_of_day(branch, desk, branch.today(now))
    return board, state_of(board) if board is not None else facts.Board()


def happened_on(board: Board, visit: Visit) -> list[Line]:
    """Return what happened with a visit on one board in words, oldest first; two queries."""
    rows = list(board.entries.filter(visit=visit).select_related("visit__visitor", "staff").order_by("sequence"))
    return lines_of(rows, board.branch.zone, names_of({seat.consultant for seat in state_of(board).seats}))


def told_on(board: Board, visit: Visit) -> list[Told]:
    """Return all decisions of one board about a visit, newest first."""
    return told(Decision.objects.filter(visit=visit, board=board).order_by("-pk"))


def on_board(board: Board, visit_id: int) -> Visit:
    """Return a visit that a board has given out; raises Visit.DoesNotExist for any other."""
    return Visit.objects.select_related("visitor", "branch").filter(decisions__board=board).distinct().get(pk=visit_id)


def knows_all(staff: Staff, board: Board) -> bool:
    """Say whether a person may see whose visits a department's board gave out: who works at that department."""
    return board.department_id is not None and board.department_id == staff.department_id
