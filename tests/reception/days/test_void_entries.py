"""An entry of a closed day is not made void while something that was bought or done on it stands."""

from collections.abc import Callable
from typing import Any

import pytest

from clinic.models import Branch, Department, OutboxEvent, Staff
from clinic.roles import Role
from consultations import services as consultations
from consultations.models import Consultation, Deal, Treatment
from reception import services
from reception.models import Amendment, DayClose, Party, Visit
from tests.conftest import MakeStaff
from tests.factories.consultations import ConsultationFactory, TreatmentFactory, make_deal
from tests.factories.reception import VisitorFactory
from tests.reception.days.scenes import EVENING, approve, decided, finished, propose, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(staff_with: MakeStaff) -> Consultation:
    """A consultation of yesterday that is over."""
    made: Consultation = ConsultationFactory.create(
        visit=finished(staff_with(Role.CONSULTANT)), state="finished", outcome="no_deal"
    )
    return made


@pytest.fixture
def author(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION)


def bought(talk: Consultation) -> Deal:
    return make_deal(talk)


def planned_in_the_room(talk: Consultation) -> Treatment:
    made: Treatment = TreatmentFactory.create(doctor=talk.consultant, visitor=talk.visitor, consultation=talk)
    return made


def done_on_the_visit(talk: Consultation) -> Treatment:
    made: Treatment = TreatmentFactory.create(
        doctor=talk.consultant, visitor=talk.visitor, visit=talk.visit, treated_on=talk.day, state="done"
    )
    return made


def put_right(made: Deal | Treatment, supervisor: Staff) -> None:
    """Let those whose it is say that it was not hers."""
    if isinstance(made, Deal):
        consultations.void_deal(deal=made, reason="登错人", staff=supervisor, now=EVENING)
    else:
        Treatment.objects.filter(pk=made.pk).update(state="cancelled", cancel_reason="登错人")


@pytest.mark.parametrize("came_to", [bought, planned_in_the_room, done_on_the_visit])
@pytest.mark.parametrize("again", [True, False])
def test_what_stands_is_put_right_first(
    talk: Consultation,
    author: Staff,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
    came_to: Callable[[Consultation], Deal | Treatment],
    again: bool,
) -> None:
    made = came_to(talk)
    closed()
    wanted: dict[str, Any] = {"note": None} | ({"visitor": VisitorFactory()} if again else {"make_void": True})
    why = refused("came_to", lambda: propose(talk.visit, consulting, author, **wanted))
    assert "make the deal void" in str(why.message)
    decided(propose(talk.visit, consulting, author, note="改后"), people, consulting)
    assert consulting.head is not None
    put_right(made, consulting.head)
    visit = Visit.objects.get(pk=talk.visit_id)
    decided(propose(visit, consulting, author, **wanted), people, consulting)
    visit.refresh_from_db()
    assert visit.state == Visit.State.VOID
    assert OutboxEvent.objects.get(event="visit_void").payload == {"visit_id": visit.pk}


def test_what_was_bought_since_is_asked_again_with_the_second_approval(
    branch: Branch,
    talk: Consultation,
    author: Staff,
    people: dict[Party, Staff],
    closed: Callable[..., DayClose],
    consulting: Department,
) -> None:
    closed()
    amendment = propose(talk.visit, consulting, author, make_void=True, note=None)
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    make_deal(talk)
    head = consulting.head
    assert head is not None
    refused("came_to", lambda: approve(amendment, services.HEAD, head))
    assert Amendment.objects.get(pk=amendment.pk).waits
    assert Visit.objects.get(pk=talk.visit_id).state == Visit.State.FINISHED
