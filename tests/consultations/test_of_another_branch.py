"""What is planned for a visitor in another branch is not done at a desk here."""

import pytest

from clinic.models import Branch
from clinic.problems import Refused
from consultations import services
from consultations.models import Treatment
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Branch:
    made: Branch = Branch.objects.create(name="另一院区", name_en="Other")
    return made


def test_she_is_not_sent_on_for_it(desk: Desk, morning: Morning, other: Branch) -> None:
    held = morning.enter(morning.arrive())
    desk.operated(desk.people[0], visitor=held.visitor, days=0, state=Treatment.State.PLANNED, branch=other)
    case = services.send_to_desk(consultation=held, department=desk.department, staff=held.consultant, now=morning.now)
    assert (case.treatment, case.purpose) == (None, "consult")


def test_she_is_not_taken_in_for_it(desk: Desk, other: Branch) -> None:
    treatment = desk.operated(desk.people[0], days=0, state=Treatment.State.PLANNED, branch=other)
    with pytest.raises(Refused, match="treatment_unfit"):
        desk.take_in(treatment=treatment, purpose="treatment")


def test_what_was_done_there_is_reviewed_here(desk: Desk, other: Branch) -> None:
    treatment = desk.operated(desk.people[0], branch=other)
    assert desk.take_in(treatment=treatment).treatment == treatment
