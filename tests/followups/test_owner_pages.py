"""The pages of owners' calls as consultants, their supervisors and others see them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.navigation import links_of
from clinic.roles import Role
from followups.models import OwnerCall, OwnerCallTry
from followups.services import build_owner_calls, record_owner_try, take_owner_call
from reception.models import MessageRefusal, Visitor
from tests.conftest import MakeClient, MakeStaff
from tests.factories.appointments import book
from tests.factories.followups import FollowedVisitorFactory, OperationFactory, an_owner_call, another_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_as: MakeClient, now: datetime) -> Client:
    return client_as(Role.CONSULTANT)


@pytest.fixture
def consultant(client: Client) -> Staff:
    return client.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def call(consultant: Staff, now: datetime) -> OwnerCall:
    return an_owner_call(consultant, now=now)


def page(client: Client, name: str, *args: int, **query: Any) -> str:
    response = client.get(reverse(f"followups:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, name: str, call: OwnerCall, **data: Any) -> Any:
    return client.post(reverse(f"followups:{name}", args=[call.pk]), data)


def test_the_list_shows_who_is_to_be_called_and_why(
    client: Client, branch: Branch, consultant: Staff, now: datetime
) -> None:
    visitor = FollowedVisitorFactory.create(
        registered_in=branch, owner=consultant, name="O'Brien <b>", phone="+8613812348000"
    )
    late = an_owner_call(consultant, now=now, visitor=visitor, again_on=date(2026, 3, 8), reason="太贵 <i>")
    an_owner_call(consultant, now=now, again_on=date(2026, 3, 12), reason="明天再说")
    html = page(client, "own")
    assert "O&#x27;Brien &lt;b&gt;" in html and "太贵 &lt;i&gt;" in html and "138****8000" in html
    assert "3 days late" in html and reverse("followups:own_card", args=[late.pk]) in html
    assert "13812348000" not in html and "明天再说" not in html
    assert "明天再说" in page(client, "own_panel", when="coming")
    assert page(client, "own_count") == "1"
    assert "Nobody to call" in page(client, "own", tab="birthday")


def test_next_session_and_birthday_say_what_they_are_about(
    client: Client, branch: Branch, consultant: Staff, now: datetime
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, owner=consultant, birth_on=date(1990, 3, 11))
    OperationFactory.create(
        branch=branch, visitor=visitor, treated_on=date(2026, 3, 2), next_visit_on=date(2026, 3, 14)
    )
    build_owner_calls(now=now)
    assert "Breast augmentation, next visit on" in page(client, "own", tab="next_session")
    assert "turns 36" in page(client, "own", tab="birthday")
    led = client.get(reverse("followups:own"))
    assert led.headers["Location"] == f"{reverse('followups:own')}?tab=next_session", "the first list with somebody"


def test_three_cards_in_a_row(client: Client, consultant: Staff, now: datetime) -> None:
    days = [date(2026, 3, day) for day in (8, 9, 10)]
    first, second, third = (an_owner_call(consultant, now=now, again_on=day) for day in days)
    opened = client.post(reverse("followups:own_next"), {"tab": "no_deal"})
    assert opened.headers["Location"] == f"{reverse('followups:own_card', args=[first.pk])}?tab=no_deal"
    html = client.get(opened.headers["Location"]).content.decode()
    assert "Hello 王小美" in html and 'data-key="9"' in html and "yours until" in html
    saved = post(client, "own_try", first, version=1, result="thinks", notes="下月", tab="no_deal")
    assert saved.headers["Location"] == f"{reverse('followups:own_card', args=[second.pk])}?tab=no_deal"
    saved = post(client, "own_try", second, version=1, result="no_answer", tab="no_deal")
    assert saved.headers["Location"] == f"{reverse('followups:own_card', args=[third.pk])}?tab=no_deal"
    saved = post(client, "own_try", third, version=1, result="refused", tab="no_deal")
    assert saved.headers["Location"] == f"{reverse('followups:own')}?tab=no_deal"
    results = OwnerCallTry.objects.order_by("pk").values_list("result", flat=True)
    assert list(results) == ["thinks", "no_answer", "refused"]


def test_what_is_missing_is_asked_for_and_what_was_typed_stays(
    client: Client, call: OwnerCall, consultant: Staff, now: datetime
) -> None:
    take_owner_call(call=call, staff=consultant, now=now)
    answer = post(client, "own_try", call, version=1, result="later", notes="下午再打")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Say when to call again" in html and "下午再打" in html and 'value="later"' in html
    assert OwnerCallTry.objects.count() == 0
    post(client, "own_try", call, version=1, result="later", later_on="2026-03-12", later_at="15:30")
    assert str(OwnerCall.objects.get(pk=call.pk).call_at) == "2026-03-12 07:30:00+00:00"


def test_who_comes_in_is_booked_by_who_may(
    client: Client, client_as: MakeClient, staff_with: MakeStaff, call: OwnerCall, now: datetime
) -> None:
    answer = post(client, "own_try", call, version=1, result="comes")
    assert answer.headers["Location"].startswith(reverse("followups:own_card", args=[call.pk]))
    booking = f"{reverse('reception:booking_new')}?visitor={call.visitor_id}"
    html = page(client, "own_card", call.pk)
    assert call.visitor.file_number in html and "ask the front desk to book her" in html and booking not in html
    both = staff_with(Role.CONSULTANT, Role.RECEPTION)
    OwnerCall.objects.filter(pk=call.pk).update(owner=both)
    assert booking in page(client_as(both), "own_card", call.pk)


def test_sent_twice_it_is_recorded_once(client: Client, call: OwnerCall) -> None:
    for status in (302, 409):
        assert post(client, "own_try", call, version=1, result="refused").status_code == status
    assert OwnerCallTry.objects.count() == 1


def test_the_phone_is_shown_and_logged(client: Client, call: OwnerCall, consultant: Staff, now: datetime) -> None:
    take_owner_call(call=call, staff=consultant, now=now)
    phone = str(call.visitor.phone)
    assert phone not in page(client, "own_card", call.pk)
    assert f'href="tel:{phone}"' in post(client, "own_phone", call).content.decode()
    entry = AuditEntry.objects.get(action="reception.reveal_phone")
    assert (entry.staff, entry.detail["reason"], entry.detail["owner_call"]) == (consultant, "call_back", call.pk)


def test_messages_are_refused_and_wanted_again(client: Client, call: OwnerCall) -> None:
    for _number in range(2):
        post(client, "own_messages", call)
    assert MessageRefusal.objects.get().phone == call.visitor.phone
    assert "Wants no messages" in page(client, "own_card", call.pk)
    for _number in range(2):
        post(client, "own_messages", call, want="1")
    assert not MessageRefusal.objects.exists()
    actions = AuditEntry.objects.filter(action__endswith="_messages").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["reception.refuse_messages", "reception.accept_messages"]


def test_anothers_calls_are_not_there(
    client: Client, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    others = an_owner_call(staff_with(Role.CONSULTANT), now=now)
    elsewhere = an_owner_call(staff_with(Role.CONSULTANT, branch=other_branch), now=now)
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    for one in (others, elsewhere):
        assert client.get(reverse("followups:own_card", args=[one.pk])).status_code == 404
        assert post(client, "own_take", one).status_code == 404
    assert supervisor.get(reverse("followups:own_card", args=[others.pk])).status_code == 200
    assert supervisor.get(reverse("followups:own_card", args=[elsewhere.pk])).status_code == 404
    assert client_as(Role.SERVICE_SUPERVISOR).get(reverse("followups:own_card", args=[others.pk])).status_code == 404
    assert client_as(Role.CUSTOMER_SERVICE).get(reverse("followups:own")).status_code == 403
    assert client.post(reverse("followups:own_end", args=[others.pk])).status_code == 403


def test_the_supervisor_settles_who_was_not_reached(
    client: Client, client_as: MakeClient, call: OwnerCall, consultant: Staff, now: datetime
) -> None:
    record_owner_try(call=call, result="wrong_number", staff=consultant, now=now)
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    assert "Not reached" not in page(client, "own")
    assert call.visitor.name in page(supervisor, "own", tab="unreached")
    card = page(supervisor, "own_card", call.pk, tab="unreached")
    assert "Put back on the list" in card and "End this call" in card
    assert "Put back on the list" not in page(client, "own_card", call.pk)
    wrong = post(supervisor, "own_put_back", call, version=2, call_on="x")
    assert wrong.status_code == 422
    post(supervisor, "own_put_back", call, version=2, call_on="2026-03-13")
    assert OwnerCall.objects.get(pk=call.pk).state == "open"
    assert post(supervisor, "own_end", call, version=2, note="x").status_code == 409
    record_owner_try(call=call, result="wrong_number", staff=consultant, now=now)
    post(supervisor, "own_end", call, version=4, note="换号了")
    assert OwnerCall.objects.get(pk=call.pk).state == "cancelled"


def test_a_supervisor_narrows_to_one_colleague(
    client_as: MakeClient, call: OwnerCall, staff_with: MakeStaff, now: datetime
) -> None:
    other = an_owner_call(staff_with(Role.CONSULTANT, display_name="李敏"), now=now)
    Visitor.objects.filter(pk=other.visitor_id).update(name="赵六")
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    both = page(supervisor, "own")
    assert "赵六" in both and "王小美" in both and "李敏" in both
    one = page(supervisor, "own", whose=call.owner_id)
    assert "赵六" not in one and "王小美" in one


def test_receptions_lists_are_linked_for_who_works_them(
    client: Client, client_as: MakeClient, branch: Branch, call: OwnerCall, now: datetime
) -> None:
    book(branch, now=now)
    no_shows, day_before = reverse("reception:no_shows"), reverse("reception:day_before")
    alone = page(client, "own")
    assert no_shows not in alone and day_before not in alone
    html = page(client_as(Role.CONSULTANT, Role.RECEPTION), "own")
    assert no_shows in html and 'Day before <span class="num">1</span>' in html


def test_the_rail_leads_there_with_a_number(staff_with: MakeStaff) -> None:
    url, count = reverse("followups:own"), reverse("followups:own_count")
    for role in Role:
        there = [link for link in links_of(staff_with(role)) if link.url == url]
        expected = {Role.CONSULTANT, Role.DOCTOR, Role.CONSULTING_SUPERVISOR, Role.SERVICE_SUPERVISOR}
        assert bool(there) is (role in expected), role
        assert all(link.count_url == count for link in there)


def test_in_chinese(client: Client, call: OwnerCall, consultant: Staff, now: datetime) -> None:
    take_owner_call(call=call, staff=consultant, now=now)
    url = reverse("followups:own_card", args=[call.pk])
    html = client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
    assert "王小美女士您好" in html and "愿意到院" in html and "价格" in html


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(("tab", "queries"), [("no_deal", 6), ("next_session", 6), ("birthday", 5)])
def test_queries_of_the_list(
    client: Client,
    branch: Branch,
    consultant: Staff,
    now: datetime,
    rows: int,
    tab: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        call = an_owner_call(consultant, now=now)
        Visitor.objects.filter(pk=call.visitor_id).update(birth_on=date(1990, 3, 11))
        OperationFactory.create(
            branch=branch,
            visitor=call.visitor,
            project=another_project(branch, number),
            treated_on=date(2026, 3, 2),
            next_visit_on=date(2026, 3, 14),
        )
    build_owner_calls(now=now)
    assert page(client, "own", tab=tab).count("<tr") == rows + 1
    with django_assert_num_queries(queries):
        page(client, "own", tab=tab)
    with django_assert_num_queries(queries):
        page(client, "own_panel", tab=tab)


@pytest.mark.parametrize("rows", [1, 50])
def test_queries_of_a_card(
    client: Client,
    consultant: Staff,
    branch: Branch,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = FollowedVisitorFactory.create(registered_in=branch, owner=consultant)
    calls = [an_owner_call(consultant, now=now - timedelta(days=number), visitor=visitor) for number in range(rows)]
    for each in OwnerCall.objects.all():
        OwnerCallTry.objects.create(call=each, at=now, staff=consultant, result="no_answer")
    page(client, "own_card", calls[0].pk)
    with django_assert_num_queries(8):
        page(client, "own_card", calls[0].pk)
