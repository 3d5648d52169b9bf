"""Desks with open boards and visitors at the door, for as many allocations as a benchmark wants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from reception.models import Visit, Visitor, VisitProject
from tests.conftest import STAFF_BACKEND, make_branch
from tests.factories.triage import make_consultant
from triage import services
from triage.engine.ledger import Finished
from triage.models import Board, Policy
from triage.selectors.boards import FRONT, state_of
from triage.services.ledger import append, lock_board

# What a house of some size has on duty.
SEATS = 12


@dataclass(frozen=True, slots=True)
class Desk:
    """A front desk with everybody free, and its visits in the order they are to be given out.

    `sequence`: the number of the last entry of its board.
    """

    branch: Branch
    clerk: Staff
    board: Board
    visits: list[Visit]

    @property
    def sequence(self) -> int:
        return self.board.sequence


def make_desks(count: int, *, visits: int, now: datetime, seats: int = SEATS, name: str = "bench") -> list[Desk]:
    """Open the boards of as many branches, with as many consultants and visitors each."""
    return [_make_desk(f"{name}-{number}", visits, seats, now) for number in range(count)]


def signed_in(staff: Staff) -> str:
    """Return the key of a new session of somebody, as signing in would have made it."""
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = STAFF_BACKEND
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def in_turn(desks: list[Desk]) -> Iterator[tuple[Desk, Visit]]:
    """Return the visits of all desks, one of each desk after the other."""
    for place in range(min(len(desk.visits) for desk in desks)):
        for desk in desks:
            yield desk, desk.visits[place]


def finish_all(desk: Desk, now: datetime) -> None:
    """Free every seat that has a visitor, in one transaction, so that there are some for those who come next."""
    with transaction.atomic():
        board = lock_board(branch_id=desk.branch.pk, desk=FRONT, day=desk.board.day)
        assert board is not None
        state = state_of(board)
        taken = [(seat.consultant, held.visit) for seat in state.seats for held in seat.visits]
        entries = [Finished(at=now, by=str(desk.clerk.pk), visit=visit, seat=seat) for seat, visit in taken]
        append(board=board, state=state, entries=entries)


def _make_desk(code: str, size: int, seats: int, now: datetime) -> Desk:
    branch = make_branch(code)
    clerk = make_consultant(branch, "clerk", Role.RECEPTION)
    consultants = [make_consultant(branch, f"c{place:02d}") for place in range(seats)]
    surgery = branch.departments.get(kind="surgery")
    project = Project.objects.create(code=f"eyes-{code}", name="眼部", name_en="Eyes", department=surgery, rank=1)
    Policy.objects.create(branch=branch, version=1, starts_on=now.date(), preset="standard")
    board = services.open_board(
        branch=branch, day=now.date(), consultants=consultants, present=consultants, staff=clerk, now=now
    )
    visitors = Visitor.objects.bulk_create(
        Visitor(file_number=f"{code}/{place}", name="王小美", registered_at=now, registered_in=branch)
        for place in range(size)
    )
    visits = Visit.objects.bulk_create(
        Visit(branch=branch, day=now.date(), number=place, visitor=one, arrived_at=now, registered_by=clerk)
        for place, one in enumerate(visitors, start=1)
    )
    VisitProject.objects.bulk_create(VisitProject(visit=visit, project=project, position=0) for visit in visits)
    return Desk(branch, clerk, board, visits)
