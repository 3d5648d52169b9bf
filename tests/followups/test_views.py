"""The lists and the card as agents, supervisors and others see them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from followups.models import CallAttempt, CallBack
from followups.services import build_call_backs, record_attempt, take_card
from tests.conftest import MakeClient, MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, a_call, another_project

pytestmark = pytest.mark.django_db

MakeCall = Callable[..., CallBack]


@pytest.fixture
def client(client_as: MakeClient) -> Client:
    return client_as(Role.CUSTOMER_SERVICE)


@pytest.fixture
def agent(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def call(branch: Branch, now: datetime) -> CallBack:
    return a_call(branch, now=now)


def page(client: Client, name: str, *args: int, **query: Any) -> str:
    response = client.get(reverse(f"followups:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, name: str, call: CallBack, **data: Any) -> Any:
    return client.post(reverse(f"followups:{name}", args=[call.pk]), data)


def test_the_list_shows_who_is_to_be_called(client: Client, branch: Branch, now: datetime) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, name="O'Brien <b>", phone="+8613812348000")
    late = a_call(branch, now=now, visitor=visitor, treated_on=date(2026, 3, 6))
    html = page(client, "worklist")
    assert "O&#x27;Brien &lt;b&gt;" in html and "138****8000" in html and "13812348000" not in html
    assert "3 days late" in html and reverse("followups:card", args=[late.pk]) in html
    assert page(client, "count") == "1"
    assert "Nobody to call" in page(client, "worklist", tab="tomorrow")
    assert "No call fits" in page(client, "worklist", department="laser")
    assert "O&#x27;Brien" in page(client, "worklist", doctor=late.treatment.doctor_id, department="surgery")


def test_in_chinese(client: Client, call: CallBack, agent: Staff, now: datetime) -> None:
    take_card(call_back=call, staff=agent, now=now)
    html = client.get(
        reverse("followups:card", args=[call.pk]), headers={"accept-language": "zh-hans"}
    ).content.decode()
    assert "王小美女士您好" in html and "李敏医生" in html and "隆胸" in html and "术后第2天" in html


def test_a_card_is_taken_worked_and_the_next_opens(client: Client, agent: Staff, branch: Branch, now: datetime) -> None:
    first, second = (a_call(branch, now=now, treated_on=date(2026, 3, day)) for day in (8, 9))
    opened = client.post(reverse("followups:next"), {"tab": "today"})
    assert opened.headers["Location"] == f"{reverse('followups:card', args=[first.pk])}?tab=today"
    html = client.get(opened.headers["Location"]).content.decode()
    assert "Hello 王小美" in html and "Temperature above 38.5" in html and 'value="do_not_call"' in html
    saved = post(client, "attempt", first, version=1, result="reached", satisfaction=5, recovery="normal", tab="today")
    assert saved.headers["Location"] == f"{reverse('followups:card', args=[second.pk])}?tab=today"
    made = CallAttempt.objects.get()
    assert (made.call_back, made.staff, made.satisfaction, made.recovery) == (first, agent, 5, "normal")
    last = post(client, "attempt", second, version=1, result="no_answer", tab="today")
    assert last.headers["Location"] == f"{reverse('followups:worklist')}?tab=today"


def test_what_is_missing_is_asked_for_and_what_was_typed_stays(client: Client, call: CallBack) -> None:
    answer = post(client, "attempt", call, version=1, result="reached", notes="她说还有点肿")
    assert answer.status_code == 422 and CallAttempt.objects.count() == 0
    answer = post(client, "take", call)
    answer = post(client, "attempt", call, version=1, result="reached", notes="她说还有点肿")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Say whether the recovery is normal." in html and "她说还有点肿" in html and "<title>Error:" in html
    assert post(client, "attempt", call, version=1, result="later").status_code == 422


def test_a_promised_time_is_meant_in_the_branch(client: Client, call: CallBack) -> None:
    post(client, "attempt", call, version=1, result="later", later_on="2026-03-12", later_at="15:30", satisfaction=1)
    row = CallBack.objects.get(pk=call.pk)
    assert str(row.call_at) == "2026-03-12 07:30:00+00:00" and row.call_on == date(2026, 3, 12)
    assert CallAttempt.objects.get().satisfaction is None


@pytest.mark.parametrize("wrong", [{"satisfaction": 2, "recovery": "normal"}, {"recovery": "abnormal"}])
def test_after_a_bad_call_the_card_offers_a_complaint(client: Client, call: CallBack, wrong: dict[str, Any]) -> None:
    answer = post(client, "attempt", call, version=1, result="reached", **wrong)
    card = reverse("followups:card", args=[call.pk])
    assert answer.headers["Location"].startswith(card)
    assert f"{reverse('complaints:open')}?call_back={call.pk}" in client.get(card).content.decode()


def test_saving_can_lead_straight_to_a_complaint(client: Client, call: CallBack) -> None:
    answer = post(client, "attempt", call, version=1, result="reached", recovery="normal", then="complaint")
    assert answer.headers["Location"] == f"{reverse('complaints:open')}?call_back={call.pk}"


def test_sent_twice_it_is_recorded_once(client: Client, call: CallBack) -> None:
    for status in (302, 409):
        answer = post(client, "attempt", call, version=1, result="reached", recovery="normal")
        assert answer.status_code == status
    assert CallAttempt.objects.count() == 1


def test_who_comes_second_is_told_who_calls(
    client: Client, call: CallBack, staff_with: MakeStaff, now: datetime
) -> None:
    other = staff_with(Role.CUSTOMER_SERVICE, display_name="吴月")
    take_card(call_back=call, staff=other, now=now)
    assert post(client, "take", call).status_code == 409
    answer = post(client, "attempt", call, version=1, result="no_answer")
    assert answer.status_code == 409 and "吴月" in answer.content.decode()
    html = page(client, "card", call.pk)
    assert "吴月 is calling" in html and 'name="result"' not in html
    assert client.post(reverse("followups:renew", args=[call.pk]), headers={"HX-Request": "true"}).status_code == 409


def test_leaving_frees_the_card(client: Client, call: CallBack, agent: Staff) -> None:
    post(client, "take", call)
    assert CallBack.objects.get(pk=call.pk).held_by == agent
    assert "name=&quot;" not in page(client, "card", call.pk)
    assert client.post(reverse("followups:renew", args=[call.pk])).content.decode() == "10:40"
    assert post(client, "release", call, tab="overdue").headers["Location"].endswith("?tab=overdue")
    assert CallBack.objects.get(pk=call.pk).held_by is None


def test_the_phone_is_shown_on_request_and_that_is_recorded(
    client: Client, agent: Staff, branch: Branch, now: datetime
) -> None:
    call = a_call(branch, now=now, visitor=FollowedVisitorFactory.create(registered_in=branch, phone="+8613812348000"))
    post(client, "take", call)
    assert "13812348000" not in page(client, "card", call.pk).replace(" ", "")
    shown = post(client, "reveal_phone", call).content.decode()
    assert 'href="tel:+8613812348000"' in shown and "+86 138 1234 8000" in shown
    entry = AuditEntry.objects.get(action="reception.reveal_phone")
    assert (entry.staff, entry.object_type, entry.object_id) == (agent, "visitor", str(call.visitor_id))
    assert (entry.branch, entry.detail) == (branch, {"reason": "call_back", "call_back": call.pk})


def test_the_supervisor_settles(client_as: MakeClient, call: CallBack, agent: Staff, now: datetime) -> None:
    record_attempt(call_back=call, result="wrong_number", staff=agent, now=now)
    supervisor = client_as(Role.SERVICE_SUPERVISOR)
    assert "Wrong number" in page(supervisor, "worklist", tab="supervisor")
    version = CallBack.objects.get(pk=call.pk).version
    assert post(supervisor, "put_back", call, version=version).status_code == 422
    assert post(supervisor, "put_back", call, version=version, call_on="2026-03-12").status_code == 302
    assert CallBack.objects.get(pk=call.pk).call_on == date(2026, 3, 12)
    assert post(supervisor, "settle", call, version=version, note="x").status_code == 409


def test_agents_have_no_supervisors_list(client: Client, call: CallBack, agent: Staff, now: datetime) -> None:
    record_attempt(call_back=call, result="wrong_number", staff=agent, now=now)
    assert "Wrong number" not in page(client, "worklist", tab="supervisor")
    assert post(client, "put_back", call, version=2, call_on="2026-03-12").status_code == 403
    assert post(client, "settle", call, version=2, note="x").status_code == 403


def test_another_branchs_card_does_not_exist(client: Client, other_branch: Branch, now: datetime) -> None:
    elsewhere = a_call(other_branch, now=now)
    assert client.get(reverse("followups:card", args=[elsewhere.pk])).status_code == 404
    for name in ("take", "renew", "release", "attempt", "reveal_phone"):
        assert post(client, name, elsewhere).status_code == 404


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.CONSULTANT, Role.DOCTOR, Role.MANAGER, Role.AUDITOR])
def test_others_do_not_work_calls(client_as: MakeClient, call: CallBack, role: Role) -> None:
    stranger = client_as(role)
    for name, args in (("worklist", []), ("count", []), ("card", [call.pk])):
        assert stranger.get(reverse(f"followups:{name}", args=args)).status_code == 403


def test_a_visitors_calls_on_her_page(
    client: Client, client_as: MakeClient, call: CallBack, agent: Staff, now: datetime
) -> None:
    record_attempt(
        call_back=call, result="reached", recovery="normal", satisfaction=4, notes="恢复得好", staff=agent, now=now
    )
    panel = reverse("reception:visitor_story", args=[call.visitor_id])
    html = client.get(panel).content.decode()
    assert "恢复得好" in html and "4/5" in html and html.count("Call-back planned") == 3
    consultant = client_as(Role.CONSULTANT)
    assert consultant.get(panel).status_code == 404
    call.visitor.owner = consultant.staff  # type: ignore[attr-defined]
    call.visitor.save()
    assert "恢复得好" in consultant.get(panel).content.decode()


def test_every_digit_of_the_card_says_what_it_means(
    client: Client, call: CallBack, agent: Staff, now: datetime
) -> None:
    take_card(call_back=call, staff=agent, now=now)
    html = page(client, "card", call.pk)
    results = ["Reached", "No answer", "Line busy", "Call later", "Wrong number", "Refused", "Do not call"]
    scores = ["very poor", "poor", "fair", "good", "very good"]
    for words in (results, scores):
        for digit, word in enumerate(words, start=1):
            assert f"<kbd>{digit}</kbd><span>{word}</span>" in html
    assert html.count("key-unhappy") == 2
    assert "Digits choose the result again" in html


def test_a_mistake_links_to_the_field_it_was_made_in(
    client: Client, call: CallBack, agent: Staff, now: datetime
) -> None:
    card = take_card(call_back=call, staff=agent, now=now)
    html = post(client, "attempt", call, result="later", version=card.version).content.decode()
    assert '<a href="#id_later_on">' in html and 'id="id_later_on"' in html


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_the_list(
    client: Client, branch: Branch, now: datetime, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    OperationFactory.create_batch(rows, branch=branch)
    build_call_backs(now=now)
    page(client, "worklist")
    with django_assert_num_queries(7):
        page(client, "worklist")
    with django_assert_num_queries(6):
        page(client, "worklist_panel")


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_a_card(
    client: Client,
    branch: Branch,
    agent: Staff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch)
    day = date(2026, 3, 9)
    calls = [
        a_call(branch, now=now, visitor=visitor, treated_on=day - timedelta(days=n), project=another_project(branch, n))
        for n in range(rows)
    ]
    for each in calls:
        record_attempt(call_back=each, result="no_answer", staff=agent, now=now)
    page(client, "card", calls[0].pk)
    with django_assert_num_queries(10):
        page(client, "card", calls[0].pk)
    take_card(call_back=calls[0], staff=agent, now=now)
    with django_assert_num_queries(10):
        page(client, "card", calls[0].pk)
