"""A step that moved a treatment to the day she came on, and is taken back: it is planned for its day again."""

from datetime import date, timedelta

import pytest

from clinic.models import OutboxEvent, Staff
from clinic.problems import Stale
from consultations import services
from consultations.models import Treatment
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import TO_BE_TREATED, planned
from tests.consultations.test_ended_with_the_treatment import visit_of
from tests.consultations.test_services_course import go
from tests.factories.treatments import make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(desk: Desk) -> Staff:
    return desk.people[2]


@pytest.fixture
def tomorrow(desk: Desk) -> date:
    return desk.board.day + timedelta(days=1)


@pytest.fixture
def too_early(desk: Desk) -> Treatment:
    treatment = make_ready(desk.operated(desk.people[0], days=-1, state=Treatment.State.PLANNED))
    desk.arrive(treatment.visitor, **TO_BE_TREATED)
    return treatment


@pytest.mark.parametrize("stage", ["arrived", "done"])
def test_a_step_that_is_taken_back(stage: str, desk: Desk, nurse: Staff, too_early: Treatment, tomorrow: date) -> None:
    treatment = go(too_early, stage, by=nurse, now=desk.later())
    assert treatment.treated_on == desk.board.day
    OutboxEvent.objects.all().delete()
    treatment = services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)
    assert (treatment.stage, treatment.treated_on, treatment.visit) == ("ordered", tomorrow, None)
    assert OutboxEvent.objects.filter(event="treatment_filed").exists(), "its calls move with it"


def test_an_arrival_that_is_corrected_later(desk: Desk, nurse: Staff, too_early: Treatment, tomorrow: date) -> None:
    treatment = go(too_early, "arrived", "preparing", by=nurse, now=desk.later())
    treatment = services.correct_stage(
        treatment=treatment, stage="ordered", reason="认错人", staff=nurse, now=desk.later(60)
    )
    assert (treatment.stage, treatment.treated_on, treatment.visit) == ("ordered", tomorrow, None)


def test_a_later_step_that_is_taken_back_leaves_the_day(desk: Desk, nurse: Staff, too_early: Treatment) -> None:
    treatment = go(too_early, "arrived", "preparing", by=nurse, now=desk.later())
    treatment = services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)
    assert (treatment.stage, treatment.treated_on) == ("arrived", desk.board.day)


def test_one_whose_day_is_over_stays_on_today_when_it_is_corrected(desk: Desk, nurse: Staff) -> None:
    treatment = make_ready(desk.operated(desk.people[0], days=1, state=Treatment.State.PLANNED))
    desk.arrive(treatment.visitor, **TO_BE_TREATED)
    treatment = go(treatment, "arrived", by=nurse, now=desk.later())
    treatment = services.correct_stage(
        treatment=treatment, stage="ordered", reason="认错人", staff=nurse, now=desk.later()
    )
    assert (treatment.treated_on, treatment.visit) == (desk.board.day, None)


def test_its_day_has_the_same_by_now(desk: Desk, nurse: Staff, too_early: Treatment, tomorrow: date) -> None:
    treatment = go(too_early, "arrived", by=nurse, now=desk.later())
    desk.operated(desk.people[1], visitor=treatment.visitor, days=-1, state=Treatment.State.PLANNED)
    with pytest.raises(Stale, match="already_filed"):
        services.undo_stage(treatment=treatment, staff=nurse, now=desk.now)


def test_who_is_here_since_before_midnight_stays_on_her_day(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    night = desk.now + timedelta(hours=16)
    treatment = go(treatment, "preparing", by=nurse, now=night)
    assert (treatment.treated_on, treatment.visit) == (desk.board.day, visit_of(treatment))


def test_who_comes_again_on_another_day_is_here_on_that_visit(desk: Desk, nurse: Staff) -> None:
    treatment = go(planned(desk, desk.people[0]), "arrived", by=nurse, now=desk.later())
    first = visit_of(treatment)
    first.state = "left"
    first.save(update_fields=["state"])
    night = desk.now + timedelta(hours=16)
    second = desk.arrive(treatment.visitor, **TO_BE_TREATED)
    second.day = desk.branch.today(night)
    second.save(update_fields=["day"])
    treatment = go(treatment, "preparing", by=nurse, now=night)
    assert (treatment.treated_on, treatment.visit) == (second.day, second)
