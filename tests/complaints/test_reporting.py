"""The weekly report: its figures recounted by other means, frozen, corrected beside, built once (R6, R7)."""

import random
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import Error, connection, transaction

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.weeks import Week, digest
from complaints import tasks
from complaints.models import Complaint, WeeklyReport
from complaints.selectors import latest_reports
from complaints.services import (
    assign_complaint,
    build_missing_reports,
    build_weekly_report,
    close_complaint,
    decide_complaint,
    take_complaint,
)
from tests.conftest import MakeStaff
from tests.factories.complaints import a_complaint
from tests.factories.followups import FollowedVisitorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.SERVICE_SUPERVISOR, display_name="陈静")


def finished(complaint: Complaint, staff: Staff, at: datetime, *, satisfied: bool = True) -> None:
    take_complaint(complaint=complaint, staff=staff, now=at)
    decide_complaint(complaint=complaint, decision="已处理", staff=staff, now=at)
    close_complaint(complaint=complaint, satisfied=satisfied, staff=staff, now=at)


WEEK = 7 * 24 * 60


def ten_weeks(staff: Staff, other: Staff) -> None:
    """Make ten weeks of complaints from a seed, with some exactly on the borders between weeks."""
    chance = random.Random(7)
    begin = datetime(2026, 1, 4, 16, tzinfo=UTC)  # Monday 5 January, midnight in Shanghai
    departments = list(Department.objects.filter(branch=staff.branch))
    for _ in range(150):
        at = begin + timedelta(
            minutes=chance.choice([chance.randrange(10 * 7 * 24 * 60), 7 * 24 * 60 * chance.randrange(10)])
        )
        who = staff if chance.random() < 0.8 else other
        complaint = a_complaint(
            who,
            now=at,
            level=chance.choice(Complaint.Level.values),
            category=chance.choice(Complaint.Category.values),
            channel=chance.choice(Complaint.Channel.values),
            harm=chance.random() < 0.1,
        )
        if chance.random() < 0.8:
            take_complaint(complaint=complaint, staff=who, now=at)
            if who is staff and chance.random() < 0.7:
                assign_complaint(
                    complaint=complaint, responsible=who, department=chance.choice(departments), staff=who, now=at
                )
            if chance.random() < 0.7:
                later = at + timedelta(hours=chance.randrange(1000))
                decide_complaint(complaint=complaint, decision="道歉", staff=who, now=later)
                close_complaint(complaint=complaint, satisfied=chance.random() < 0.7, staff=who, now=later)


def recount(sql: str, *parameters: str | int | date | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from complaints_complaint c where c.branch_id = %s and {sql}", parameters)
        return int(cursor.fetchone()[0])


def test_figures_of_ten_weeks_recounted(
    branch: Branch, other_branch: Branch, supervisor: Staff, staff_with: MakeStaff
) -> None:
    ten_weeks(supervisor, staff_with(Role.SERVICE_SUPERVISOR, branch=other_branch))
    now, zone, carried = datetime(2026, 6, 1, tzinfo=UTC), branch.time_zone, 0
    for number in range(1, 12):
        first = date(2026, 1, 5) + timedelta(weeks=number - 2)
        monday = "(date_trunc('week', {} at time zone %s))::date"
        came, went = monday.format("c.received_at"), monday.format("c.closed_at")
        body = build_weekly_report(
            branch=branch, year=first.isocalendar().year, week=first.isocalendar().week, now=now
        ).body
        flow = body["flow"]
        assert flow["open_start"] == carried
        assert flow["in"] == recount(f"{came} = %s", branch.pk, zone, first)
        assert flow["out"] == recount(f"{went} = %s", branch.pk, zone, first)
        assert flow["open_start"] + flow["in"] - flow["out"] == flow["open_end"]
        carried = flow["open_end"]
        for satisfied, answer in ((True, "yes"), (False, "no")):
            expected = recount(f"{went} = %s and satisfied = %s", branch.pk, zone, first, satisfied)
            assert body["satisfied"][answer] == expected
        assert body["harm"] == recount(f"{came} = %s and harm", branch.pk, zone, first)
        for dimension in ("category", "level", "channel"):
            for row in body["by"][dimension]:
                where = f"{dimension} = %s and "
                assert row["in"] == recount(where + f"{came} = %s", branch.pk, row["key"], zone, first)
                assert row["out"] == recount(where + f"{went} = %s", branch.pk, row["key"], zone, first)
        for row in body["by"]["department"]:
            where = "responsible_department_id is not distinct from %s::bigint and "
            assert row["in"] == recount(where + f"{came} = %s", branch.pk, row["key"], zone, first)
        for parts in body["by"].values():
            for name in ("in", "out", "open_end"):
                assert sum(row[name] for row in parts) == flow[name]
        assert len(body["weeks"]) == 5
        assert {name: body["weeks"][-1][name] for name in flow} == flow
        majors = Counter(row["came_in"] for row in body["major"])
        assert majors[True] == recount(f"level = 'major' and {came} = %s", branch.pk, zone, first)
    assert carried > 0


def test_major_cases_as_they_stood_at_the_end_of_the_week(branch: Branch, supervisor: Staff) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, name="王小美")
    received = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
    complaint = a_complaint(supervisor, now=received, level="major", harm=True, visitor=visitor, wish="退款")
    take_complaint(complaint=complaint, staff=supervisor, now=received)
    after = datetime(2026, 3, 10, tzinfo=UTC)
    decide_complaint(complaint=complaint, decision="退款并道歉", staff=supervisor, now=after)
    (case,) = build_weekly_report(branch=branch, year=2026, week=10, now=after).body["major"]
    assert case == {
        "number": "C2026-0001",
        "received_at": "2026-03-04 10:05",
        "category": "service",
        "harm": True,
        "came_in": True,
        "state": "taken",
        "visitor": "王**",
        "responsible": "陈静",
        "department": None,
        "department_en": None,
        "text": "等了一个多小时没人理",
        "wish": "退款",
        "decision": "",
    }
    (case,) = build_weekly_report(branch=branch, year=2026, week=11, now=after).body["major"]
    assert (case["came_in"], case["state"], case["decision"]) == (False, "decided", "退款并道歉")


def test_a_frozen_report_stays_as_it_was_and_its_hash_holds(branch: Branch, supervisor: Staff, now: datetime) -> None:
    complaint = a_complaint(supervisor, now=now - timedelta(days=5), level="major")
    report = build_weekly_report(branch=branch, year=2026, week=10, now=now)
    before = WeeklyReport.objects.values().get()
    Complaint.objects.filter(pk=complaint.pk).update(level="minor", text="改了", received_at=now)
    assert WeeklyReport.objects.values().get() == before
    assert digest(before["body"]) == before["hash"] == report.hash
    with pytest.raises(Error, match="append"), transaction.atomic():
        WeeklyReport.objects.update(reason="x")
    with pytest.raises(Error, match="append"), transaction.atomic():
        WeeklyReport.objects.all().delete()


def test_a_correction_is_a_new_version_with_its_reason(branch: Branch, supervisor: Staff, now: datetime) -> None:
    first = build_weekly_report(branch=branch, year=2026, week=10, now=now)
    with pytest.raises(Refused, match="reason_missing"):
        build_weekly_report(branch=branch, year=2026, week=10, staff=supervisor, now=now)
    a_complaint(supervisor, now=now - timedelta(days=5))
    second = build_weekly_report(branch=branch, year=2026, week=10, staff=supervisor, reason="补录两件", now=now)
    assert (first.version, second.version, second.reason, second.built_by) == (1, 2, "补录两件", supervisor)
    assert build_weekly_report(branch=branch, year=2026, week=10, now=now) == second
    assert list(latest_reports(supervisor)) == [second]


def test_built_again_with_the_same_figures_it_stays_one_version(
    branch: Branch, supervisor: Staff, now: datetime
) -> None:
    first = build_weekly_report(branch=branch, year=2026, week=10, now=now)
    with pytest.raises(Refused, match="nothing_changed") as refused:
        build_weekly_report(branch=branch, year=2026, week=10, staff=supervisor, reason="补录两件", now=now)
    assert str(refused.value.message) == "The figures are still those of version 1, so there is nothing to correct."
    a_complaint(supervisor, now=now - timedelta(days=5))
    sent = [
        build_weekly_report(
            branch=branch, year=2026, week=10, staff=supervisor, reason="补录两件", now=now + timedelta(seconds=second)
        )
        for second in range(2)
    ]
    running = [build_weekly_report(branch=branch, year=2026, week=11, staff=supervisor, now=now) for _ in range(2)]
    assert sent[0] == sent[1] and running[0] == running[1]
    assert list(WeeklyReport.objects.order_by("pk")) == [first, sent[0], running[0]]


def test_a_week_still_running_says_so_and_is_replaced_on_monday(
    branch: Branch, supervisor: Staff, now: datetime
) -> None:
    running = build_weekly_report(branch=branch, year=2026, week=11, staff=supervisor, now=now)
    assert running.body["week"]["over"] is False
    a_complaint(supervisor, now=now + timedelta(hours=1))
    monday = datetime(2026, 3, 16, 1, tzinfo=UTC)
    (final,) = build_missing_reports(branch=branch, now=monday)
    assert (final.version, final.body["week"]["over"], final.body["flow"]["in"]) == (2, True, 1)
    assert build_missing_reports(branch=branch, now=monday) == []


@pytest.mark.parametrize(("year", "week", "code"), [(2026, 12, "not_begun"), (2025, 53, "no_such_week")])
def test_weeks_that_cannot_be_reported(branch: Branch, now: datetime, year: int, week: int, code: str) -> None:
    with pytest.raises(Refused, match=code):
        build_weekly_report(branch=branch, year=year, week=week, now=now)


def test_missed_weeks_are_caught_up(branch: Branch, supervisor: Staff) -> None:
    monday = datetime(2026, 3, 8, 21, 59, tzinfo=UTC)  # 05:59 in Shanghai
    a_complaint(supervisor, now=monday - timedelta(days=17))
    weeks = [report.week for report in build_missing_reports(branch=branch, now=monday)]
    assert weeks == [8, 9]
    assert [report.week for report in build_missing_reports(branch=branch, now=monday + timedelta(minutes=1))] == [10]
    late = [report.week for report in build_missing_reports(branch=branch, now=monday + timedelta(days=22))]
    assert late == [11, 12, 13]


def test_each_branch_has_its_own_monday(branch: Branch, supervisor: Staff) -> None:
    west = Branch.objects.create(code="la", name="洛杉矶", name_en="Los Angeles", time_zone="America/Los_Angeles")
    now = datetime(2026, 3, 8, 22, 30, tzinfo=UTC)  # Monday 06:30 in Shanghai, Sunday 15:30 in Los Angeles
    assert [report.week for report in build_missing_reports(branch=branch, now=now)] == [10]
    assert [report.week for report in build_missing_reports(branch=west, now=now)] == [9]


def test_the_task_run_twice_makes_one_report(branch: Branch, now: datetime) -> None:
    tasks.build_weekly_reports()
    tasks.build_weekly_reports()
    assert [str(report) for report in WeeklyReport.objects.all()] == ["2026-W10 v1"]


@pytest.mark.django_db(transaction=True)
def test_eight_builders_at_once_make_one_report(branch: Branch, supervisor: Staff, now: datetime) -> None:
    a_complaint(supervisor, now=now - timedelta(days=20))
    start, built = threading.Barrier(8), []

    def build() -> None:
        try:
            start.wait()
            built.append(len(build_missing_reports(branch=branch, now=now)))
        finally:
            connection.close()

    threads = [threading.Thread(target=build) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 8
    reports = list(WeeklyReport.objects.order_by("week").values_list("week", "version"))
    assert reports == [(8, 1), (9, 1), (10, 1)]
    assert str(Week(2026, 10)) == "2026-W10"
