"""Appointments: room in the half hours, answers of the day before, arrivals, and who did not come."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, BranchHours, Department, OutgoingMessage
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services, slots
from reception.models import Appointment, AppointmentEntry, MessageRefusal, PreReport, Visit, Visitor
from reception.selectors import appointments as reads
from reception.selectors.visitors import latest_history_id
from reception.tasks import close_appointments
from tests.conftest import MakeStaff, make_branch
from tests.factories.appointments import TOMORROW, book, pre_report
from tests.factories.reception import MORNING, ProjectFactory, VisitorFactory, make_clerk

TODAY = date(2026, 3, 11)
EVENING = MORNING + timedelta(hours=8, minutes=15)  # a quarter to seven in Shanghai: the house closed at six
_State = Appointment.State


def fill(branch: Branch, at: str, *, group: str = "consulting", left: int = 0, day: date = TOMORROW) -> None:
    """Leave so much room in a half hour."""
    projects = (
        [] if group == "consulting" else [ProjectFactory(department=Department.objects.get(branch=branch, kind=group))]
    )
    (plan,) = reads.plans_of(branch, [day])
    cell = (group, time.fromisoformat(at))
    taken = 0
    while plan.room(cell) - plan.used.get(cell, 0) > left:
        taken += 1
        book(branch, day=day, at=at, name=f"占位{taken}", projects=projects, minutes=30)
        (plan,) = reads.plans_of(branch, [day])


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


def test_answers_of_the_day_before(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent = staff_with(Role.PHONE_AGENT)
    one = book(branch, staff=agent, phone="+8613911112222")
    for _ in range(2):
        services.answer_appointment(appointment=one, what="not_reached", staff=agent, now=now)
    assert (one.state, one.not_reached) == (_State.BOOKED, 2)
    seen = one.version
    services.answer_appointment(appointment=one, what="confirmed", seen=seen, staff=agent, now=now)
    assert one.state == _State.CONFIRMED
    with pytest.raises(Stale, match="appointment_changed") as told:
        services.answer_appointment(appointment=one, what="cancelled", text="x", seen=seen, staff=agent, now=now)
    assert "Confirmed" in str(told.value.message)
    with pytest.raises(Refused, match="reason"):
        services.answer_appointment(appointment=one, what="cancelled", text=" ", staff=agent, now=now)
    services.answer_appointment(appointment=one, what="cancelled", text="出差", staff=agent, now=now)
    assert [entry.kind for entry in one.entries.all()] == [
        "booked", "not_reached", "not_reached", "confirmed", "cancelled",
    ]  # fmt: skip
    assert PreReport.objects.get().state == "lead"  # she is to be booked again
    with pytest.raises(Stale, match="appointment_state"):
        services.answer_appointment(appointment=one, what="confirmed", staff=agent, now=now)


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


def test_who_did_not_come_is_noted_once_however_often_it_runs(branch: Branch, now: datetime) -> None:
    absent = [book(branch, day=TODAY, at="14:00", name=f"缺席{n}", now=now) for n in range(2)]
    tomorrow = book(branch)
    with pytest.raises(Refused, match="not_over"):
        services.close_appointments_of(branch=branch, day=TOMORROW, staff=None, now=now)
    for expected in (2, 0):
        assert services.close_appointments_of(branch=branch, day=TODAY, staff=None, now=EVENING) == expected
    assert {one.state for one in Appointment.objects.filter(pk__in=[one.pk for one in absent])} == {_State.NO_SHOW}
    assert AppointmentEntry.objects.filter(kind="no_show").count() == 2
    tomorrow.refresh_from_db()
    assert tomorrow.state == _State.BOOKED
    again = book(branch, instead_of=absent[0], at="16:00")
    absent[0].refresh_from_db()
    assert (absent[0].state, again.instead_of) == (_State.NO_SHOW, absent[0])
    with pytest.raises(Stale, match="rebooked"):
        book(branch, instead_of=absent[0], at="17:00")


def test_the_task_waits_for_closing_and_catches_up_however_late(
    branch: Branch, now: datetime, time_machine: object
) -> None:
    book(branch, day=TODAY, at="14:00", now=now)
    abroad = make_branch("abroad", "海外院区", "Abroad")
    Branch.objects.filter(pk=abroad.pk).update(time_zone="Pacific/Honolulu")  # still the evening before there
    abroad.refresh_from_db()
    book(abroad, day=TODAY, at="14:00", now=now)
    travel = time_machine.move_to  # type: ignore[attr-defined]
    travel(MORNING)
    assert close_appointments() == 0
    travel(EVENING)
    assert close_appointments() == 1
    assert close_appointments() == 0
    travel(EVENING + timedelta(days=9))
    assert close_appointments() == 1


def test_an_arrival_is_matched_and_how_late_she_is(branch: Branch, now: datetime) -> None:
    visitor, clerk = VisitorFactory(), make_clerk(branch)
    report = pre_report(branch, clerk, visitor=visitor, now=now - timedelta(days=1))
    one = book(branch, day=TODAY, at="10:00", visitor=visitor, pre_report=report, now=now - timedelta(days=1))
    visit = services.register_arrival(
        visitor=visitor, branch=branch, projects=[], appointment=one, staff=clerk, now=now
    )
    one.refresh_from_db()
    report.refresh_from_db()
    assert (one.state, one.visit, one.late_minutes, report.state) == (_State.ARRIVED, visit, 30, "came")
    with pytest.raises(Stale, match="appointment_state"), transaction.atomic():
        services.register_arrival(
            visitor=VisitorFactory(), branch=branch, projects=[], appointment=one, staff=clerk, now=now
        )
    services.void_visit(visit=visit, reason="登记错了", staff=clerk, now=now)
    one.refresh_from_db()
    report.refresh_from_db()
    assert (one.state, one.visit, one.late_minutes, report.state) == (_State.BOOKED, None, 0, "booked")


def test_somebody_new_is_matched_by_her_phone_also_after_closing(branch: Branch, now: datetime) -> None:
    clerk = make_clerk(branch)
    one = book(branch, day=TODAY, at="14:00", phone="+8613911112222", now=now)
    services.close_appointments_of(branch=branch, day=TODAY, staff=None, now=EVENING)
    (found,) = reads.expected_today(visitor=None, phone="+8613911112222", branch=branch, day=TODAY)
    visit = services.register_newcomer(
        name="苏晚", phone="13911112222", branch=branch, projects=[], appointment=found, request_key=uuid4(),
        staff=clerk, now=EVENING,
    )  # fmt: skip
    one.refresh_from_db()
    assert (one.state, one.visit, one.visitor) == (_State.ARRIVED, visit, visit.visitor)
    assert one.late_minutes == 285


def test_who_is_expected_and_not_here_is_late_after_five_minutes(branch: Branch, now: datetime) -> None:
    one = book(branch, day=TODAY, at="10:00", now=now - timedelta(days=1))
    clerk = make_clerk(branch)
    clerk.groups.add(Group.objects.get_or_create(name=Role.RECEPTION.value)[0])
    for minutes, late in ((5, 0), (6, 1)):
        at = MORNING - timedelta(minutes=30 - minutes)
        calendar = reads.calendar_of(clerk, TODAY, at)
        assert (calendar.counts["late"], one.is_late(at)) == (late, bool(late))


def test_five_minutes_are_not_late(branch: Branch, now: datetime) -> None:
    visitor = VisitorFactory()
    one = book(branch, day=TODAY, at="10:30", visitor=visitor, now=now)
    services.register_arrival(
        visitor=visitor, branch=branch, projects=[], appointment=one, staff=make_clerk(branch),
        now=MORNING + timedelta(minutes=5),
    )  # fmt: skip
    one.refresh_from_db()
    assert one.late_minutes == 0


def test_the_message_is_asked_for_once_in_her_language(branch: Branch, now: datetime) -> None:
    clerk = make_clerk(branch)
    chinese = book(branch, phone="+8613911112222")
    english = book(branch, name="O'Brien <b>", phone="+8613911113333", at="11:00")
    for one in (chinese, chinese, english):
        services.ask_for_message(appointment=one, staff=clerk, now=now)
    first, second = OutgoingMessage.objects.order_by("pk")
    assert (first.language, second.language) == ("zh-hans", "en")
    assert "滨江院区" in first.body and "苏晚" in first.body and "10:00" in first.body
    assert "Riverside" in second.body and "O'Brien <b>" in second.body
    assert chinese.entries.filter(kind="messaged").count() == 1


def test_who_wants_no_messages_gets_none(branch: Branch, now: datetime) -> None:
    clerk = make_clerk(branch)
    one = book(branch, phone="+8613911112222")
    for _ in range(2):
        services.refuse_messages(appointment=one, staff=clerk, now=now)
    assert MessageRefusal.objects.count() == 1
    for refused, code in ((one, "wants_none"), (book(branch, name="无号", at="11:00"), "no_phone")):
        with pytest.raises(Refused, match=code):
            services.ask_for_message(appointment=refused, staff=clerk, now=now)
    assert not OutgoingMessage.objects.exists()


def test_who_consented_to_no_messages_gets_none(branch: Branch, now: datetime) -> None:
    clerk, visitor = make_clerk(branch), VisitorFactory(phone="+8613911114444")
    one = book(branch, visitor=visitor)
    services.record_consents(visitor=visitor, answers={"messages": "refused"}, staff=clerk, now=now)
    with pytest.raises(Refused, match="wants_none"):
        services.ask_for_message(appointment=one, staff=clerk, now=now)
    assert reads.refused_messages([one]) == {"+8613911114444"}
    services.record_consents(visitor=visitor, answers={"messages": "given"}, staff=clerk, now=now)
    assert reads.refused_messages([one]) == set()
    services.ask_for_message(appointment=one, staff=clerk, now=now)
    assert OutgoingMessage.objects.count() == 1


def test_a_refusal_stays_hers_when_her_record_is_merged_into_another(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    supervisor, phone = staff_with(Role.DESK_SUPERVISOR), "+8613911115555"
    survivor, other = VisitorFactory(phone=""), VisitorFactory(phone=phone)
    services.record_consents(visitor=other, answers={"messages": "refused"}, staff=supervisor, now=now)
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}
    services.merge_visitors(
        survivor=survivor, other=other, keep={"phone": "other"}, seen=seen, staff=supervisor, now=now
    )
    survivor.refresh_from_db()
    assert not reads.may_send_messages(phone=phone)
    services.record_consents(visitor=survivor, answers={"messages": "given"}, staff=supervisor, now=now)
    assert reads.may_send_messages(phone=phone)
    services.record_consents(visitor=survivor, answers={"messages": "withdrawn"}, staff=supervisor, now=now)
    assert not reads.may_send_messages(phone=phone)


def test_nobody_comes_for_the_appointment_of_somebody_else(branch: Branch, now: datetime) -> None:
    clerk, hers, other = make_clerk(branch), VisitorFactory(name="苏晚"), VisitorFactory(name="林朝")
    one = book(branch, day=branch.today(now), at="14:00", visitor=hers)
    with pytest.raises(Stale, match="appointment_state") as problem:
        services.register_arrival(visitor=other, branch=branch, projects=[], appointment=one, staff=clerk, now=now)
    assert "苏晚" in str(problem.value.message)
    services.register_arrival(visitor=hers, branch=branch, projects=[], appointment=one, staff=clerk, now=now)
    one.refresh_from_db()
    assert one.state == "arrived"


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


def test_everybody_who_can_have_the_message_and_has_none_is_sent_it_together(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    clerk = staff_with(Role.RECEPTION)
    phones = (f"+861391111{number:04d}" for number in range(100))
    wanted = [book(branch, name=name, at=at, phone=next(phones)) for name, at in (("苏晚", "10:00"), ("Ann", "11:00"))]
    has_one = book(branch, name="已发", at="12:00", phone=next(phones))
    services.ask_for_message(appointment=has_one, staff=clerk, now=now)
    confirmed = book(branch, name="已确认", at="13:00", phone=next(phones))
    services.answer_appointment(appointment=confirmed, what="confirmed", staff=clerk, now=now)
    unwilling = book(branch, name="不收", at="14:00", phone=next(phones))
    services.refuse_messages(appointment=unwilling, staff=clerk, now=now)
    numberless = book(branch, name="无号", at="15:00")
    for day in (TODAY, TOMORROW + timedelta(days=1)):
        book(branch, name="别日", day=day, at="16:00", phone=next(phones))
    found = reads.recipients_among(list(reads.day_before_list(clerk, TOMORROW)), now)
    assert list(found.wanted) == wanted
    assert {why: list(rows) for why, rows in found.left_out.items()} == {
        "sent": [has_one],
        "confirmed": [confirmed],
        "no_phone": [numberless],
        "wants_none": [unwilling],
    }
    assert [services.ask_for_messages(day=TOMORROW, staff=clerk, now=now) for _ in range(2)] == [2, 0]
    first, second = OutgoingMessage.objects.exclude(about=f"appointment {has_one.pk}").order_by("pk")
    assert "苏晚" in first.body and "10:00" in first.body
    assert (second.language, str(second.phone)[-4:]) == ("en", "0001")
    wanted[0].refresh_from_db()
    assert (wanted[0].messaged_at, wanted[0].version) == (now, 2)
    assert [entry.kind for entry in wanted[0].entries.all()] == ["booked", "messaged"]
    assert AuditEntry.objects.get(action="reception.ask_for_messages").detail["messages"] == 2


def test_an_agent_messages_her_own_and_nobody_whose_time_is_over(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    mine, other = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT)
    earlier = now - timedelta(days=1)
    book(branch, day=TODAY, at="10:30", staff=mine, phone="+8613911110001", now=earlier)
    own = book(branch, day=TODAY, at="11:00", staff=mine, phone="+8613911110002", now=earlier)
    hers = book(branch, day=TODAY, at="11:30", staff=other, phone="+8613911110003", now=earlier)
    assert services.ask_for_messages(day=TODAY, staff=mine, now=now) == 1
    assert OutgoingMessage.objects.get().about == f"appointment {own.pk}"
    clerk = staff_with(Role.RECEPTION)
    assert services.ask_for_messages(day=TODAY, agent=mine.pk, staff=clerk, now=now) == 0
    assert services.ask_for_messages(day=TODAY, agent=other.pk, staff=clerk, now=now) == 1
    assert OutgoingMessage.objects.latest("pk").about == f"appointment {hers.pk}"


def test_messages_to_everybody_ask_the_database_the_same_for_one_and_for_fifty(
    branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    clerk = staff_with(Role.RECEPTION)
    clerk.capabilities  # noqa: B018 - read once a request
    asked = []
    for number in (1, 50):
        for one in range(number):
            at = f"{slots.clock(9 * 60 + 30 * (one % 17)):%H:%M}"
            Appointment.objects.create(
                branch=branch, day=TOMORROW, starts=at, minutes=30, group="laser", weight=1, name=f"顾客{one}",
                phone=f"+861391{number:02d}{one:05d}", agent=clerk, made_by=clerk, made_at=now,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert services.ask_for_messages(day=TOMORROW, staff=clerk, now=now) == number
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_message_everybody_at_once_each_visitor_hears_once() -> None:
    branch = make_branch()
    clerk = make_clerk(branch)
    clerk.groups.add(Group.objects.get_or_create(name=Role.RECEPTION.value)[0])
    for number in range(8):
        book(branch, name=f"顾客{number}", at=f"{9 + number:02d}:00", phone=f"+861391111000{number}")
    start = Barrier(4)

    def send(_number: int) -> int:
        try:
            start.wait()
            return services.ask_for_messages(day=TOMORROW, staff=clerk, now=MORNING)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clerks:
        assert sorted(clerks.map(send, range(4))) == [0, 0, 0, 8]
    assert OutgoingMessage.objects.count() == 8
