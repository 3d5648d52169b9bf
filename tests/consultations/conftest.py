"""A morning at the hospital: a desk, consultants on an open board, projects, a doctor."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pgtrigger
import pytest

from clinic.models import Branch, Project, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal, Treatment
from reception import services as reception
from reception.models import Visit, Visitor
from tests.conftest import MakeStaff
from tests.consultations.desk_scenes import Desk, open_desk
from tests.factories.consultations import ProjectFactory, TreatmentFactory
from triage import services as triage
from triage.models import Board, Policy


@dataclass
class Morning:
    """Everybody on duty, and what they do to bring a visitor to a consultant."""

    now: datetime
    branch: Branch
    clerk: Staff
    first: Staff
    second: Staff
    doctor: Staff
    nose: Project
    eyes: Project
    board: Board

    def arrive(self, visitor: Visitor | str = "张小美", *projects: Project) -> Visit:
        """Register an arrival and let the rules give it out."""
        person = self.register(visitor) if isinstance(visitor, str) else visitor
        visit = reception.register_arrival(
            visitor=person,
            branch=self.branch,
            projects=list(projects or (self.nose,)),
            staff=self.clerk,
            now=self.now,
        )
        triage.allocate_visit(visit=visit, expected_sequence=None, staff=self.clerk, now=self.now)
        visit.refresh_from_db()
        return visit

    def register(self, name: str) -> Visitor:
        """Put a person on file."""
        return reception.register_visitor(name=name, branch=self.branch, staff=self.clerk, now=self.now)

    def take(self, visit: Visit) -> Consultation:
        """Accept a visit."""
        assert visit.consultant is not None
        return services.accept_visit(visit=visit, staff=visit.consultant, now=self.now)

    def enter(self, visit: Visit) -> Consultation:
        """Accept a visit and let the visitor in."""
        consultation = self.take(visit)
        return services.enter_room(consultation=consultation, staff=consultation.consultant, now=self.now)

    def run_by(self, settings: dict[str, object]) -> None:
        """Let the board run by the standard policy with these settings."""
        policy = Policy.objects.create(
            branch=self.branch, version=9, starts_on=self.board.day, preset="standard", settings=settings
        )
        # What a day was opened with stands; here it is as if it had been opened under this policy.
        with pgtrigger.ignore("triage.Board:board_opening_stands"):
            Board.objects.filter(pk=self.board.pk).update(policy=policy)

    def part(self, consultation: Consultation) -> Consultation:
        """Finish without a deal."""
        staff = consultation.consultant
        services.record_no_deal(
            consultation=consultation, reason="price", call_again_on=None, staff=staff, now=self.now
        )
        return services.finish_consultation(consultation=consultation, staff=staff, now=self.now)


def typed_lines(*rows: tuple[object, object, object]) -> dict[str, str]:
    """Return the rows of a deal as the form sends them: project, sessions, amount."""
    said = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    for number, (project, sessions, amount) in enumerate(rows):
        said |= {f"lines-{number}-project": str(project), f"lines-{number}-sessions": str(sessions)}
        said[f"lines-{number}-amount"] = str(amount)
    return said


@pytest.fixture
def morning(branch: Branch, staff_with: MakeStaff, now: datetime) -> Morning:
    """The front desk's board is open with two consultants, both free."""
    clerk = staff_with(Role.RECEPTION, display_name="前台")
    first = staff_with(Role.CONSULTANT, display_name="王欣")
    second = staff_with(Role.CONSULTANT, display_name="李敏")
    board = triage.open_board(
        branch=branch, day=branch.today(now), consultants=[first, second], present=[first, second], staff=clerk, now=now
    )
    return Morning(
        now=now,
        branch=branch,
        clerk=clerk,
        first=first,
        second=second,
        doctor=staff_with(Role.DOCTOR, display_name="赵医生"),
        nose=ProjectFactory.create(branch=branch, code="nose", rank=1),
        eyes=ProjectFactory.create(branch=branch, code="eyes", rank=2),
        board=board,
    )


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    """Who corrects what others noted."""
    return staff_with(Role.CONSULTING_SUPERVISOR, display_name="主管")


@pytest.fixture
def deal(morning: Morning) -> Deal:
    """4,200 for a nose, 1,000 of it received, the consultation over."""
    consultation = morning.enter(morning.arrive())
    made = services.record_deal(
        consultation=consultation,
        kind="deposit",
        lines=[services.Line(morning.nose, Decimal(4200))],
        deposit=Decimal(1000),
        staff=consultation.consultant,
        now=morning.now,
    )
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    return made


@pytest.fixture
def desk(branch: Branch, now: datetime) -> Desk:
    """The desk of surgery, its doctors and a nurse free."""
    return open_desk(branch, now)


@pytest.fixture
def treatment(morning: Morning) -> Treatment:
    """A treatment of a visitor on file, by the doctor."""
    made: Treatment = TreatmentFactory.create(
        doctor=morning.doctor, project=morning.nose, visitor=morning.register("曾小美")
    )
    return made
