"""Pre-reports and leads: recorded once, followed up, promised, passed on, closed."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.models import PreReport, PreReportEntry
from reception.selectors import pre_reports as reads
from tests.conftest import MakeStaff
from tests.factories.appointments import book, pre_report
from tests.factories.reception import ProjectFactory, VisitorFactory


def test_an_enquiry_is_recorded_with_its_promise(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent, visitor = staff_with(Role.PHONE_AGENT), VisitorFactory(phone="13800138000")
    due = now + timedelta(hours=3)
    made = pre_report(
        branch, agent, name="小美", phone="+8613800138000", said="问价", promised="发价目表", promise_due_at=due
    )
    assert (made.visitor, made.state, made.promise_due_at) == (visitor, "lead", due)
    for wrong in ({"promised": "x"}, {"promise_due_at": due}):
        with pytest.raises(Refused, match="promise"):
            pre_report(branch, agent, name="小美", **wrong)
    for late in (now - timedelta(minutes=1), now + timedelta(days=3 * 366)):
        with pytest.raises(Refused, match="promise_due"):
            pre_report(branch, agent, name="小美", promised="x", promise_due_at=late)


def test_sent_twice_it_is_recorded_once(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent, key = staff_with(Role.PHONE_AGENT), uuid4()
    assert pre_report(branch, agent, request_key=key) == pre_report(branch, agent, request_key=key)
    with pytest.raises(Stale, match="request_used"):
        pre_report(branch, agent, request_key=key, said="别的")
    assert PreReport.objects.count() == 1


def test_follow_ups_are_added_and_never_rewritten(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent = staff_with(Role.PHONE_AGENT)
    report = pre_report(branch, agent)
    seen = report.version
    services.follow_up_pre_report(report=report, kind="follow_up", text="再联系", seen=seen, staff=agent, now=now)
    with pytest.raises(Stale, match="pre_report_changed"):
        services.follow_up_pre_report(report=report, kind="follow_up", text="又", seen=seen, staff=agent, now=now)
    for kind, text, code in (("follow_up", " ", "text"), ("answered", "好", "no_promise"), ("passed", "x", "kind")):
        with pytest.raises(Refused, match=code):
            services.follow_up_pre_report(report=report, kind=kind, text=text, staff=agent, now=now)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        PreReportEntry.objects.all().delete()


def test_a_late_promise_is_overdue_until_it_is_answered(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent = staff_with(Role.PHONE_AGENT)
    report = pre_report(branch, agent, promised="回电", promise_due_at=now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    assert reads.waiting_for(agent, now) == 0
    assert reads.waiting_for(agent, later) == 1
    assert list(reads.listed(agent, "overdue", later)) == [report]
    services.follow_up_pre_report(report=report, kind="answered", text="已答复", staff=agent, now=later)
    assert reads.waiting_for(agent, later) == 0
    services.promise_answer(report=report, promised="再回电", due_at=later + timedelta(days=1), staff=agent, now=later)
    assert reads.waiting_for(agent, later + timedelta(days=2)) == 1


def test_a_lead_is_passed_to_an_agent_of_another_branch(
    branch: Branch, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    agent, other = staff_with(Role.PHONE_AGENT), staff_with(Role.PHONE_AGENT, branch=other_branch)
    report = pre_report(branch, agent, phone="+8613911112222")
    with pytest.raises(Refused, match="same_agent"):
        services.pass_on_pre_report(report=report, to=agent, staff=agent, now=now)
    services.pass_on_pre_report(report=report, to=other, text="住在那边", staff=agent, now=now)
    assert not reads.pre_reports_seen_by(agent).exists()
    assert reads.pre_reports_seen_by(other).get() == report
    assert report.entries.get().passed_to == other
    book(other_branch, staff=other, pre_report=report)
    with pytest.raises(Stale, match="pre_report_state"):
        services.pass_on_pre_report(report=report, to=agent, staff=other, now=now)


def test_a_lead_is_closed_with_its_reason(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    agent = staff_with(Role.PHONE_AGENT)
    report = pre_report(branch, agent)
    with pytest.raises(Refused, match="text"):
        services.close_pre_report(report=report, reason="", staff=agent, now=now)
    services.close_pre_report(report=report, reason="已去别家", staff=agent, now=now)
    with pytest.raises(Stale, match="pre_report_state"):
        services.close_pre_report(report=report, reason="又", staff=agent, now=now)
    assert reads.counts(agent, now) == {"leads": 0, "overdue": 0, "booked": 0, "came": 0, "closed": 1}


def test_everybody_sees_her_own_and_the_desk_its_branch(
    branch: Branch, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    one, two = staff_with(Role.PHONE_AGENT), staff_with(Role.CUSTOMER_SERVICE)
    mine, hers = pre_report(branch, one), pre_report(branch, two)
    assert list(reads.pre_reports_seen_by(one)) == [mine]
    assert list(reads.pre_reports_seen_by(two)) == [hers]
    assert reads.pre_reports_seen_by(staff_with(Role.RECEPTION)).count() == 2
    for stranger in (staff_with(Role.RECEPTION, branch=other_branch), staff_with(Role.CONSULTANT)):
        assert not reads.pre_reports_seen_by(stranger).exists()


def test_the_list_asks_the_same_at_one_row_and_at_fifty(
    branch: Branch, staff_with: MakeStaff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent, project = staff_with(Role.PHONE_AGENT), ProjectFactory()
    agent.capabilities  # noqa: B018 - read once a request
    for number in range(50):
        report = pre_report(branch, agent, name=f"顾客{number}", projects=[project])
        services.follow_up_pre_report(report=report, kind="follow_up", text="聊过", staff=agent, now=now)
        if number in (0, 49):
            with django_assert_num_queries(2):
                rows = list(reads.latest_appointment(reads.with_rows(reads.listed(agent, "leads", now))))
                assert len(rows) == number + 1
                assert {str(wish.project) for row in rows for wish in row.wishes.all()} == {str(project)}


def test_promises_are_listed_by_an_index(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    """Four thousand pre-reports: the desk's lists are read in the order of the promises, no further than a page."""
    desk, agent = staff_with(Role.RECEPTION), staff_with(Role.PHONE_AGENT)
    PreReport.objects.bulk_create(
        PreReport(
            branch=branch,
            agent=agent,
            name=f"顾客{number}",
            promised="回电" if number % 2 else "",
            promise_due_at=now + timedelta(minutes=number - 2000) if number % 2 else None,
            made_at=now,
            made_by=agent,
        )
        for number in range(4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reception_prereport")
    for tab, index in (("overdue", "pre_report_due"), ("leads", "pre_report_by_promise")):
        plan = reads.listed(desk, tab, now)[:20].explain()
        assert index in plan and "Sort" not in plan, f"{tab}\n{plan}"
