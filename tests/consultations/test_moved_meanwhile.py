"""The desk moves a visitor out of a room to another consultant (K7): what the first may still do, and what stays."""

from decimal import Decimal

import pytest

from clinic.models import Staff
from clinic.problems import Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal, DiscountRequest
from consultations.services import Planned
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DESK_SUPERVISOR, display_name="前台主管")


def move(morning: Morning, consultation: Consultation, supervisor: Staff) -> Visit:
    to = morning.second if consultation.consultant == morning.first else morning.first
    correction = Correction(Kind.TRANSFER, consultant=to, reason="换人")
    visit = Visit.objects.get(pk=consultation.visit_id)
    triage.correct_visit(visit=visit, correction=correction, expected_sequence=None, staff=supervisor, now=morning.now)
    return Visit.objects.get(pk=visit.pk)


def say_no_deal(morning: Morning, consultation: Consultation) -> None:
    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=None, staff=consultation.consultant, now=morning.now
    )


def test_whom_she_was_taken_from_sells_nothing_any_more(morning: Morning, supervisor: Staff) -> None:
    held = morning.enter(morning.arrive())
    move(morning, held, supervisor)
    with pytest.raises(Stale, match="moved_away"):
        services.record_deal(
            consultation=held,
            kind="paid",
            lines=[services.Line(morning.nose, Decimal(1000))],
            staff=held.consultant,
            now=morning.now,
        )
    with pytest.raises(Stale, match="moved_away"):
        say_no_deal(morning, held)
    assert not Deal.objects.exists()


def test_what_she_had_come_to_stays_once_the_next_takes_her(morning: Morning, supervisor: Staff) -> None:
    held = morning.enter(morning.arrive())
    say_no_deal(morning, held)
    visit = move(morning, held, supervisor)
    morning.take(visit)
    held.refresh_from_db()
    assert (held.state, held.outcome, held.passed_to) == ("finished", "no_deal", visit.consultant)
    triage.record_leave(visit=visit, staff=morning.clerk, now=morning.now)
    assert services.settle_left(visit=visit, now=morning.now)
    assert Visitor.objects.get(pk=visit.visitor_id).consulted_by == [held.consultant_id]


def test_what_she_bought_stays_when_she_leaves_before_the_next_takes_her(morning: Morning, supervisor: Staff) -> None:
    held = morning.enter(morning.arrive())
    services.record_deal(
        consultation=held,
        kind="paid",
        lines=[services.Line(morning.nose, Decimal(1000))],
        staff=held.consultant,
        now=morning.now,
    )
    visit = move(morning, held, supervisor)
    triage.record_leave(visit=visit, staff=morning.clerk, now=morning.now)
    assert services.settle_left(visit=visit, now=morning.now)
    held.refresh_from_db()
    visitor = Visitor.objects.get(pk=visit.visitor_id)
    assert held.state == "finished"
    assert (visitor.standing, visitor.owner, visitor.consulted_by) == (
        Standing.PAID,
        held.consultant,
        [held.consultant_id],
    )


def test_what_came_to_nothing_is_withdrawn(morning: Morning, supervisor: Staff) -> None:
    held = morning.enter(morning.arrive())
    morning.take(move(morning, held, supervisor))
    held.refresh_from_db()
    assert held.state == "withdrawn"


def test_the_room_is_free_for_the_next(morning: Morning, supervisor: Staff) -> None:
    held = morning.enter(morning.arrive())
    say_no_deal(morning, held)
    move(morning, held, supervisor)
    following = next(
        visit for name in ("甲一", "乙二") if (visit := morning.arrive(name)).consultant == held.consultant
    )
    assert morning.enter(following).state == "in_room"
    held.refresh_from_db()
    assert held.state == "finished"


def test_nobody_is_asked_any_more_for_a_price_in_a_room_she_has_left(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    morning.nose.list_price = Decimal(1000)
    morning.nose.save()
    services.add_plan_item(
        consultation=held,
        what=Planned(project=morning.nose, quoted=Decimal(850), why="老客户"),
        staff=held.consultant,
        now=morning.now,
    )
    assert DiscountRequest.objects.get().state == "waiting"
    services.change_consultant(
        consultation=held, designated=None, reason="换人", staff=held.consultant, now=morning.now
    )
    assert DiscountRequest.objects.get().state == "withdrawn"
