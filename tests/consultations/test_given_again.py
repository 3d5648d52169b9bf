"""A visit that moved, or was ended elsewhere, while a consultant had it open: nobody is left stuck."""

from datetime import timedelta

import pytest

from clinic.problems import Refused
from consultations import services
from consultations.models import Consultation
from consultations.selectors.queue import queue_of
from reception import services as reception
from reception.models import Visit
from tests.consultations.conftest import Morning
from triage import services as triage

pytestmark = pytest.mark.django_db


def test_taken_back_after_accepting_and_given_to_the_same_consultant_again(morning: Morning) -> None:
    visit = morning.arrive()
    morning.take(visit)
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=morning.clerk, now=morning.now)
    visit.refresh_from_db()
    assert visit.consultant == morning.first

    consultation = morning.enter(visit)

    visit.refresh_from_db()
    assert (visit.state, consultation.state) == (Visit.State.IN_ROOM, Consultation.State.IN_ROOM)
    assert visit.accepted_at == morning.now


def test_a_visitor_forgotten_in_the_room_who_comes_again_does_not_block_the_room(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    later = morning.now + timedelta(days=1)
    reception.register_arrival(
        visitor=consultation.visitor, branch=morning.branch, projects=[morning.nose], staff=morning.clerk, now=later
    )
    consultation.refresh_from_db()
    shown = queue_of(morning.first, None, later).in_room
    assert shown is not None
    assert shown.consultation == consultation

    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=None, staff=morning.first, now=later
    )
    services.finish_consultation(consultation=consultation, staff=morning.first, now=later)

    consultation.refresh_from_db()
    assert consultation.state == Consultation.State.FINISHED
    assert queue_of(morning.first, None, later).in_room is None


def test_leaving_and_entering_at_once(morning: Morning) -> None:
    visit = morning.arrive()
    consultation = morning.take(visit)
    triage.record_leave(visit=visit, staff=morning.clerk, now=morning.now)

    with pytest.raises(Refused):
        services.enter_room(consultation=consultation, staff=morning.first, now=morning.now)
