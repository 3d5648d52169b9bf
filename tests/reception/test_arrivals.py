"""Arrivals: numbers without a gap, one visit for one visitor, whatever is sent how often."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEntry, Branch, Counter, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import PossibleDuplicate, Visit, Visitor
from reception.selectors import find_visitors
from tests.conftest import MakeStaff, make_branch
from tests.factories.appointments import book
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory, make_clerk


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION)


def arrive(visitor: Visitor, staff: Staff, **changes: Any) -> Visit:
    fields: dict[str, Any] = {"branch": staff.branch, "projects": [], "staff": staff, "now": MORNING}
    return services.register_arrival(visitor=visitor, **(fields | changes))


def test_a_visit_has_the_next_number_of_the_branch_day(clerk: Staff, other_branch: Branch) -> None:
    assert [arrive(VisitorFactory(), clerk).number for _ in range(3)] == [1, 2, 3]
    assert arrive(VisitorFactory(), clerk, branch=other_branch).number == 1
    assert arrive(VisitorFactory(), clerk, now=MORNING + timedelta(days=1)).number == 1


def test_the_day_is_the_one_of_the_branch(clerk: Staff) -> None:
    late = datetime(2026, 3, 11, 16, 30, tzinfo=UTC)
    assert str(arrive(VisitorFactory(), clerk, now=late).day) == "2026-03-12"


def test_projects_keep_the_order_in_which_they_were_named_and_stand_once(clerk: Staff) -> None:
    one, two, three = ProjectFactory.create_batch(3)
    visit = arrive(VisitorFactory(), clerk, projects=[three, one, three, two])
    assert [wish.project for wish in visit.wishes.all()] == [three, one, two]


def test_an_arrival_is_recorded_announced_and_noted_on_the_visitor(clerk: Staff) -> None:
    visitor = VisitorFactory()
    visit = arrive(visitor, clerk)
    visitor.refresh_from_db()
    assert visitor.last_visit_on == visit.day
    entry = AuditEntry.objects.get(action="reception.register_arrival")
    assert (entry.staff, entry.object_id) == (clerk, str(visit.pk))
    assert OutboxEvent.objects.latest("pk").topics == [f"register-{clerk.branch_id}", f"visitor-{visitor.pk}"]


def test_who_is_here_already_is_said_with_number_place_and_time(clerk: Staff) -> None:
    visitor = VisitorFactory()
    arrive(visitor, clerk)
    with pytest.raises(Refused) as refused:
        arrive(visitor, clerk, now=MORNING + timedelta(minutes=5))
    assert refused.value.code == "already_here"
    sentence = str(refused.value.message)
    assert "001" in sentence
    assert "Riverside" in sentence
    assert "10:30" in sentence
    assert arrive(VisitorFactory(), clerk).number == 2


@pytest.mark.parametrize(("state", "ended"), [("waiting", "left"), ("in_room", "finished")])
def test_a_visit_forgotten_yesterday_does_not_bar_today(clerk: Staff, state: str, ended: str) -> None:
    old = VisitFactory(now=MORNING - timedelta(days=1))
    Visit.objects.filter(pk=old.pk).update(state=state)
    today = arrive(old.visitor, clerk)
    old.refresh_from_db()
    assert (old.state, today.state) == (ended, "registered")
    assert AuditEntry.objects.filter(action="reception.end_forgotten_visit", object_id=str(old.pk)).exists()


def test_the_same_request_again_gives_the_same_visit(clerk: Staff) -> None:
    visitor, key = VisitorFactory(), uuid4()
    assert arrive(visitor, clerk, request_key=key) == arrive(visitor, clerk, request_key=key)
    assert Visit.objects.count() == 1


def test_another_arrival_under_the_same_key_is_noticed(clerk: Staff) -> None:
    visitor, key = VisitorFactory(), uuid4()
    first = arrive(visitor, clerk, request_key=key)
    others: list[tuple[Visitor, dict[str, Any]]] = [
        (VisitorFactory(), {}),
        (visitor, {"note": "改了"}),
        (visitor, {"circumstances": {"emergency": True}}),
    ]
    for other, changes in others:
        with pytest.raises(Stale) as stale:
            arrive(other, clerk, request_key=key, **changes)
        assert (stale.value.code, stale.value.detail) == ("request_used", {"made": first.pk})
        assert f"001 {visitor.name} at 10:30" in str(stale.value.message)
    assert Visit.objects.get() == first


def test_another_appointment_under_the_same_key_is_noticed(clerk: Staff) -> None:
    visitor, key = VisitorFactory(), uuid4()
    booked = book(clerk.branch, visitor=visitor, day=MORNING.date(), at="11:00")
    first = arrive(visitor, clerk, request_key=key)
    with pytest.raises(Stale, match="request_used"):
        arrive(visitor, clerk, request_key=key, appointment=booked)
    someone, other = uuid4(), book(clerk.branch, name="曾小美", day=MORNING.date(), at="12:00")
    newcomer(clerk, request_key=someone)
    with pytest.raises(Stale, match="request_used"):
        newcomer(clerk, request_key=someone, appointment=other)
    booked.refresh_from_db()
    assert booked.visit is None
    assert Visit.objects.filter(visitor=visitor).get() == first


def test_another_newcomer_under_the_same_key_is_noticed(clerk: Staff) -> None:
    key = uuid4()
    first = newcomer(clerk, request_key=key)
    assert newcomer(clerk, request_key=key, another_person=True) == first
    with pytest.raises(Stale, match="request_used"):
        newcomer(clerk, request_key=key, name="别人")
    assert Visitor.objects.count() == 1


def newcomer(staff: Staff, **changes: Any) -> Visit:
    fields: dict[str, Any] = {
        "name": "曾小美",
        "phone": "13800138000",
        "branch": staff.branch,
        "projects": [],
        "request_key": uuid4(),
        "staff": staff,
        "now": MORNING,
    }
    return services.register_newcomer(**(fields | changes))


def test_somebody_new_is_registered_with_her_arrival(clerk: Staff) -> None:
    visit = newcomer(clerk, card_declined=True, gender=Visitor.Gender.FEMALE)
    assert (visit.visitor.name, str(visit.visitor.phone)) == ("曾小美", "+8613800138000")
    assert visit.visitor.card_declined
    assert visit.visitor.file_number == f"F{visit.visitor.pk:06d}"


def test_the_same_name_or_phone_is_asked_about_before_a_second_record_is_made(clerk: Staff) -> None:
    first = newcomer(clerk)
    with pytest.raises(Stale) as question:
        newcomer(clerk, name="曾母")
    assert (question.value.code, question.value.detail) == ("possible_duplicate", {"visitors": [first.visitor_id]})
    assert Visitor.objects.count() == 1
    mother = newcomer(clerk, name="曾母", another_person=True)
    assert mother.visitor.phone == first.visitor.phone
    assert mother.number == 2


def test_the_same_name_is_asked_about_unless_phone_or_birth_date_tell_the_two_apart(clerk: Staff) -> None:
    born = MORNING.date().replace(year=1990)
    first = newcomer(clerk, phone="", birth_on=born)
    second = newcomer(clerk, phone="13900139006")
    with pytest.raises(Stale) as question:
        newcomer(clerk, phone="", name=" 曾小美 ", birth_on=born)
    assert question.value.detail == {"visitors": [first.visitor_id]}
    with pytest.raises(Stale) as question:
        newcomer(clerk, phone="", name=" 曾小美 ")
    assert question.value.detail == {"visitors": [second.visitor_id, first.visitor_id]}
    newcomer(clerk, phone="", birth_on=born.replace(year=1991))


def test_two_of_one_name_and_nothing_else_known_are_not_put_down_as_a_pair(clerk: Staff) -> None:
    newcomer(clerk, phone="")
    newcomer(clerk, phone="", another_person=True)
    assert not PossibleDuplicate.objects.exists()


def test_a_void_entry_keeps_its_number_and_the_visitor_comes_again(clerk: Staff) -> None:
    visit = VisitFactory()
    services.void_visit(visit=visit, reason=" 登记错人 ", staff=clerk, now=MORNING)
    visit.refresh_from_db()
    assert (visit.state, visit.void_reason, visit.number) == ("void", "登记错人", 1)
    assert arrive(visit.visitor, clerk).number == 2


def test_a_void_entry_is_no_last_visit(clerk: Staff) -> None:
    earlier, visitor = MORNING - timedelta(days=40), VisitorFactory(name="张静")
    other = VisitFactory(visitor=VisitorFactory(name="张静"), now=MORNING - timedelta(days=7)).visitor
    over = VisitFactory(visitor=visitor, now=earlier)
    services.record_progress(visit=over, state="left", now=earlier)
    wrong = VisitFactory(visitor=visitor)
    assert find_visitors("张静") == [visitor, other]
    services.void_visit(visit=wrong, reason="登记错人", staff=clerk, now=MORNING)
    visitor.refresh_from_db()
    assert visitor.last_visit_on == over.day
    assert find_visitors("张静") == [other, visitor]


def test_who_was_only_here_by_a_void_entry_was_never_here(clerk: Staff) -> None:
    visit = VisitFactory()
    services.void_visit(visit=visit, reason="登记错人", staff=clerk, now=MORNING)
    visit.visitor.refresh_from_db()
    assert visit.visitor.last_visit_on is None


def test_a_void_entry_needs_a_reason(clerk: Staff) -> None:
    with pytest.raises(Refused, match="reason"):
        services.void_visit(visit=VisitFactory(), reason="  ", staff=clerk, now=MORNING)


def test_an_allocated_visit_is_not_made_void(clerk: Staff, staff_with: MakeStaff) -> None:
    visit = VisitFactory(consultant=staff_with(Role.CONSULTANT))
    with pytest.raises(Stale, match="visit_state"):
        services.void_visit(visit=visit, reason="x", staff=clerk, now=MORNING)


def test_a_visit_somebody_is_asked_about_is_not_made_void(clerk: Staff) -> None:
    visit = VisitFactory()
    Visit.objects.filter(pk=visit.pk).update(rule="A14", visit_type="first", type_rule="C1")
    with pytest.raises(Stale, match="asked"):
        services.void_visit(visit=visit, reason="x", staff=clerk, now=MORNING)


def test_the_database_itself_refuses_a_second_open_visit(clerk: Staff) -> None:
    visit = VisitFactory()
    with pytest.raises(IntegrityError, match="visit_one_open_per_visitor"), transaction.atomic():
        Visit.objects.create(
            branch=visit.branch,
            day=visit.day,
            number=99,
            visitor=visit.visitor,
            arrived_at=MORNING,
            registered_by=clerk,
        )


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run every work in a thread and a connection of its own, all starting together; return results or errors."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def committed_clerk(transactional_db: None) -> Staff:
    return make_clerk(make_branch())


def test_numbers_have_no_gap_when_many_clerks_register_at_once(committed_clerk: Staff) -> None:
    clerk = committed_clerk
    visitors = VisitorFactory.create_batch(60)
    shares = [visitors[i::12] for i in range(12)]

    def some(share: list[Visitor]) -> None:
        for place, visitor in enumerate(share):
            if place == 2:
                with pytest.raises(ZeroDivisionError), transaction.atomic():
                    arrive(visitor, clerk)
                    raise ZeroDivisionError
            arrive(visitor, clerk)

    results = at_once([lambda share=share: some(share) for share in shares])  # type: ignore[misc]
    assert results == [None] * 12
    assert sorted(Visit.objects.values_list("number", flat=True)) == list(range(1, 61))
    assert Counter.objects.get().last_number == 60


def test_one_visitor_registered_by_many_clerks_at_once_is_one_visit(committed_clerk: Staff) -> None:
    visitor = VisitorFactory()
    results = at_once([lambda: arrive(visitor, committed_clerk, request_key=uuid4())] * 8)
    assert sorted(type(result).__name__ for result in results) == ["Refused"] * 7 + ["Visit"]
    assert {result.code for result in results if isinstance(result, Refused)} == {"already_here"}
    assert Counter.objects.get().last_number == 1


def test_r5_one_request_sent_many_times_at_once_is_one_visitor_and_one_visit(committed_clerk: Staff) -> None:
    key = uuid4()
    results = at_once([lambda: newcomer(committed_clerk, request_key=key)] * 20)
    assert {result.pk for result in results} == {Visit.objects.get().pk}
    assert Visitor.objects.count() == 1


def test_two_clerks_taking_in_the_same_new_person_make_one_record(committed_clerk: Staff) -> None:
    results = at_once([lambda: newcomer(committed_clerk)] * 6)
    assert sorted(type(result).__name__ for result in results) == ["Stale"] * 5 + ["Visit"]
    assert Visitor.objects.count() == 1
