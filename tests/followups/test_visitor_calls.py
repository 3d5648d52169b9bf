"""The page of a visitor's calls: tracked individually, not called any more, and called again."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from followups.models import CallBack, CallBar, Tracking
from followups.services import bar_calls, build_call_backs
from reception import services as reception
from reception.selectors.visitors import latest_history_id
from reception.services.visitors import write_keys
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, a_call, another_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_as: MakeClient) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def supervisor(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def call(branch: Branch, now: datetime) -> CallBack:
    return a_call(branch, now=now)


def address(call: CallBack, name: str = "visitor") -> str:
    return reverse(f"followups:{name}", args=[call.visitor_id])


def page(client: Client, call: CallBack) -> str:
    return client.get(address(call)).content.decode()


def states(call: CallBack) -> dict[str, str]:
    rows = CallBack.objects.filter(treatment=call.treatment)
    return {row.code: row.state_reason or row.state for row in rows}


def test_the_page_is_reached_and_shows_her_calls(client: Client, client_as: MakeClient, call: CallBack) -> None:
    html = page(client, call)
    assert "Day 2 after surgery" in html and "6 months after surgery" in html and "she may be called" in html
    assert reverse("followups:treatment_plan", args=[call.treatment_id]) in html
    assert address(call) in client.get(reverse("followups:card", args=[call.pk])).content.decode()
    assert address(call) in client.get(reverse("reception:visitor", args=[call.visitor_id])).content.decode()
    agent = client_as(Role.CUSTOMER_SERVICE)
    html = page(agent, call)
    assert "Track individually" in html and address(call, "bar") not in html
    assert reverse("followups:treatment_plan", args=[call.treatment_id]) not in html
    assert client_as(Role.RECEPTION).get(address(call)).status_code == 403


def test_tracked_with_a_reason_and_not_any_more(client: Client, client_as: MakeClient, call: CallBack) -> None:
    agent = client_as(Role.CUSTOMER_SERVICE)
    answer = agent.post(address(call, "track"), {"reason": " "})
    assert answer.status_code == 422 and "Say why she is tracked" in answer.content.decode()
    assert agent.post(address(call, "track"), {"reason": "修复手术"}).status_code == 302
    assert states(call)["year-1"] == "open" and "修复手术" in page(client, call)
    tracking = Tracking.objects.get()
    assert address(call, "track") not in page(client, call)
    assert client.post(address(call, "untrack"), {"tracking": tracking.pk}).status_code == 302
    assert states(call)["year-1"] == "not_tracked"
    assert client.post(address(call, "untrack"), {"tracking": tracking.pk}).status_code == 409
    assert client.post(address(call, "untrack"), {"tracking": ""}).status_code == 409
    assert {"followups.track_visitor", "followups.end_tracking"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_not_called_and_called_again_by_the_supervisor_alone(
    client: Client, client_as: MakeClient, call: CallBack, now: datetime
) -> None:
    agent = client_as(Role.CUSTOMER_SERVICE)
    assert agent.post(address(call, "bar")).status_code == agent.post(address(call, "unbar")).status_code == 403
    assert client.post(address(call, "bar")).status_code == 302
    assert set(states(call).values()) == {"do_not_call"}
    bar = CallBar.objects.get()
    assert address(call, "bar") not in page(client, call) and "Call her again" in page(client, call)
    story = client.get(reverse("reception:visitor", args=[call.visitor_id])).content.decode()
    assert f'href="{address(call)}"><strong>Does not want to be called' in story
    assert client.post(address(call, "unbar"), {"bar": bar.pk}).status_code == 302
    assert set(states(call).values()) == {"open"}
    assert client.post(address(call, "unbar"), {"bar": bar.pk}).status_code == 409


def test_a_complaint_ends_its_own_bar(client: Client, supervisor: Staff, call: CallBack, now: datetime) -> None:
    bar = CallBar.objects.create(
        visitor=call.visitor, reason="complaint", about="C1", branch=call.branch, at=now, by=supervisor
    )
    assert "Call her again" not in page(client, call)
    answer = client.post(address(call, "unbar"), {"bar": bar.pk})
    assert answer.status_code == 422 and CallBar.objects.get().ended_at is None


def test_the_bar_of_another_visitor_is_not_lifted_here(
    client: Client, supervisor: Staff, call: CallBack, branch: Branch, now: datetime
) -> None:
    other = FollowedVisitorFactory.create(registered_in=branch)
    bar = bar_calls(visitor=other, reason="do_not_call", branch=branch, staff=supervisor, now=now)
    assert client.post(address(call, "unbar"), {"bar": bar.pk}).status_code == 409
    assert CallBar.objects.get().ended_at is None


def test_a_merged_record_leads_on(
    client: Client, call: CallBack, branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    merged = FollowedVisitorFactory.create(registered_in=branch)
    seen = {one.pk: latest_history_id(one) for one in (call.visitor, merged)}
    desk = staff_with(Role.RECEPTION)
    reception.merge_visitors(survivor=call.visitor, other=merged, keep={}, seen=seen, staff=desk, now=now)
    answer = client.get(reverse("followups:visitor", args=[merged.pk]))
    assert answer.headers["Location"] == reverse("reception:visitor", args=[call.visitor_id])


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_page(
    client: Client, branch: Branch, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch)
    for number in range(rows):
        OperationFactory.create(
            branch=branch,
            visitor=visitor,
            treated_on=date(2026, 3, 9) - timedelta(days=number),
            project=another_project(branch, number),
        )
    build_call_backs(now=now)
    client.get(reverse("followups:visitor", args=[visitor.pk]))
    with django_assert_num_queries(9):
        client.get(reverse("followups:visitor", args=[visitor.pk]))


@pytest.mark.parametrize("rows", [1, 8])
def test_queries_of_who_calls(
    client: Client, branch: Branch, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for operation in OperationFactory.create_batch(rows, branch=branch):
        write_keys(operation.visitor)
    build_call_backs(now=now)
    inbound = reverse("followups:inbound")
    client.post(inbound, {"q": "王小美"})
    with django_assert_num_queries(6):
        html = client.post(inbound, {"q": "王小美"}).content.decode()
    assert html.count("Take the card") == rows
