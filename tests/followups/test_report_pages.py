"""The reports of follow-ups on the screen: frozen figures, each of which opens the calls it counts."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.roles import Role
from followups.models import CallBack, FollowUpReport
from followups.services import build_follow_up_report, record_attempt
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(client_as: MakeClient) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


def page(client: Client, name: str, *args: int, **query: Any) -> str:
    response = client.get(reverse(f"followups:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def a_week(staff: Staff, now: datetime, calls: int = 3) -> list[CallBack]:
    """Make calls that came due in week 10; the first is reached and not well, the second refuses, others are missed."""
    made = [a_call(staff.branch, now=now - timedelta(days=9), treated_on=date(2026, 3, 1)) for _ in range(calls)]
    at = now - timedelta(days=7)
    record_attempt(
        call_back=made[0], result="reached", recovery="abnormal", satisfaction=5, notes="发热", staff=staff, now=at
    )
    if calls > 1:
        record_attempt(call_back=made[1], result="refused", staff=staff, now=at)
    return made


def test_the_report_shows_frozen_figures_only(supervisor: Client, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    calls = a_week(staff, now)
    build_follow_up_report(branch=staff.branch, year=2026, week=10, now=now)
    before = page(supervisor, "report", 2026, 10)
    said = "3 calls came due; 2 made; 1 missed; 50% reached; 100% satisfied; 1 recovery abnormal."
    assert said in before
    assert 'id="charts" type="application/json"' in before
    CallBack.objects.filter(pk=calls[2].pk).update(due_on=date(2027, 1, 1))
    assert page(supervisor, "report", 2026, 10).split("<article")[1] == before.split("<article")[1]
    assert "王**" in before and "发热" in before and "The doctor had not answered" in before


def test_every_link_of_a_report_opens_its_calls(supervisor: Client, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    a_week(staff, now)
    build_follow_up_report(branch=staff.branch, year=2026, week=10, now=now)
    shown = page(supervisor, "report", 2026, 10)
    links = set(re.findall(r'href="(/reports/follow-ups/2026/10/calls/\?[^"]+)"[^>]*>[+−]?(\d+)<', shown))
    assert len(links) > 20
    for address, number in links:
        answer = supervisor.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert answer.content.decode().count('<th scope="row">') == int(number), address


def test_names_are_for_who_makes_calls(supervisor: Client, client_as: MakeClient, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    a_week(staff, now)
    build_follow_up_report(branch=staff.branch, year=2026, week=10, now=now)
    assert "王小美" in page(supervisor, "report_calls", 2026, 10, figure="in")
    auditor = page(client_as(Role.AUDITOR), "report_calls", 2026, 10, figure="in")
    assert "王小美" not in auditor and "王*" in auditor


def test_a_figure_that_is_none_does_not_exist(supervisor: Client, now: datetime) -> None:
    build_follow_up_report(branch=supervisor.staff.branch, year=2026, week=10, now=now)  # type: ignore[attr-defined]
    address = reverse("followups:report_calls", args=[2026, 10])
    for query in ({"figure": "drop table"}, {"kind": "kitchen"}, {"code": "a'b"}):
        assert supervisor.get(address, query).status_code == 404
    assert supervisor.get(reverse("followups:report_calls", args=[2026, 9])).status_code == 404


def test_old_versions_stay_reachable_and_a_correction_needs_a_reason(supervisor: Client, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    build_follow_up_report(branch=staff.branch, year=2026, week=10, now=now)
    build = reverse("followups:report_build")
    assert supervisor.post(build, {"year": 2026, "week": 10}).status_code == 422
    a_week(staff, now)
    answer = supervisor.post(build, {"year": 2026, "week": 10, "reason": "补录"})
    assert answer.headers["Location"] == reverse("followups:report", args=[2026, 10])
    assert "补录" in page(supervisor, "report", 2026, 10)
    oldest = page(supervisor, "report", 2026, 10, version=1)
    assert "This is an older version." in oldest and "0 calls came due" in oldest
    assert supervisor.get(reverse("followups:report", args=[2026, 10]), {"version": 3}).status_code == 404
    assert supervisor.get(reverse("followups:report", args=[2026, 99])).status_code == 404


def test_a_report_somebody_altered_says_so(supervisor: Client, now: datetime) -> None:
    branch = supervisor.staff.branch  # type: ignore[attr-defined]
    report = build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    assert "do not match the seal" not in page(supervisor, "report", 2026, 10)
    body = report.body | {"flow": report.body["flow"] | {"made": 99}}
    FollowUpReport.objects.create(
        branch=branch, year=2026, week=10, version=2, built_at=now, body=body, hash=report.hash
    )
    assert "do not match the seal" in page(supervisor, "report", 2026, 10)


def test_managers_and_auditors_read_but_do_not_build(client_as: MakeClient, supervisor: Client, now: datetime) -> None:
    branch = supervisor.staff.branch  # type: ignore[attr-defined]
    build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    for role in (Role.MANAGER, Role.AUDITOR):
        reader = client_as(role)
        assert "2026-W10" in page(reader, "report", 2026, 10)
        assert reader.post(reverse("followups:report_build"), {"year": 2026, "week": 10}).status_code == 403
    assert client_as(Role.CUSTOMER_SERVICE).get(reverse("followups:reports")).status_code == 403


def test_another_branchs_report_does_not_exist(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, branch: Branch, now: datetime
) -> None:
    build_follow_up_report(branch=branch, year=2026, week=10, now=now)
    stranger = client_as(staff_with(Role.MANAGER, branch=other_branch))
    assert stranger.get(reverse("followups:report", args=[2026, 10])).status_code == 404
    assert stranger.get(reverse("followups:report_calls", args=[2026, 10])).status_code == 404


def test_outcomes_of_a_quarter(supervisor: Client, now: datetime) -> None:
    a_week(supervisor.staff, now)  # type: ignore[attr-defined]
    shown = page(supervisor, "outcomes")
    assert "2026 Q1" in shown and "隆胸" not in shown and "Breast augmentation" in shown
    assert re.search(
        r"Breast augmentation</th><td class=\"num\">1</td><td class=\"num\"><strong class=\"late\">1<", shown
    )
    assert "Nobody was reached in this quarter." in page(supervisor, "outcomes", quarter="2025-4")
    for nonsense in ("2026-5", "x", "9999-1", "2027-1"):  # what is no quarter, or has not begun, is the running one
        assert "2026 Q1" in page(supervisor, "outcomes", quarter=nonsense)


@pytest.mark.parametrize("rows", [1, 50])
def test_queries(
    supervisor: Client, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    a_week(staff, now, rows)
    build_follow_up_report(branch=staff.branch, year=2026, week=10, now=now)
    for name, args, queries in (("reports", (), 4), ("report", (2026, 10), 5), ("outcomes", (), 5)):
        page(supervisor, name, *args)
        with django_assert_num_queries(queries):
            page(supervisor, name, *args)
    with django_assert_num_queries(5):
        page(supervisor, "report_calls", 2026, 10, figure="in")
