"""From the notice to the end of the consultation."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation
from reception.models import Standing, Visit
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import ConsultationFactory, VisitFactory
from triage import services as triage
from triage.selectors.boards import state_of

pytestmark = pytest.mark.django_db


def topics_since(pk: int) -> set[str]:
    return {topic for row in OutboxEvent.objects.filter(pk__gt=pk) for topic in row.topics}


def last_event() -> int:
    return OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_accepting_starts_the_consultation_and_tells_the_screens(morning: Morning) -> None:
    visit = morning.arrive()
    before = last_event()

    consultation = services.accept_visit(visit=visit, staff=morning.first, now=morning.now)

    visit.refresh_from_db()
    assert visit.state == Visit.State.ACCEPTED
    assert consultation.state == Consultation.State.ACCEPTED
    assert consultation.accepted_at == morning.now
    assert {f"queue-{morning.first.pk}", f"register-{morning.branch.pk}"} <= topics_since(before)


def test_accepting_twice_is_one_consultation(morning: Morning) -> None:
    visit = morning.arrive()

    one = services.accept_visit(visit=visit, staff=morning.first, now=morning.now)
    two = services.accept_visit(visit=visit, staff=morning.first, now=morning.now)

    assert one.pk == two.pk
    assert Consultation.objects.count() == 1


def test_a_visit_that_was_taken_back_cannot_be_accepted(morning: Morning) -> None:
    visit = morning.arrive()
    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)

    with pytest.raises(Stale, match="moved_away"):
        services.accept_visit(visit=visit, staff=morning.first, now=morning.now)
    assert not Consultation.objects.exists()


def test_a_visitor_who_left_cannot_be_accepted(morning: Morning) -> None:
    visit = morning.arrive()
    triage.record_leave(visit=visit, staff=morning.clerk, now=morning.now)

    with pytest.raises(Stale, match="not_waiting"):
        services.accept_visit(visit=visit, staff=morning.first, now=morning.now)


def test_seen_is_noted_once_and_again_when_the_visit_comes_back(morning: Morning) -> None:
    visit = morning.arrive()

    services.acknowledge_visit(visit=visit, staff=morning.first, now=morning.now)
    later = morning.now + timedelta(minutes=1)
    seen = services.acknowledge_visit(visit=visit, staff=morning.first, now=later)
    assert seen.acknowledged_at == morning.now
    assert seen.state == Consultation.State.OFFERED

    triage.undo_allocation(visit=visit, staff=morning.clerk, now=morning.now)
    triage.allocate_visit(visit=visit, expected_sequence=None, staff=morning.clerk, now=later)
    visit.refresh_from_db()
    assert visit.consultant == morning.first
    again = services.acknowledge_visit(visit=visit, staff=morning.first, now=later + timedelta(minutes=1))
    assert again.pk == seen.pk
    assert again.acknowledged_at == later + timedelta(minutes=1)


def test_what_another_had_only_seen_does_not_stand_in_the_way(morning: Morning) -> None:
    visit = morning.arrive()
    services.acknowledge_visit(visit=visit, staff=morning.first, now=morning.now)
    services.decline_visit(visit=visit, reason="a relative of mine", staff=morning.first, now=morning.now)
    visit.refresh_from_db()
    assert visit.consultant == morning.second

    consultation = services.accept_visit(visit=visit, staff=morning.second, now=morning.now)

    states = dict(Consultation.objects.values_list("consultant", "state"))
    assert states == {morning.first.pk: "declined", morning.second.pk: "accepted"}
    assert consultation.consultant == morning.second


def test_declining_keeps_the_reason_and_suspends_the_seat(morning: Morning) -> None:
    visit = morning.arrive()

    declined = services.decline_visit(visit=visit, reason=" unwell ", staff=morning.first, now=morning.now)

    assert (declined.state, declined.decline_reason) == ("declined", "unwell")
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and seat.suspended
    with pytest.raises(Stale, match="moved_away"):
        services.decline_visit(visit=visit, reason="again", staff=morning.first, now=morning.now)


@pytest.mark.parametrize("reason", ["", "  "])
def test_declining_needs_a_reason(morning: Morning, reason: str) -> None:
    visit = morning.arrive()
    with pytest.raises(Refused, match="reason_missing"):
        services.decline_visit(visit=visit, reason=reason, staff=morning.first, now=morning.now)
    visit.refresh_from_db()
    assert visit.consultant == morning.first


def test_entering_is_a_reception_on_the_board_and_happens_once(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    services.enter_room(consultation=consultation, staff=morning.first, now=morning.now)

    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and seat.receptions == 1
    consultation.visit.refresh_from_db()
    assert consultation.visit.state == Visit.State.IN_ROOM


def test_one_visitor_at_a_time_in_a_room(morning: Morning) -> None:
    here = VisitFactory.create(consultant=morning.first, state=Visit.State.IN_ROOM, number=900)
    ConsultationFactory.create(visit=here, state=Consultation.State.IN_ROOM)
    second = morning.take(morning.arrive())

    with pytest.raises(Refused, match="room_taken") as refused:
        services.enter_room(consultation=second, staff=morning.first, now=morning.now)

    assert "900" in str(refused.value.message)
    second.visit.refresh_from_db()
    assert second.visit.state == Visit.State.ACCEPTED


def test_one_visitor_at_a_time_holds_in_the_database(morning: Morning) -> None:
    for number in (901, 902):
        visit = VisitFactory.create(consultant=morning.first, number=number)
        with transaction.atomic():
            if number == 901:
                ConsultationFactory.create(visit=visit, state=Consultation.State.IN_ROOM)
                continue
            with pytest.raises(IntegrityError, match="consultation_one_in_room"):
                ConsultationFactory.create(visit=visit, state=Consultation.State.IN_ROOM)
            transaction.set_rollback(True)


def test_no_finish_without_an_outcome(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    with pytest.raises(Refused, match="outcome_missing"):
        services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)


def test_no_finish_before_entering(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    with pytest.raises(Refused, match="not_in_room"):
        services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)


def test_a_first_visitor_belongs_to_her_receiver(morning: Morning) -> None:
    consultation = morning.part(morning.enter(morning.arrive()))

    consultation.visitor.refresh_from_db()
    assert consultation.visitor.owner == morning.first
    assert consultation.visitor.standing == Standing.NO_DEAL
    assert consultation.visitor.consulted_by == [morning.first.pk]
    consultation.visit.refresh_from_db()
    assert consultation.visit.state == Visit.State.FINISHED
    morning.board.refresh_from_db()
    seat = state_of(morning.board).seat(str(morning.first.pk))
    assert seat is not None and not seat.busy


def test_finishing_twice_is_finishing_once(morning: Morning) -> None:
    consultation = morning.part(morning.enter(morning.arrive()))
    again = services.finish_consultation(
        consultation=consultation, staff=morning.first, now=morning.now + timedelta(minutes=5)
    )
    assert again.finished_at == morning.now


def test_a_stand_in_does_not_become_the_owner(morning: Morning) -> None:
    visitor = morning.register("王美")
    visitor.owner = morning.first
    visitor.standing = Standing.NO_DEAL
    visitor.save()
    triage.set_seat_state(
        board=morning.board, consultant=morning.first, state="busy", free_in=90, staff=morning.clerk, now=morning.now
    )
    visit = morning.arrive(visitor)
    assert (visit.consultant, visit.rule) == (morning.second, "A7")

    morning.part(morning.enter(visit))

    visitor.refresh_from_db()
    assert visitor.owner == morning.first
    assert visitor.consulted_by == [morning.second.pk]


def test_a_visitor_whose_owner_has_left_belongs_to_the_receiver(morning: Morning, staff_with: MakeStaff) -> None:
    gone = staff_with(Role.CONSULTANT, active_until=date(2026, 2, 1))
    visitor = morning.register("王美")
    visitor.owner = gone
    visitor.standing = Standing.NO_DEAL
    visitor.save()

    visit = morning.arrive(visitor)
    morning.part(morning.enter(visit))

    visitor.refresh_from_db()
    assert visitor.owner == visit.consultant


def test_a_successor_becomes_the_owner(morning: Morning, staff_with: MakeStaff) -> None:
    gone = staff_with(Role.CONSULTANT, active_until=date(2026, 2, 1), successor=morning.second)
    visitor = morning.register("王美")
    visitor.owner = gone
    visitor.standing = Standing.PAID
    visitor.save()

    visit = morning.arrive(visitor)
    assert (visit.consultant, visit.rule) == (morning.second, "A9")
    morning.part(morning.enter(visit))

    visitor.refresh_from_db()
    assert visitor.owner == morning.second
    assert visitor.standing == Standing.PAID, "a visit without a deal takes nothing back"


def test_another_consultant_cannot_go_on_with_it(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    stranger: Staff = morning.second
    with pytest.raises(Stale, match="moved_away"):
        services.enter_room(consultation=consultation, staff=stranger, now=morning.now)


def test_a_decline_that_meets_an_acceptance_comes_too_late(transactional_db: None, morning: Morning) -> None:
    visit = morning.arrive()

    def decline() -> object:
        try:
            return services.decline_visit(visit=visit, reason="x", staff=morning.first, now=morning.now)
        except Stale as stale:
            return stale.code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.accept_visit(visit=visit, staff=morning.first, now=morning.now)
            answer = pool.submit(decline)
            # As long as the acceptance is not committed, the other waits for the visit.
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.5)
        assert answer.result() == "not_waiting"
    assert Consultation.objects.get().state == Consultation.State.ACCEPTED
