"""Desks with open boards and visitors at the door, for as many allocations as a benchmark wants."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from reception.models import Visit, Visitor, VisitProject
from tests.conftest import STAFF_BACKEND, make_branch
from tests.factories.triage import make_consultant
from triage import services
from triage.models import Policy

# What a house of some size has on duty. A day ends when everybody has had one visitor, and the next begins.
SEATS = 12


@dataclass(frozen=True, slots=True)
class Desk:
    """A front desk, and its visits in the order they are to be given out.

    `sequences`: the number of the last entry of a visit's board when she is given out, if nobody else works there.
    """

    branch: Branch
    clerk: Staff
    visits: list[Visit]
    sequences: list[int]


def make_desks(count: int, *, visits: int, first: datetime, name: str = "bench") -> list[Desk]:
    """Open as many boards of as many branches, and further days, as `visits` (altogether) need."""
    return [_make_desk(f"{name}-{number}", -(-visits // count), first) for number in range(count)]


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


def _make_desk(code: str, size: int, first: datetime) -> Desk:
    branch = make_branch(code)
    clerk = make_consultant(branch, "clerk", Role.RECEPTION)
    consultants = [make_consultant(branch, f"c{place:02d}") for place in range(SEATS)]
    surgery = branch.departments.get(kind="surgery")
    project = Project.objects.create(code=f"eyes-{code}", name="眼部", name_en="Eyes", department=surgery, rank=1)
    Policy.objects.create(branch=branch, version=1, starts_on=first.date(), preset="standard")
    desk = Desk(branch, clerk, [], [])
    for start in range(0, size, SEATS):
        now = first + timedelta(days=start // SEATS)
        board = services.open_board(
            branch=branch, day=now.date(), consultants=consultants, present=consultants, staff=clerk, now=now
        )
        visitors = Visitor.objects.bulk_create(
            Visitor(file_number=f"{code}/{start + place}", name="王小美", registered_at=now, registered_in=branch)
            for place in range(min(SEATS, size - start))
        )
        visits = Visit.objects.bulk_create(
            Visit(branch=branch, day=now.date(), number=place, visitor=one, arrived_at=now, registered_by=clerk)
            for place, one in enumerate(visitors, start=1)
        )
        VisitProject.objects.bulk_create(VisitProject(visit=visit, project=project, position=0) for visit in visits)
        desk.visits.extend(visits)
        desk.sequences.extend(board.sequence + place for place in range(len(visits)))
    return desk
