"""A morning at the front desk: consultants on a board, visitors at the door."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from factory.declarations import Iterator, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from reception.models import Standing, Visit, Visitor, VisitProject
from reception.services import Circumstances
from triage import services
from triage.models import Board, Decision, Policy
from triage.selectors.boards import state_of

NINE = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)
TODAY = NINE.date()


class VisitorFactory(DjangoModelFactory[Visitor]):
    class Meta:
        model = Visitor

    file_number = Sequence(lambda number: f"T{number:07d}")
    name = Iterator(["王小美", "李娜", "欧阳娜娜", "O'Brien <b>", "曾"])
    registered_at = NINE


class VisitFactory(DjangoModelFactory[Visit]):
    class Meta:
        model = Visit

    visitor = SubFactory(VisitorFactory, registered_in=SelfAttribute("..branch"))
    day = date(2026, 3, 11)
    number = Sequence(lambda number: number + 1)
    arrived_at = NINE


@dataclass
class Morning:
    """A board with consultants who are all here; time stands at nine and moves by hand."""

    branch: Branch
    clerk: Staff
    consultants: list[Staff]
    board: Board
    now: datetime = NINE
    projects: dict[str, Project] = field(default_factory=dict)

    def later(self, minutes: float = 1) -> datetime:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)
        return self.now

    def arrive(
        self,
        *wishes: str,
        standing: str = Standing.NEW,
        owner: Staff | None = None,
        purpose: str = Visit.Purpose.CONSULT,
        person: Visitor | None = None,
        told: Circumstances | None = None,
        **visitor: Any,
    ) -> Visit:
        """Register a visit, of `person` or of somebody new; nothing is decided yet. `told`: what the desk was told."""
        person = person or VisitorFactory.create(registered_in=self.branch, standing=standing, owner=owner, **visitor)
        visit: Visit = VisitFactory.create(
            branch=self.branch,
            day=self.board.day,
            visitor=person,
            registered_by=self.clerk,
            arrived_at=self.now,
            **{"purpose": purpose, **(told or {})},
        )
        for position, code in enumerate(wishes):
            VisitProject.objects.create(visit=visit, project=self.project(code), position=position)
        return visit

    def project(self, code: str, rank: int = 10) -> Project:
        """Return a project by code, made when it is not there."""
        if code not in self.projects:
            department = self.branch.departments.get(code="surgery")
            self.projects[code] = Project.objects.create(
                code=code, name=code, name_en=code.title(), department=department, rank=rank
            )
        return self.projects[code]

    def allocate(self, visit: Visit, **more: Any) -> Decision:
        """Give the visit out, whatever the board says now."""
        return services.allocate_visit(visit=visit, expected_sequence=None, staff=self.clerk, now=self.now, **more)

    def say(self, consultant: Staff, state: str, **more: Any) -> Board:
        """Note what a consultant says."""
        return services.set_seat_state(
            board=self.board, consultant=consultant, state=state, staff=self.clerk, now=self.now, **more
        )

    def serve(self, visit: Visit) -> None:
        """The visitor goes in, and the consultation is over."""
        visit.refresh_from_db()
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ACCEPTED)
        services.record_entry(visit=visit, staff=self.clerk, now=self.now)
        services.record_finish(visit=visit, staff=self.clerk, now=self.now)

    def turns(self) -> list[int]:
        """Return the seats' turns in the order of the consultants."""
        self.board.refresh_from_db()
        seats = {seat.consultant: seat for seat in state_of(self.board).seats}
        return [seats[str(one.pk)].turns for one in self.consultants]

    def pointer(self) -> Staff:
        """Return whose turn it is."""
        self.board.refresh_from_db()
        pointer = state_of(self.board).pointer()
        return next(one for one in self.consultants if str(one.pk) == pointer)


def make_supervisor(morning: Morning) -> None:
    """Let the clerk of the desk do what its supervisors may, too."""
    for role in (Role.DESK_SUPERVISOR, Role.CONSULTING_SUPERVISOR):
        morning.clerk.groups.add(Group.objects.get_or_create(name=role.value)[0])
    morning.clerk = Staff.objects.get(pk=morning.clerk.pk)


def make_consultant(branch: Branch, name: str, *roles: Role, **fields: Any) -> Staff:
    """Create a consultant (or somebody with other roles) who cannot sign in by password."""
    staff = Staff.objects.create_user(
        f"{name}-{branch.pk}", display_name=name, branch=branch, active_from=date(2020, 1, 1), **fields
    )
    staff.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles or (Role.CONSULTANT,)])
    return staff


def open_morning(
    branch: Branch,
    names: Collection[str] = ("王欣", "李敏", "陈静", "周琳"),
    *,
    day: date = TODAY,
    preset: str = "standard",
    **rules: Any,
) -> Morning:
    """Open the front desk of a branch with these consultants, all here, in this order, under a preset.

    `rules` changes knobs of it.
    """
    clerk = make_consultant(branch, "前台", Role.RECEPTION)
    consultants = [make_consultant(branch, name) for name in names]
    Policy.objects.create(branch=branch, version=1, starts_on=day, preset=preset, settings=rules)
    board = services.open_board(
        branch=branch, day=day, consultants=consultants, present=consultants, staff=clerk, now=NINE
    )
    return Morning(branch, clerk, consultants, board)
