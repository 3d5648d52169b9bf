"""Who came for an appointment, who is late, and who did not come."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from clinic.models import Branch
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import Appointment, AppointmentEntry, PreReport
from reception.selectors import appointments as reads
from reception.tasks import close_appointments
from tests.conftest import MakeStaff, make_branch
from tests.factories.appointments import TOMORROW, book, pre_report
from tests.factories.reception import MORNING, VisitorFactory, make_clerk
from tests.reception.appointments.scenes import EVENING, TODAY, _State


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


def test_nobody_comes_for_the_appointment_of_somebody_else(branch: Branch, now: datetime) -> None:
    clerk, hers, other = make_clerk(branch), VisitorFactory(name="苏晚"), VisitorFactory(name="林朝")
    one = book(branch, day=branch.today(now), at="14:00", visitor=hers)
    with pytest.raises(Stale, match="appointment_state") as problem:
        services.register_arrival(visitor=other, branch=branch, projects=[], appointment=one, staff=clerk, now=now)
    assert "苏晚" in str(problem.value.message)
    services.register_arrival(visitor=hers, branch=branch, projects=[], appointment=one, staff=clerk, now=now)
    one.refresh_from_db()
    assert one.state == "arrived"
