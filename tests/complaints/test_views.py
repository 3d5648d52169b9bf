"""Taking in, working and reading complaints; the weekly report on the screen."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.roles import Role
from complaints.models import Complaint, WeeklyReport
from complaints.services import build_weekly_report, take_complaint
from followups.services import record_attempt
from tests.conftest import MakeClient, MakeStaff
from tests.factories.complaints import a_complaint
from tests.factories.followups import FollowedVisitorFactory, a_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_as: MakeClient) -> Client:
    return client_as(Role.CUSTOMER_SERVICE)


@pytest.fixture
def agent(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def supervisor(client_as: MakeClient) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


def page(client: Client, name: str, *args: int, **query: Any) -> str:
    response = client.get(reverse(f"complaints:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def typed(**changes: Any) -> dict[str, Any]:
    form = {"request_key": uuid4(), "level": "general", "category": "service", "channel": "on_site", "text": "等太久"}
    return form | changes


def test_taken_in_from_a_call_card(client: Client, agent: Staff, now: datetime) -> None:
    call = a_call(agent.branch, now=now)
    record_attempt(call_back=call, result="reached", recovery="abnormal", notes="左边比右边肿", staff=agent, now=now)
    html = page(client, "open", call_back=call.pk)
    assert "左边比右边肿" in html and "王小美" in html and "Breast augmentation" in html
    assert '<option value="call_back" selected>' in html
    answer = client.post(
        reverse("complaints:open"), typed(call_back=call.pk, level="major", harm="on", channel="call_back")
    )
    made = Complaint.objects.get()
    assert answer.headers["Location"] == reverse("complaints:complaint", args=[made.pk])
    assert (made.visitor, made.treatment, made.call_back, made.harm) == (call.visitor, call.treatment, call, True)
    assert (made.level, made.responsible) == ("major", agent)


def test_sent_twice_it_is_one(client: Client) -> None:
    form = typed()
    places = {client.post(reverse("complaints:open"), form).headers["Location"] for _ in range(2)}
    assert len(places) == 1 and Complaint.objects.count() == 1


def test_what_is_missing_is_named_and_the_rest_stays(client: Client) -> None:
    answer = client.post(reverse("complaints:open"), typed(level="", text="说了很多"))
    html = answer.content.decode()
    assert answer.status_code == 422 and "说了很多" in html and "<title>Error:" in html
    assert Complaint.objects.count() == 0


def test_nobody_links_a_visitor_or_call_she_may_not_see(
    client_as: MakeClient, other_branch: Branch, branch: Branch, now: datetime, client: Client
) -> None:
    consultant, call = client_as(Role.CONSULTANT), a_call(branch, now=now)
    assert consultant.get(reverse("complaints:open"), {"call_back": call.pk}).status_code == 404
    assert consultant.get(reverse("complaints:open"), {"visitor": call.visitor_id}).status_code == 404
    for link in ({"call_back": call.pk}, {"visitor": call.visitor_id}):
        assert consultant.post(reverse("complaints:open"), typed(**link)).status_code == 422
    elsewhere = a_call(other_branch, now=now)
    assert client.get(reverse("complaints:open"), {"call_back": elsewhere.pk}).status_code == 404


def test_the_visitor_is_found_while_typing(client: Client, branch: Branch) -> None:
    answer = client.post(reverse("complaints:find_visitor"), {"q": "没有这个人"})
    assert "Nobody found" in answer.content.decode()


def test_the_supervisor_sees_a_major_one_until_she_takes_it(
    client: Client, agent: Staff, supervisor: Client, now: datetime
) -> None:
    assert page(supervisor, "notice").strip() == ""
    major = a_complaint(agent, now=now, level="major")
    assert "C2026-0001" in page(supervisor, "notice") and page(supervisor, "count") == "1"
    assert "taken by the service supervisor" in page(client, "complaint", major.pk)
    assert client.post(reverse("complaints:take", args=[major.pk]), {"version": 1}).status_code == 422
    assert client.get(reverse("complaints:notice")).status_code == 403
    assert supervisor.post(reverse("complaints:take", args=[major.pk]), {"version": 1}).status_code == 302
    assert page(supervisor, "notice").strip() == ""


def test_on_its_way_through_the_screens(client: Client, agent: Staff, client_as: MakeClient, now: datetime) -> None:
    nurse = client_as(Role.NURSE, HTTP_ACCEPT_LANGUAGE="en")
    made = a_complaint(agent, now=now)

    def step(who: Client, name: str, **data: Any) -> int:
        version = Complaint.objects.get(pk=made.pk).version
        return who.post(reverse(f"complaints:{name}", args=[made.pk]), {"version": version} | data).status_code

    assert step(nurse, "note", text="x") == 404
    assert step(client, "take") == 302
    assert step(client, "assign") == 422
    assert step(client, "assign", responsible=nurse.staff.pk) == 302  # type: ignore[attr-defined]
    assert "C2026-0001" in page(nurse, "list") and page(nurse, "count") == "1"
    assert step(nurse, "assign", responsible=agent.pk) == 403
    assert step(nurse, "note", text="已联系") == 302
    assert step(nurse, "decide", decision=" ") == 422
    assert step(nurse, "decide", decision="道歉并免费护理一次") == 302
    assert step(nurse, "decide", decision="再来一次") == 409
    assert step(nurse, "close", satisfied="yes") == 403
    assert step(client, "close") == 422
    assert step(client, "close", satisfied="no", note="仍不满意") == 302
    row = Complaint.objects.get()
    assert (row.state, row.satisfied) == ("closed", False)
    html = page(client, "complaint", made.pk)
    for words in ("已联系", "道歉并免费护理一次", "仍不满意", "Not satisfied"):
        assert words in html
    assert page(nurse, "count") == ""


def test_an_old_screen_is_told_what_changed(client: Client, agent: Staff, supervisor: Client, now: datetime) -> None:
    made = a_complaint(agent, now=now)
    take_complaint(complaint=made, staff=supervisor.staff, now=now)  # type: ignore[attr-defined]
    answer = client.post(reverse("complaints:take", args=[made.pk]), {"version": 1}, headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "C2026-0001" in answer.content.decode()


def test_a_report_keeps_a_case_from_whom_it_is_about(
    agent: Staff, supervisor: Client, client_as: MakeClient, now: datetime
) -> None:
    manager = client_as(Role.MANAGER)
    made = a_complaint(agent, now=now, about_staff=[manager.staff], level="major", text="经理态度恶劣")  # type: ignore[attr-defined]
    build_weekly_report(branch=agent.branch, year=2026, week=11, now=now)
    hers, others = page(manager, "weekly_report", 2026, 11), page(supervisor, "weekly_report", 2026, 11)
    assert "经理态度恶劣" in others and "经理态度恶劣" not in hers
    assert made.number in hers


def test_who_may_not_see_it_gets_nothing(
    client_as: MakeClient, agent: Staff, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    accused = client_as(Role.CUSTOMER_SERVICE)
    elsewhere = client_as(staff_with(Role.SERVICE_SUPERVISOR, branch=other_branch))
    made = a_complaint(agent, now=now, about_staff=[accused.staff], level="major")  # type: ignore[attr-defined]
    for who in (accused, elsewhere, client_as(Role.CONSULTANT)):
        assert who.get(reverse("complaints:complaint", args=[made.pk])).status_code == 404
        assert "C2026-0001" not in page(who, "list")
    for who in (accused, elsewhere):
        assert who.post(reverse("complaints:take", args=[made.pk])).status_code == 404


def narrowed(client: Client, **asked: Any) -> str:
    return client.post(reverse("complaints:list"), asked).content.decode()


def test_the_list_narrows_and_counts(client: Client, agent: Staff, now: datetime) -> None:
    assert "No complaints" in page(client, "list")
    visitor = FollowedVisitorFactory.create(registered_in=agent.branch, name="O'Brien <b>")
    a_complaint(agent, now=now, visitor=visitor)
    html = narrowed(client, level="general", received_from="2026-03-11", text="C2026")
    assert "O&#x27;Brien &lt;b&gt;" in html and "1 entry" in html
    assert "No complaint fits" in narrowed(client, level="major")
    assert "C2026-0001" in narrowed(client, received_from="tomorrow", state="nonsense")
    assert "C2026-0001" in page(client, "list", text="nobody"), "nothing is looked for by an address"


def test_a_complaint_is_found_by_its_number(client: Client, agent: Staff, client_as: MakeClient, now: datetime) -> None:
    made = a_complaint(agent, now=now)
    by_number = reverse("complaints:by_number", args=[made.number])
    assert client.get(by_number).headers["Location"] == reverse("complaints:complaint", args=[made.pk])
    assert client.get(reverse("complaints:by_number", args=["C2026-9999"])).status_code == 404
    assert client_as(Role.RECEPTION).get(by_number).status_code == 404, "what somebody else has taken in"


def test_a_visitors_complaints_on_her_page(client: Client, agent: Staff, client_as: MakeClient, now: datetime) -> None:
    desk = client_as(Role.RECEPTION)
    visitor = FollowedVisitorFactory.create(registered_in=agent.branch)
    a_complaint(agent, now=now, visitor=visitor)
    a_complaint(desk.staff, now=now, visitor=visitor)  # type: ignore[attr-defined]
    story = reverse("reception:visitor_story", args=[visitor.pk])
    assert client.get(story).content.decode().count("Complaint C2026-000") == 2
    assert desk.get(story).content.decode().count("Complaint C2026-000") == 1
    now_of = reverse("reception:visitor_now", args=[visitor.pk])
    assert client.get(now_of).content.decode().count("Open complaint C2026-000") == 2
    assert desk.get(now_of).content.decode().count("Open complaint C2026-000") == 1


def test_the_report_shows_frozen_figures_only(supervisor: Client, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    complaint = a_complaint(staff, now=now - timedelta(days=5), level="major", text="伤口裂开了")
    build_weekly_report(branch=staff.branch, year=2026, week=10, now=now)
    before = page(supervisor, "weekly_report", 2026, 10)
    Complaint.objects.filter(pk=complaint.pk).update(text="改过的", level="minor", category="price")
    assert page(supervisor, "weekly_report", 2026, 10).split("<article")[1] == before.split("<article")[1]
    assert (
        "伤口裂开了" in before
        and "1 received, 1 more than the mean of four weeks; 0 closed; 1 open; 1 major." in before
    )
    assert 'id="charts" type="application/json"' in before


def test_old_versions_stay_reachable_and_a_correction_needs_a_reason(supervisor: Client, now: datetime) -> None:
    staff: Staff = supervisor.staff  # type: ignore[attr-defined]
    build_weekly_report(branch=staff.branch, year=2026, week=10, now=now)
    build = reverse("complaints:weekly_build")
    assert supervisor.post(build, {"year": 2026, "week": 10}).status_code == 422
    a_complaint(staff, now=now - timedelta(days=5))
    answer = supervisor.post(build, {"year": 2026, "week": 10, "reason": "补录一件"})
    assert answer.headers["Location"] == reverse("complaints:weekly_report", args=[2026, 10])
    newest = page(supervisor, "weekly_report", 2026, 10)
    assert "补录一件" in newest and "1 received" in newest
    oldest = page(supervisor, "weekly_report", 2026, 10, version=1)
    assert "This is an older version." in oldest and "0 received" in oldest
    assert supervisor.get(reverse("complaints:weekly_report", args=[2026, 10]), {"version": 3}).status_code == 404
    assert supervisor.get(reverse("complaints:weekly_report", args=[2026, 99])).status_code == 404
    assert page(supervisor, "weekly_reports").count("2026-W10") >= 1


def test_a_report_somebody_altered_says_so(supervisor: Client, now: datetime) -> None:
    branch = supervisor.staff.branch  # type: ignore[attr-defined]
    report = build_weekly_report(branch=branch, year=2026, week=10, now=now)
    assert "do not match the seal" not in page(supervisor, "weekly_report", 2026, 10)
    body = report.body | {"flow": report.body["flow"] | {"in": 0, "out": 99}}
    WeeklyReport.objects.create(branch=branch, year=2026, week=10, version=2, built_at=now, body=body, hash=report.hash)
    assert "do not match the seal" in page(supervisor, "weekly_report", 2026, 10)


def test_managers_and_auditors_read_but_do_not_build(client_as: MakeClient, supervisor: Client, now: datetime) -> None:
    branch = supervisor.staff.branch  # type: ignore[attr-defined]
    build_weekly_report(branch=branch, year=2026, week=10, now=now)
    for role in (Role.MANAGER, Role.AUDITOR):
        reader = client_as(role)
        assert "2026-W10" in page(reader, "weekly_report", 2026, 10)
        assert reader.post(reverse("complaints:weekly_build"), {"year": 2026, "week": 10}).status_code == 403
    assert client_as(Role.CUSTOMER_SERVICE).get(reverse("complaints:weekly_reports")).status_code == 403


def test_another_branchs_report_does_not_exist(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, branch: Branch, now: datetime
) -> None:
    build_weekly_report(branch=branch, year=2026, week=10, now=now)
    stranger = client_as(staff_with(Role.MANAGER, branch=other_branch))
    assert stranger.get(reverse("complaints:weekly_report", args=[2026, 10])).status_code == 404


@pytest.mark.parametrize("rows", [1, 50])
def test_queries(
    supervisor: Client, agent: Staff, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=agent.branch)
    for _ in range(rows):
        made = a_complaint(agent, now=now - timedelta(days=5), level="major", visitor=visitor)
    build_weekly_report(branch=agent.branch, year=2026, week=10, now=now)
    page(supervisor, "list")
    with django_assert_num_queries(4):
        page(supervisor, "list")
    with django_assert_num_queries(6):
        page(supervisor, "complaint", made.pk)
    with django_assert_num_queries(3):
        page(supervisor, "notice")
    with django_assert_num_queries(4):
        page(supervisor, "weekly_reports")
    with django_assert_num_queries(6):
        page(supervisor, "weekly_report", 2026, 10)


def test_a_form_that_was_used_already_keeps_what_was_typed(client: Client) -> None:
    form = typed()
    client.post(reverse("complaints:open"), form)
    answer = client.post(reverse("complaints:open"), form | {"text": "还有一件事"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "This form has already taken in C2026-0001" in html and "还有一件事" in html
    assert str(form["request_key"]) not in html
    assert Complaint.objects.count() == 1


def test_harm_below_major_is_asked_about(client: Client) -> None:
    answer = client.post(reverse("complaints:open"), typed(level="general", harm="on", text="术后感染"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "the level is major" in html
    assert "术后感染" in html
    assert not Complaint.objects.exists()
