"""What later rooms report about a visit; the ways a visit can go and those it cannot."""

from datetime import timedelta

import pytest

from clinic.models import OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from reception import services
from reception.models import Standing, Visit
from tests.conftest import MakeStaff
from tests.factories.reception import MORNING, VisitFactory, VisitorFactory

ALLOWED = {
    ("registered", "finished"),
    ("registered", "left"),
    ("waiting", "accepted"),
    ("waiting", "left"),
    ("accepted", "in_room"),
    ("accepted", "left"),
    ("in_room", "finished"),
}


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT)


def allocate(visit: Visit, consultant: Staff | None, minutes: int = 1) -> Visit:
    return services.record_allocation(
        visit=visit,
        visit_type="first",
        type_rule="C1",
        consultant_id=consultant.pk if consultant else None,
        rule="A12" if consultant else "A14",
        turn="counted" if consultant else "",
        now=MORNING + timedelta(minutes=minutes),
    )


@pytest.mark.parametrize("wanted", Visit.State.values)
@pytest.mark.parametrize("present", Visit.State.values)
@pytest.mark.django_db
def test_every_step_is_allowed_or_refused_with_a_sentence(branch: object, present: str, wanted: str) -> None:
    visit = VisitFactory()
    Visit.objects.filter(pk=visit.pk).update(state=present)
    if (present, wanted) in ALLOWED:
        services.record_progress(visit=visit, state=wanted, now=MORNING)
        visit.refresh_from_db()
        assert (visit.state, visit.version) == (wanted, 2)
        return
    with pytest.raises(Refused) as refused:
        services.record_progress(visit=visit, state=wanted, now=MORNING)
    assert refused.value.code == "visit_state"
    visit.refresh_from_db()
    assert (visit.state, visit.version) == (present, 1)


def test_a_visit_goes_from_allocation_to_its_end_with_a_time_for_each_step(consultant: Staff) -> None:
    visit = allocate(VisitFactory(), consultant)
    for minute, state in enumerate(("accepted", "in_room", "finished"), start=2):
        services.record_progress(visit=visit, state=state, now=MORNING + timedelta(minutes=minute))
    visit.refresh_from_db()
    times = (visit.allocated_at, visit.accepted_at, visit.entered_at, visit.finished_at)
    assert times == tuple(MORNING + timedelta(minutes=minute) for minute in (1, 2, 3, 4))
    assert (visit.visit_type, visit.type_rule, visit.rule, visit.turn) == ("first", "C1", "A12", "counted")
    assert OutboxEvent.objects.latest("pk").topics == [f"register-{visit.branch_id}", f"visitor-{visit.visitor_id}"]


def test_without_a_consultant_it_stays_registered(consultant: Staff) -> None:
    visit = allocate(VisitFactory(), None)
    assert (visit.state, visit.consultant, visit.allocated_at) == ("registered", None, None)
    assert allocate(visit, consultant).state == "waiting"


def test_given_to_somebody_else_it_waits_again(consultant: Staff, staff_with: MakeStaff) -> None:
    visit = allocate(VisitFactory(), consultant)
    services.record_progress(visit=visit, state="accepted", now=MORNING)
    other = staff_with(Role.CONSULTANT)
    allocate(visit, other, minutes=9)
    visit.refresh_from_db()
    assert (visit.state, visit.consultant, visit.accepted_at) == ("waiting", other, None)


def test_an_allocation_taken_back_leaves_the_visit_as_it_came(consultant: Staff) -> None:
    visit = allocate(VisitFactory(), consultant)
    services.clear_allocation(visit=visit)
    visit.refresh_from_db()
    assert (visit.state, visit.consultant, visit.rule, visit.visit_type) == ("registered", None, "", "")
    assert visit.version == 3


def test_out_of_a_room_a_visit_waits_again_and_once_over_it_is_given_to_nobody(consultant: Staff) -> None:
    visit = allocate(VisitFactory(), consultant)
    for state in ("accepted", "in_room"):
        services.record_progress(visit=visit, state=state, now=MORNING)
    with pytest.raises(Refused):
        services.clear_allocation(visit=visit)
    moved = allocate(visit, consultant)
    assert (moved.state, moved.accepted_at, moved.entered_at) == ("waiting", None, None)
    for state in ("accepted", "in_room", "finished"):
        services.record_progress(visit=visit, state=state, now=MORNING)
    with pytest.raises(Refused):
        allocate(visit, consultant)


def test_the_row_is_read_again_under_lock(consultant: Staff) -> None:
    visit = VisitFactory()
    stale = Visit.objects.get(pk=visit.pk)
    allocate(visit, consultant)
    assert services.record_progress(visit=stale, state="accepted", now=MORNING).version == 3


def test_standing_owner_and_consultants_are_written_down(consultant: Staff, staff_with: MakeStaff) -> None:
    visitor, second = VisitorFactory(), staff_with(Role.CONSULTANT)
    services.record_standing(visitor=visitor, standing=Standing.NO_DEAL, owner=consultant, consulted_by=consultant)
    services.record_standing(visitor=visitor, consulted_by=[consultant, second])
    visitor.refresh_from_db()
    assert (visitor.standing, visitor.owner) == ("no_deal", consultant)
    assert visitor.consulted_by == [consultant.pk, second.pk]
