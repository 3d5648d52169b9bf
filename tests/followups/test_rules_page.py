"""The page of a branch's call rules: read by who calls, changed by the supervisor."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, BranchDay, OutboxEvent, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.selectors.changes import latest_change
from followups.models import CallBack, CallRules
from followups.services import change_call_rules, write_call_days
from tests.at_once import at_once
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import a_call

pytestmark = pytest.mark.django_db
READ, CHANGE = "/call-backs/rules/", "/call-backs/rules/change/"


@pytest.fixture
def client(client_as: MakeClient, now: datetime) -> Client:
    return client_as(Role.SERVICE_SUPERVISOR)


@pytest.fixture
def supervisor(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


def typed(**said: Any) -> dict[str, Any]:
    return {
        "seen": 0, "operation_day": 0, "call_from": "09:30", "call_until": "20:00", "rest_from": "", "rest_until": "",
        "most_tries": 6, "tries_a_day": 2, "pause_no_answer": 180, "pause_busy": 30, "target_reached": 90,
        "target_satisfied": 95, "review_minutes": 30,
    } | said  # fmt: skip


def test_agents_read_and_the_supervisor_changes(client: Client, client_as: MakeClient) -> None:
    agent = client_as(Role.CUSTOMER_SERVICE)
    page = agent.get(READ).content.decode()
    assert f'href="{READ}" aria-current="page"' in page and CHANGE not in page and "09:30 – 20:00" in page
    assert agent.get(CHANGE).status_code == agent.post(CHANGE, typed()).status_code == 403
    assert CHANGE in client.get(READ).content.decode()
    assert client_as(Role.RECEPTION).get(READ).status_code == 403


def test_the_example_is_reckoned(client: Client, branch: Branch) -> None:
    BranchDay.objects.create(branch=branch, day=date(2026, 3, 13), kind=BranchDay.Kind.CLOSED, name="停业")
    write_call_days(branch)
    CallRules.objects.create(
        branch=branch, most_tries=4, rest_from=time(12), rest_until=time(14), pause_no_answer=120, operation_day=0
    )
    page = client.get(READ).content.decode()
    # Two a day: at ten and after the rest, then the next morning; on Friday nobody calls.
    for at in ("2026-03-11 10:00", "2026-03-11 14:00", "2026-03-12 09:30", "2026-03-12 11:30"):
        assert at in page, at
    assert "2026-03-13 09:30" not in page and page.count("2026-03-12") == 2
    assert "2026-03-14 Sat" in page and "due on 2026-03-13" in page, "day 2 falls on the day without calls"


def test_everything_is_changed_and_recorded(client: Client, branch: Branch, supervisor: Staff) -> None:
    new = typed(
        call_from="10:00", call_until="19:00", rest_from="12:00", rest_until="13:30", most_tries=4, tries_a_day=1,
        pause_no_answer=240, pause_busy=20, target_reached=80, target_satisfied=85, review_minutes=45,
    )  # fmt: skip
    assert client.post(CHANGE, new).headers["Location"] == READ
    rules = CallRules.objects.get(branch=branch)
    assert (rules.call_from, rules.call_until, rules.rest_from, rules.rest_until) == (
        time(10), time(19), time(12), time(13, 30),
    )  # fmt: skip
    assert (rules.most_tries, rules.tries_a_day, rules.pause_no_answer, rules.pause_busy) == (4, 1, 240, 20)
    assert (rules.target_reached, rules.target_satisfied, rules.review_minutes) == (80, 85, 45)
    entry = AuditEntry.objects.get(action="followups.change_rules")
    assert (entry.staff, entry.branch, entry.detail["changed"][0]) == (supervisor, branch, "call_from")
    assert not OutboxEvent.objects.filter(event="call_rules_changed").exists()
    assert client.post(CHANGE, new | {"seen": entry.pk}).status_code == 302
    assert AuditEntry.objects.filter(action="followups.change_rules").count() == 1, "nothing has changed"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"call_from": "20:00"}, "call_until"),
        ({"rest_from": "12:00"}, "rest_until"),
        ({"rest_from": "14:00", "rest_until": "12:00"}, "rest_until"),
        ({"rest_from": "08:00", "rest_until": "12:00"}, "rest_until"),
        ({"most_tries": 21}, "most_tries"),
        ({"pause_busy": 1}, "pause_busy"),
        ({"target_reached": 101}, "target_reached"),
        ({"operation_day": 2}, "operation_day"),
        ({"review_minutes": ""}, "review_minutes"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client: Client, wrong: dict[str, Any], field: str) -> None:
    answer = client.post(CHANGE, typed(**wrong, pause_no_answer=77))
    page = answer.content.decode()
    assert answer.status_code == 422 and f'href="#id_{field}"' in page and 'value="77"' in page
    assert page.split("</title>")[0].count("Error:") == 1
    assert not CallRules.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"call_from": time(21)}, "hours_wrong"),
        ({"rest_from": time(12)}, "rest_wrong"),
        ({"rest_from": time(12), "rest_until": time(20)}, "rest_wrong"),
    ],
)
def test_the_service_refuses_it_too(
    branch: Branch, supervisor: Staff, now: datetime, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        change_call_rules(branch=branch, changes=changes, staff=supervisor, now=now)
    assert refused.value.code == code


def test_the_calls_move_when_the_day_of_operation_is_counted_otherwise(
    client: Client, branch: Branch, now: datetime
) -> None:
    call = a_call(branch, now=now, treated_on=date(2026, 3, 11))
    assert call.call_on == date(2026, 3, 13)
    page = client.post(CHANGE, typed(operation_day=1), follow=True).content.decode()
    assert "move to their new days" in page
    event = OutboxEvent.objects.get(event="call_rules_changed")
    (task,) = settings.EVENT_TASKS[event.event]
    import_string(task)(**event.payload)
    call.refresh_from_db()
    assert call.call_on == date(2026, 3, 12)
    assert CallBack.objects.get(treatment=call.treatment, code="month-1").call_on == date(2026, 4, 11)


def test_who_saves_second_is_told_what_changed(
    client: Client, branch: Branch, supervisor: Staff, now: datetime
) -> None:
    change_call_rules(branch=branch, changes={"most_tries": 3}, staff=supervisor, now=now)
    answer = client.post(CHANGE, typed(pause_busy=25))
    page = answer.content.decode()
    assert answer.status_code == 409 and "changed this meanwhile: tries at most" in page and 'value="25"' in page
    latest = latest_change(CallRules, CallRules.objects.get().pk)
    assert f'name="seen" value="{latest}"' in page
    assert client.post(CHANGE, typed(pause_busy=25, seen=latest)).status_code == 302
    assert CallRules.objects.get().most_tries == 6 and CallRules.objects.get().pause_busy == 25


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    def change(staff: Staff, most_tries: int) -> None:
        change_call_rules(branch=branch, changes={"most_tries": most_tries}, seen=0, staff=staff, now=now)

    first, second = staff_with(Role.SERVICE_SUPERVISOR), staff_with(Role.SERVICE_SUPERVISOR)
    assert at_once(lambda: change(first, 3), lambda: change(second, 4)) == ["changed_meanwhile", "ok"]
    assert AuditEntry.objects.filter(action="followups.change_rules").count() == 1


def test_queries_of_the_page(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.get(READ)
    with django_assert_num_queries(8):
        client.get(READ)
