"""A complaint's way: numbers without gaps, guarded steps, a time line that stays, and who may see it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import Error, transaction

from clinic.models import Branch, Department, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from complaints import selectors
from complaints.models import Complaint, ComplaintEntry
from complaints.selectors import Wanted
from complaints.services import (
    add_note,
    assign_complaint,
    close_complaint,
    decide_complaint,
    take_complaint,
)
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.factories.complaints import a_complaint
from tests.factories.followups import FollowedVisitorFactory, a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CUSTOMER_SERVICE, display_name="周琳")


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR, display_name="陈静")


def test_numbers_run_per_branch_and_year_of_the_branch(
    agent: Staff, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    elsewhere = staff_with(branch=other_branch)
    new_year_here = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    numbers = [
        a_complaint(agent, now=now).number,
        a_complaint(agent, now=now).number,
        a_complaint(elsewhere, now=now).number,
        a_complaint(agent, now=new_year_here - timedelta(seconds=1)).number,
        a_complaint(agent, now=new_year_here).number,
    ]
    assert numbers == ["C2026-0001", "C2026-0002", "C2026-0001", "C2026-0003", "C2027-0001"]


def test_a_refused_complaint_leaves_no_gap(agent: Staff, now: datetime) -> None:
    other = FollowedVisitorFactory.create(registered_in=agent.branch)
    call = a_call(agent.branch, now=now)
    for wrong in ({"text": "  "}, {"level": "huge"}, {"call_back": call, "visitor": other}):
        with pytest.raises(Refused):
            a_complaint(agent, now=now, **wrong)
    assert a_complaint(agent, now=now).number == "C2026-0001"


def test_the_same_form_sent_twice_is_one_complaint(agent: Staff, now: datetime) -> None:
    key = uuid4()
    assert a_complaint(agent, now=now, request_key=key) == a_complaint(agent, now=now, request_key=key)
    assert Complaint.objects.count() == ComplaintEntry.objects.count() == 1
    with pytest.raises(Stale, match="request_used"):
        a_complaint(agent, now=now, request_key=key, text="另一件事")
    assert Complaint.objects.count() == 1


def test_a_call_brings_its_visitor_and_operation(agent: Staff, now: datetime) -> None:
    call = a_call(agent.branch, now=now)
    complaint = a_complaint(agent, now=now, call_back=call, channel="call_back")
    assert (complaint.visitor, complaint.treatment, complaint.responsible) == (call.visitor, call.treatment, agent)
    assert list(call.complaints.all()) == [complaint]


def test_a_major_one_is_told_at_once_to_the_supervisor(
    agent: Staff, supervisor: Staff, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    left = staff_with(Role.SERVICE_SUPERVISOR, active_until=datetime(2026, 3, 10, tzinfo=UTC).date())
    elsewhere = staff_with(Role.SERVICE_SUPERVISOR, branch=other_branch)
    minor = a_complaint(agent, now=now, level="minor")
    assert OutboxEvent.objects.latest("id").topics == [f"complaints-{agent.branch_id}"]
    major = a_complaint(agent, now=now, level="major", harm=True)
    assert OutboxEvent.objects.latest("id").topics == [f"complaints-{agent.branch_id}", f"staff-{supervisor.pk}"]
    assert list(selectors.majors_not_taken(supervisor)) == [major]
    assert list(selectors.majors_not_taken(elsewhere)) == []
    assert left.pk != supervisor.pk and minor.level == "minor"
    take_complaint(complaint=major, staff=supervisor, now=now)
    assert OutboxEvent.objects.latest("id").topics == [f"complaints-{agent.branch_id}", f"staff-{supervisor.pk}"]
    assert list(selectors.majors_not_taken(supervisor)) == []


def test_a_major_one_is_taken_by_the_supervisor_only(agent: Staff, supervisor: Staff, now: datetime) -> None:
    major = a_complaint(agent, now=now, level="major")
    with pytest.raises(Refused, match="supervisor_only"):
        take_complaint(complaint=major, staff=agent, now=now)
    assert take_complaint(complaint=major, staff=supervisor, now=now).responsible == supervisor


def test_the_whole_way_and_its_time_line(agent: Staff, supervisor: Staff, staff_with: MakeStaff, now: datetime) -> None:
    nurse = staff_with(Role.NURSE, display_name="吴月")
    surgery = Department.objects.get(branch=agent.branch, kind=Department.Kind.SURGERY)
    complaint = a_complaint(agent, now=now)
    take_complaint(complaint=complaint, version=1, staff=agent, now=now)
    assign_complaint(
        complaint=complaint, responsible=nurse, department=surgery, note="请回话", version=2, staff=agent, now=now
    )
    assert OutboxEvent.objects.latest("id").topics == [f"complaints-{agent.branch_id}", f"staff-{nurse.pk}"]
    add_note(complaint=complaint, text="已电话道歉", staff=nurse, now=now)
    decide_complaint(complaint=complaint, decision="退还挂号费", version=3, staff=nurse, now=now)
    close_complaint(complaint=complaint, satisfied=True, note="客人接受", version=4, staff=agent, now=now)
    row = Complaint.objects.get()
    assert (row.state, row.satisfied, row.decision, row.responsible, row.version) == (
        "closed",
        True,
        "退还挂号费",
        nurse,
        5,
    )
    assert (row.taken_by, row.decided_by, row.closed_by, row.closed_at) == (agent, nurse, agent, now)
    line = [(entry.kind, entry.staff, entry.text) for entry in selectors.entries_of(row)]
    assert line == [
        ("opened", agent, "等了一个多小时没人理"),
        ("taken", agent, ""),
        ("assigned", agent, "请回话"),
        ("noted", nurse, "已电话道歉"),
        ("decided", nurse, "退还挂号费"),
        ("closed", agent, "客人接受"),
    ]
    with pytest.raises(Stale):
        add_note(complaint=complaint, text="还有", staff=agent, now=now)


def test_steps_out_of_order_or_on_an_old_state_are_stale(agent: Staff, now: datetime) -> None:
    complaint = a_complaint(agent, now=now)
    steps: list[Callable[[], object]] = [
        lambda: decide_complaint(complaint=complaint, decision="x", staff=agent, now=now),
        lambda: close_complaint(complaint=complaint, satisfied=True, staff=agent, now=now),
        lambda: assign_complaint(complaint=complaint, responsible=agent, staff=agent, now=now),
        lambda: take_complaint(complaint=complaint, version=7, staff=agent, now=now),
    ]
    for step in steps:
        with pytest.raises(Stale, match="moved"):
            step()
    take_complaint(complaint=complaint, staff=agent, now=now)
    with pytest.raises(Stale, match="moved") as refusal:
        take_complaint(complaint=complaint, staff=agent, now=now)
    assert "C2026-0001" in str(refusal.value.message) and "周琳" in str(refusal.value.message)


def test_who_it_is_about_neither_sees_nor_gets_it(
    agent: Staff, supervisor: Staff, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    accused = staff_with(Role.CUSTOMER_SERVICE)
    complaint = a_complaint(agent, now=now, about_staff=[accused])
    assert not selectors.complaints_seen_by(accused).exists()
    with pytest.raises(Refused, match="about_you"):
        take_complaint(complaint=complaint, staff=accused, now=now)
    take_complaint(complaint=complaint, staff=agent, now=now)
    with pytest.raises(Refused, match="about_you"):
        assign_complaint(complaint=complaint, responsible=accused, staff=agent, now=now)
    with pytest.raises(Refused, match="not_here"):
        assign_complaint(complaint=complaint, responsible=staff_with(branch=other_branch), staff=agent, now=now)


def test_who_sees_what(agent: Staff, staff_with: MakeStaff, other_branch: Branch, now: datetime) -> None:
    consultant, manager = staff_with(Role.CONSULTANT), staff_with(Role.MANAGER)
    own, others = a_complaint(consultant, now=now), a_complaint(agent, now=now)
    seen = {
        person: set(selectors.complaints_seen_by(person))
        for person in (
            agent,
            consultant,
            manager,
            staff_with(Role.DOCTOR),
            staff_with(Role.CUSTOMER_SERVICE, branch=other_branch),
        )
    }
    assert list(seen.values()) == [{own, others}, {own}, {own, others}, set(), set()]
    assert set(selectors.complaints_worked_by(manager)) == set()
    assert set(selectors.complaints_worked_by(consultant)) == {own}


def test_narrowing_the_list(agent: Staff, now: datetime) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=agent.branch, name="O'Brien <b>")
    old = a_complaint(agent, now=now - timedelta(days=1), level="minor", visitor=visitor)
    new = a_complaint(agent, now=now, category="price")
    take_complaint(complaint=new, staff=agent, now=now)

    def found(**wanted: object) -> list[Complaint]:
        return list(selectors.complaint_list(staff=agent, wanted=Wanted(**wanted)))  # type: ignore[arg-type]

    assert found() == [new, old]
    assert found(text="obrien") == [] and found(text="o'brien") == [old] and found(text="0002") == [new]
    assert found(level="minor") == [old] and found(category="price") == [new] and found(state="taken") == [new]
    today = agent.branch.today(now)
    assert found(received_from=today) == [new] and found(received_to=today - timedelta(days=1)) == [old]
    assert selectors.number_waiting(agent) == 2


def test_the_time_line_cannot_be_changed(agent: Staff, now: datetime) -> None:
    a_complaint(agent, now=now)
    with pytest.raises(Error, match="append"), transaction.atomic():
        ComplaintEntry.objects.update(text="x")
    with pytest.raises(Error, match="append"), transaction.atomic():
        ComplaintEntry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_with_eight_at_once_and_one_take_wins(staff_with: MakeStaff, now: datetime) -> None:
    agents = [staff_with(Role.CUSTOMER_SERVICE) for _ in range(8)]
    wanted = a_complaint(agents[0], now=now)
    numbers: list[str] = []

    def write_and_take(agent: Staff) -> Callable[[], object]:
        def work() -> None:
            numbers.extend(a_complaint(agent, now=now).number for _ in range(5))
            take_complaint(complaint=wanted, staff=agent, now=now)

        return work

    assert at_once(*map(write_and_take, agents)) == ["moved"] * 7 + ["ok"]
    assert sorted(numbers) == [f"C2026-{number:04d}" for number in range(2, 42)]
