"""A department's desk for the tests: its clerk, its doctors and a nurse on an open board, visitors at the door."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from clinic.models import Branch, Department, Project, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import DeskCase, Treatment
from consultations.selectors.desks import desk_day
from reception.models import Visit, Visitor
from tests.factories.consultations import TreatmentFactory, VisitorFactory
from tests.factories.triage import VisitFactory, make_consultant
from triage import services as triage
from triage.models import Board, Policy
from triage.selectors.boards import state_of
from triage.selectors.integrity import check_board

BUSY, ABSENT, GONE, HERE = "in theatre", "absent", "gone", "here"


def role_of(name: str) -> Role:
    """Return the role a person of these scenes has by her name."""
    return next((role for word, role in (("护", Role.NURSE), ("美容", Role.BEAUTICIAN)) if word in name), Role.DOCTOR)


@dataclass
class Desk:
    """A department's desk with its people, all here and free; time moves by hand."""

    branch: Branch
    department: Department
    clerk: Staff
    people: list[Staff]
    project: Project
    board: Board
    now: datetime
    visits: list[Visit] = field(default_factory=list)

    def later(self, minutes: float = 1) -> datetime:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)
        return self.now

    def visitor(self, name: str = "王小美") -> Visitor:
        """Put somebody on file."""
        made: Visitor = VisitorFactory.create(name=name, registered_in=self.branch)
        return made

    def arrive(self, visitor: Visitor | None = None, **more: Any) -> Visit:
        """Let somebody come for a review, as the front desk has typed her (A1)."""
        fields: dict[str, Any] = {
            "purpose": Visit.Purpose.REVIEW,
            "visit_type": Visit.VisitType.REVIEW,
            "type_rule": "C3",
            "rule": "A1",
        } | more
        visit: Visit = VisitFactory.create(
            branch=self.branch,
            day=self.board.day,
            visitor=visitor or self.visitor(),
            registered_by=self.clerk,
            arrived_at=self.now,
            **fields,
        )
        self.visits.append(visit)
        return visit

    def operated(self, doctor: Staff, visitor: Visitor | None = None, days: int = 7, **more: Any) -> Treatment:
        """Let a visitor have been treated by a doctor some days ago."""
        made: Treatment = TreatmentFactory.create(
            **{
                "doctor": doctor,
                "visitor": visitor or self.visitor(),
                "project": self.project,
                "treated_on": self.board.day - timedelta(days=days),
                "state": Treatment.State.DONE,
            }
            | more
        )
        return made

    def take_in(self, visit: Visit | None = None, treatment: Treatment | None = None, **more: Any) -> DeskCase:
        """Take a visitor in: for a review of a treatment, or (without one) for whoever is next in turn."""
        if visit is None:
            visit = self.arrive(treatment.visitor if treatment else None)
        fields: dict[str, Any] = {
            "visit": visit,
            "department": self.department,
            "purpose": "review",
            "treatment": treatment,
            "staff": self.clerk,
            "now": self.now,
        }
        return services.take_in(**fields | more)

    def give(self, case: DeskCase, **more: Any) -> DeskCase:
        """Give a case out, whatever the board says now."""
        services.give_case(**{"case": case, "expected_sequence": None, "staff": self.clerk, "now": self.now} | more)
        return DeskCase.objects.get(pk=case.pk)

    def work(self, service: Any, case: DeskCase, **more: Any) -> DeskCase:
        """Carry a case on by one of the services."""
        service(case=case, staff=self.clerk, now=self.now, **more)
        return DeskCase.objects.get(pk=case.pk)

    def say(self, person: Staff, state: str, **more: Any) -> None:
        """Note what somebody says on the board."""
        triage.set_seat_state(board=self.board, consultant=person, state=state, staff=self.clerk, now=self.now, **more)

    def turns(self) -> list[int]:
        """Return the turns of the seats in the order of the people."""
        self.board.refresh_from_db()
        seats = {seat.consultant: seat for seat in state_of(self.board).seats}
        return [seats[str(one.pk)].turns for one in self.people]

    def owed(self) -> list[str]:
        """Return who is owed a turn, by name."""
        self.board.refresh_from_db()
        names = {str(one.pk): one.display_name for one in self.people}
        return [names[one.seat] for one in state_of(self.board).owed]

    def holds(self) -> bool:
        """Say whether the ledger of the board still folds to the board."""
        self.board.refresh_from_db()
        return not check_board(self.board).problems

    def waiting(self) -> list[Any]:
        """Return the rows of those who wait."""
        return desk_day(self.department, self.now).waiting

    def expected(self) -> list[Any]:
        """Return the rows of those who are expected."""
        return desk_day(self.department, self.now).expected


def open_desk(
    branch: Branch,
    now: datetime,
    *,
    kind: str = "surgery",
    names: tuple[str, ...] = ("赵医生", "钱医生", "孙护士"),
    rules: dict[str, Any] | None = None,
) -> Desk:
    """Open the board of a department with these people, all here, in this order."""
    department = Department.objects.get(branch=branch, kind=kind)
    if not Policy.objects.filter(branch=branch).exists():
        Policy.objects.create(
            branch=branch, version=1, starts_on=date(2026, 1, 1), preset="standard", settings=rules or {}
        )
    clerk = make_consultant(branch, f"{kind}分诊台", Role.DEPARTMENT_DESK, department=department)
    people = [make_consultant(branch, f"{kind}-{name}", role_of(name), department=department) for name in names]
    for one, name in zip(people, names, strict=True):
        one.display_name = name
        one.save(update_fields=["display_name"])
    project, _made = Project.objects.get_or_create(
        code=f"{kind}-main", defaults={"name": "隆鼻", "name_en": "Nose", "department": department, "rank": 5}
    )
    board = triage.open_board(
        branch=branch,
        desk=department.code,
        day=branch.today(now),
        consultants=people,
        present=people,
        staff=clerk,
        now=now,
    )
    return Desk(branch, department, clerk, people, project, board, now)


def state(case: DeskCase) -> str:
    """Return how far a case has come by now."""
    return str(DeskCase.objects.get(pk=case.pk).state)


def stand(desk: Desk, doctor: Staff, how: str) -> None:
    """Let the doctor be here, in theatre with somebody, absent, or not with us any more."""
    if how == BUSY:
        case = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(doctor))))
        assert case.staff == doctor
    elif how == ABSENT:
        desk.say(doctor, "off")
    elif how == GONE:
        doctor.active_until = desk.board.day - timedelta(days=1)
        doctor.save()
