"""Appointments: room in the half hours, who is booked, and another time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, BranchHours, Department
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services, slots
from reception.models import Appointment, AppointmentEntry, PreReport, Visit, Visitor
from reception.selectors import appointments as reads
from tests.conftest import MakeStaff, make_branch
from tests.factories.appointments import TOMORROW, book, pre_report
from tests.factories.reception import ProjectFactory, VisitorFactory, make_clerk
from tests.reception.appointments.scenes import TODAY, _State, fill


def test_a_booking_says_who_when_what_for_and_what_it_takes(branch: Branch, now: datetime) -> None:
    surgery = ProjectFactory(rank=3)
    skin = ProjectFactory(rank=9, department=Department.objects.get(branch=branch, kind="laser"))
    visitor = VisitorFactory(vip=True)
    made = book(branch, visitor=visitor, projects=[skin, surgery], urgent=True, at="14:30", note="怕疼")
    assert (made.group, made.minutes, made.weight) == ("surgery", 60, 4)  # an operation, urgent, and a VIP
    assert [wish.project for wish in made.wishes.all()] == [skin, surgery]
    assert (made.name, made.phone, made.state) == (visitor.name, visitor.phone, _State.BOOKED)
    assert [entry.kind for entry in made.entries.all()] == ["booked"]
    assert AuditEntry.objects.filter(action="reception.book_appointment", object_id=str(made.pk)).exists()


def test_a_phone_that_is_on_file_once_means_that_visitor(branch: Branch, now: datetime) -> None:
    visitor = VisitorFactory(phone="13800138000")
    assert book(branch, name="苏晚", phone="+8613800138000").visitor == visitor
    VisitorFactory(phone="13800138000")
    assert book(branch, name="苏晚", phone="+8613800138000", at="11:00").visitor is None


def test_the_last_room_is_given_once_and_the_second_is_told_the_next_times(branch: Branch, now: datetime) -> None:
    fill(branch, "10:00")
    with pytest.raises(Stale) as told:
        book(branch, name="迟来")
    assert told.value.code == "slot_full"
    assert told.value.detail["free"][:2] == [(TOMORROW, time(10, 30)), (TOMORROW, time(11))]
    assert not Appointment.objects.filter(name="迟来").exists()


def test_all_half_hours_an_appointment_covers_need_room(branch: Branch, now: datetime) -> None:
    fill(branch, "10:30")
    with pytest.raises(Stale, match="slot_full"):
        book(branch, at="10:00", minutes=60)
    assert book(branch, at="10:00", minutes=30).minutes == 30


def test_only_who_sets_capacity_overbooks_and_only_with_a_reason(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    fill(branch, "10:00")
    supervisor, clerk = staff_with(Role.DESK_SUPERVISOR), staff_with(Role.RECEPTION)
    for staff, reason in ((supervisor, "  "), (clerk, "老顾客")):
        with pytest.raises(Stale, match="slot_full"):
            book(branch, staff=staff, overbook_reason=reason)
    made = book(branch, staff=supervisor, overbook_reason="老顾客，院长同意")
    assert made.overbooked_because == "老顾客，院长同意"
    assert made.entries.get().text == "老顾客，院长同意"


def test_capacity_is_set_by_half_hour_and_weekday(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    supervisor = staff_with(Role.DESK_SUPERVISOR)
    common = {"branch": branch, "group": "consulting", "begins": time(10), "ends": time(11), "staff": supervisor}
    for capacity in (7, 1):
        count = services.set_capacity(**common, weekdays=[3], capacity=capacity, now=now)  # type: ignore[arg-type]
        assert count == 2
    book(branch, at="10:00")
    with pytest.raises(Stale, match="slot_full"):
        book(branch, at="10:00", name="第二位")
    assert book(branch, at="10:00", name="第二位", day=TOMORROW + timedelta(days=1))
    with pytest.raises(Refused, match="half_hours"):
        services.set_capacity(**common | {"ends": time(10, 20)}, weekdays=[3], capacity=1, now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "at", "more", "code"),
    [
        (TODAY, "10:00", {}, "past"),  # it is half past ten
        (TODAY - timedelta(days=1), "15:00", {}, "past"),
        (TODAY + timedelta(days=3 * 366), "10:00", {}, "too_far"),
        (TOMORROW, "10:10", {}, "half_hours"),
        (TOMORROW, "10:00", {"minutes": 45}, "half_hours"),
        (TOMORROW, "08:30", {}, "closed_then"),
        (TOMORROW, "17:30", {"minutes": 60}, "closed_then"),
        (TOMORROW, "10:00", {"name": ""}, "nobody"),
    ],
)
def test_times_that_cannot_be_are_refused(
    branch: Branch, now: datetime, day: date, at: str, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        book(branch, day=day, at=at, **more)


def test_the_half_hour_that_runs_can_still_be_booked(branch: Branch, now: datetime) -> None:
    assert book(branch, day=TODAY, at="10:30")


def test_a_day_the_house_is_closed_has_no_room(branch: Branch, now: datetime) -> None:
    BranchHours.objects.filter(branch=branch, weekday=TOMORROW.weekday()).delete()
    with pytest.raises(Refused, match="closed_then"):
        book(branch)
    assert reads.next_working_day(branch, TODAY) == TOMORROW + timedelta(days=1)


def test_sent_twice_it_is_booked_once_and_something_else_is_noticed(branch: Branch, now: datetime) -> None:
    key = uuid4()
    assert book(branch, request_key=key) == book(branch, request_key=key)
    with pytest.raises(Stale, match="request_used"):
        book(branch, request_key=key, at="11:00")
    with pytest.raises(Refused, match="booked_already"):
        book(branch, request_key=uuid4())


def test_what_an_agent_books_is_her_pre_report_too(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent = staff_with(Role.PHONE_AGENT)
    made = book(branch, staff=agent, name="苏晚", phone="+8613911112222", note="想约周末")
    report = PreReport.objects.get()
    assert (made.pre_report, report.agent, report.said, report.state) == (report, agent, "想约周末", "booked")
    book(branch, staff=agent, name="苏晚", phone="+8613911112222", at="15:00")
    assert PreReport.objects.count() == 1
    book(branch, name="别人")
    assert PreReport.objects.count() == 1  # the desk announces nobody


def test_another_time_keeps_the_chain_and_frees_the_room(branch: Branch, now: datetime) -> None:
    fill(branch, "10:00", left=1)
    first = book(branch, phone="+8613911112222")
    second = book(branch, instead_of=first, at="10:00", minutes=60, seen=first.version)
    first.refresh_from_db()
    assert (first.state, second.state, second.instead_of) == (_State.MOVED, _State.BOOKED, first)
    assert (second.name, second.phone) == (first.name, first.phone)
    third = book(branch, instead_of=second, at="11:00", day=TOMORROW + timedelta(days=2))
    assert reads.chain_of(third) == [first, second]
    with pytest.raises(Stale, match="appointment_state"):
        book(branch, instead_of=first, at="12:00")


def test_a_chain_of_any_length_is_one_query(
    branch: Branch, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chain = [book(branch, at="10:00")]
    with django_assert_num_queries(0):
        assert reads.chain_of(chain[0]) == []
    for number in range(23):
        chain.append(book(branch, instead_of=chain[-1], day=TOMORROW + timedelta(days=number + 1)))
        if number in (0, 22):
            with django_assert_num_queries(1):
                days = [one.begins_at.date() for one in reads.chain_of(chain[-1])]
            assert days == [one.day for one in chain[:-1][-20:]]
    chain[0].refresh_from_db()
    assert reads.chain_of(chain[1]) == [chain[0]]


def test_a_deferred_project_gets_a_call_back(branch: Branch, now: datetime) -> None:
    one = book(branch, phone="+8613911112222", projects=[ProjectFactory()])
    due = now + timedelta(days=30)
    staff = make_clerk(branch)
    services.answer_appointment(
        appointment=one, what="cancelled", text="先旅游", call_again_at=due, staff=staff, now=now
    )
    report = PreReport.objects.get()
    assert (report.promise_due_at, report.state, report.agent) == (due, "lead", staff)
    assert [wish.project for wish in report.wishes.all()] == [wish.project for wish in one.wishes.all()]


def test_a_pre_report_stands_as_all_its_appointments_do(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent, visitor = staff_with(Role.PHONE_AGENT), VisitorFactory()
    report = pre_report(branch, agent, visitor=visitor, now=now)
    first, second = (book(branch, at=at, visitor=visitor, staff=agent, pre_report=report) for at in ("10:00", "15:00"))

    def cancel(one: Appointment) -> str:
        services.answer_appointment(appointment=one, what="cancelled", text="改期", staff=agent, now=now)
        report.refresh_from_db()
        return report.state

    assert cancel(first) == "booked"
    assert cancel(second) == "lead"


def test_the_history_of_an_appointment_cannot_be_rewritten(branch: Branch, now: datetime) -> None:
    entry = book(branch).entries.get()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        AppointmentEntry.objects.filter(pk=entry.pk).update(text="x")


def test_an_agent_sees_her_own_and_the_room_others_take(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    mine, other = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    own = book(branch, staff=mine, name="我的")
    book(branch, staff=other, name="她的")
    calendar = reads.calendar_of(mine, TOMORROW, now)
    cell = next(
        cell for row in calendar.rows for cell in row.cells if cell.starts == time(10) and cell.group == "consulting"
    )
    assert ([one.pk for one in cell.appointments], cell.hidden, cell.used) == ([own.pk], 1, 2)
    assert list(reads.day_before_list(mine, TOMORROW)) == [own]
    assert reads.day_before_list(staff_with(Role.RECEPTION), TOMORROW).count() == 2
    assert not reads.appointments_seen_by(staff_with(Role.CONSULTANT)).exists()


def test_who_takes_an_hour_stands_in_both_half_hours(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    mine, other = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    own = book(branch, staff=mine, minutes=90)
    book(branch, staff=other, name="她的", minutes=90)
    called_off = book(branch, staff=mine, name="不来", minutes=60)
    services.answer_appointment(
        appointment=called_off, what="cancelled", text="不来了", seen=called_off.version, staff=mine, now=now
    )
    calendar = reads.calendar_of(mine, TOMORROW, now)
    column = {cell.starts: cell for row in calendar.rows for cell in row.cells if cell.group == "consulting"}
    assert [time(10), time(10, 30), time(11), time(11, 30)] == [at for at in column if time(10) <= at < time(12)]
    going_on = {at: [one.pk for one in column[at].going_on] for at in column if time(10) <= at < time(12)}
    assert going_on == {time(10): [], time(10, 30): [own.pk], time(11): [own.pk], time(11, 30): []}


def test_the_lists_ask_the_database_the_same_at_one_row_and_at_fifty(
    branch: Branch, staff_with: MakeStaff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clerk = staff_with(Role.RECEPTION)
    clerk.capabilities  # noqa: B018 - read once a request
    project = ProjectFactory()
    for number in range(50):
        if number in (1, 49):
            with django_assert_num_queries(5):
                assert reads.calendar_of(clerk, TOMORROW, now).counts["booked"] == number
            with django_assert_num_queries(2):
                assert len(reads.day_before_list(clerk, TOMORROW)) == number
        at = f"{slots.clock(9 * 60 + 30 * (number % 17)):%H:%M}"
        made = book(branch, at=at, name=f"顾客{number}", minutes=30)
        made.projects.add(project, through_defaults={"position": 0})


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_room_at_once_one_gets_it() -> None:
    branch = make_branch()
    clerk = make_clerk(branch)
    fill(branch, "10:00", left=1)
    start = Barrier(6)

    def try_it(number: int) -> str:
        try:
            start.wait()
            book(branch, name=f"同时{number}", staff=clerk)
        except Stale as told:
            return told.code
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(6) as clerks:
        answers = sorted(clerks.map(try_it, range(6)))
    assert answers == ["booked"] + ["slot_full"] * 5
    assert Visit.objects.count() == 0 and Visitor.objects.count() == 0
