"""The plan, the quotation and the discounts in the browser."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, DiscountLimit, DiscountRequest, PlanItem
from consultations.services import Planned
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning

pytestmark = pytest.mark.django_db
PANEL = {"HX-Request": "true", "HX-Target": "plan"}


@pytest.fixture
def room(morning: Morning) -> Consultation:
    """A visitor in the room; the nose is listed at 12,000."""
    morning.nose.list_price = Decimal(12000)
    morning.nose.save()
    return morning.enter(morning.arrive())


def plan(morning: Morning, room: Consultation, **said: Any) -> PlanItem:
    what = Planned(**({"project": morning.nose} | said))
    return services.add_plan_item(consultation=room, what=what, staff=room.consultant, now=morning.now)


def post(client: Client, name: str, pk: int, **given: Any) -> Any:
    return client.post(reverse(f"consultations:{name}", args=[pk]), given, headers=PANEL)


def test_an_item_is_planned_with_a_discount_as_it_is_said(
    morning: Morning, room: Consultation, client_as: MakeClient
) -> None:
    client = client_as(morning.first)
    given = {
        "project": morning.nose.pk,
        "sessions": 2,
        "quoted": "9.5折",
        "planned": "肋软骨",
        "risks": "出血",
        "risks_explained": "on",
        "request_key": uuid4(),
    }
    page = post(client, "plan_add", room.pk, **given).content.decode()
    item = PlanItem.objects.get()
    assert (item.quoted_price, item.sessions) == (Decimal(22800), 2)
    assert item.risks_explained_by == morning.first
    assert "¥22,800.00" in page
    assert "95 %" in page and "9.5折" not in page
    assert "explained by 王欣" in page
    assert post(client, "plan_add", room.pk, **given).status_code == 200
    assert PlanItem.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"quoted": "cheap"}, "8.5折 or 85%"),
        ({"quoted": "13000"}, "never above the list price"),
        ({"quoted": "8折"}, "Your limit is 90 %"),
        ({"risks_explained": "on"}, "Write down what you said"),
        ({"sessions": "0"}, "greater than or equal to 1"),
        ({"project": ""}, "required"),
    ],
)
def test_a_wrong_item_keeps_what_was_typed(
    morning: Morning, room: Consultation, client_as: MakeClient, typed: dict[str, str], word: str
) -> None:
    given = {"project": morning.nose.pk, "sessions": 1, "planned": "O'Brien <b>"} | typed
    answer = post(client_as(morning.first), "plan_add", room.pk, **given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "O&#x27;Brien &lt;b&gt;" in page
    assert word in page
    assert "error-summary" in page
    assert not PlanItem.objects.exists()


def test_below_the_limit_she_asks_and_the_supervisor_answers(
    morning: Morning, room: Consultation, client_as: MakeClient
) -> None:
    client, supervisor = client_as(morning.first), client_as(Role.CONSULTING_SUPERVISOR)
    given = {"project": morning.nose.pk, "sessions": 1, "quoted": "8折", "why": "老顾客"}
    assert "no answer yet" in post(client, "plan_add", room.pk, **given).content.decode()
    request = DiscountRequest.objects.get()

    notice = supervisor.get(reverse("consultations:discount_notice")).content.decode()
    assert "王欣" in notice and "80" in notice and "老顾客" in notice
    assert supervisor.get(reverse("consultations:discount_count")).content == b"1"
    assert "张小美" in supervisor.get(reverse("consultations:discounts")).content.decode()
    wrong = post(supervisor, "discount_refuse", request.pk, answer="")
    assert wrong.status_code == 422
    assert post(supervisor, "discount_approve", request.pk).status_code == 200
    again = post(supervisor, "discount_approve", request.pk)
    assert again.status_code == 409
    assert supervisor.get(reverse("consultations:discount_count")).content == b""

    assert "approved" in client.get(reverse("consultations:plan_items", args=[room.pk])).content.decode()
    assert "approved ¥9,600" in client.get(reverse("consultations:discount_answers")).content.decode()
    assert post(client, "discount_seen", request.pk).content.decode().strip() == ""
    assert client_as(morning.second).post(reverse("consultations:discount_seen", args=[request.pk])).status_code == 404


def test_a_supervisor_cannot_approve_what_lies_below_her_own_limit(
    morning: Morning, room: Consultation, client_as: MakeClient
) -> None:
    plan(morning, room, quoted=Decimal(7200), why="x")
    request = DiscountRequest.objects.get()
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    page = supervisor.get(reverse("consultations:discounts")).content.decode()
    assert reverse("consultations:discount_approve", args=[request.pk]) not in page
    assert post(supervisor, "discount_approve", request.pk).status_code == 422
    assert post(client_as(Role.MANAGER), "discount_approve", request.pk).status_code == 200


def test_the_page_of_answered_requests_stays_when_something_happens(
    morning: Morning, room: Consultation, client_as: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consultations.views.plans.PAGE", 1)
    supervisor, manager = client_as(Role.CONSULTING_SUPERVISOR), client_as(Role.MANAGER)
    for price in (9600, 9700, 9800, 9900, 10000):
        plan(morning, room, quoted=Decimal(price), why="老顾客")
    first, second, third, fourth, fifth = DiscountRequest.objects.order_by("pk")
    for one in (first, second, third):
        assert post(supervisor, "discount_approve", one.pk).status_code == 200
    address = reverse("consultations:discounts")
    drawn = supervisor.get(address, {"page": "2"}, headers=PANEL).content.decode()
    assert f'id="discounts" class="stack-wide" hx-get="{address}?page=2"' in drawn
    assert 'id="discounts-page" name="page" value="2"' in drawn and drawn.count('hx-include="#discounts-page"') == 4
    answers = (
        post(supervisor, "discount_approve", fourth.pk, page="2"),
        post(manager, "discount_refuse", fifth.pk, page="2", answer="不行"),
    )
    for answer in answers:
        shown = answer.content.decode()
        assert answer.status_code == 200 and f'hx-get="{address}?page=2"' in shown
        assert f'hx-get="{address}?page=3"' in shown and "/approve/?page" not in shown and "/refuse/?page" not in shown


def test_every_request_is_approved_by_the_key_of_its_own_row(
    morning: Morning, room: Consultation, client_as: MakeClient
) -> None:
    for project in (morning.nose, morning.eyes):
        project.list_price = Decimal(12000)
        project.save()
        plan(morning, room, project=project, quoted=Decimal(9600), why="老顾客")
    page = client_as(Role.MANAGER).get(reverse("consultations:discounts")).content.decode()
    for request in DiscountRequest.objects.all():
        row = page.partition(f'id="discount-{request.pk}" data-row')[2].partition("</li>")[0]
        assert f'id="approve-{request.pk}" data-key="a" data-key-here' in row
        assert f'id="refuse-open-{request.pk}" data-key="r"' in row


def test_an_item_is_changed_from_two_windows(morning: Morning, room: Consultation, client_as: MakeClient) -> None:
    item = plan(morning, room)
    client = client_as(morning.first)
    drawn = client.get(reverse("consultations:plan_item", args=[item.pk]), headers=PANEL).content.decode()
    assert 'name="version" value="1"' in drawn
    given = {"project": morning.nose.pk, "sessions": 1, "version": 1}
    assert post(client, "plan_item", item.pk, planned="one", **given).status_code == 200
    stale = post(client, "plan_item", item.pk, planned="other", **given)
    assert stale.status_code == 409
    assert ">\nother</textarea>" in stale.content.decode()
    item.refresh_from_db()
    assert item.planned == "one"


def test_items_are_moved_and_removed(morning: Morning, room: Consultation, client_as: MakeClient) -> None:
    one, two = plan(morning, room, planned="erste"), plan(morning, room, planned="zweite")
    client = client_as(morning.first)
    page = post(client, "plan_item_move", two.pk, to="up").content.decode()
    assert page.index("zweite") < page.index("erste")
    page = post(client, "plan_item_remove", one.pk).content.decode()
    assert "1 removed item" in page


def test_others_items_do_not_exist_and_readers_only_read(
    morning: Morning, room: Consultation, client_as: MakeClient, other_branch: Branch, staff_with: MakeStaff
) -> None:
    item = plan(morning, room, quoted=Decimal(9600), why="x")
    stranger = client_as(morning.second)
    for name in ("plan_item", "plan_item_remove", "plan_item_move"):
        assert post(stranger, name, item.pk).status_code == 404
    assert stranger.get(reverse("consultations:plan_items", args=[room.pk])).status_code == 404
    assert stranger.get(reverse("consultations:quotation", args=[room.pk])).status_code == 404
    reader = client_as(Role.CONSULTING_SUPERVISOR)
    page = reader.get(reverse("consultations:consultation", args=[room.pk])).content.decode()
    assert "¥12,000.00" in page
    assert 'id="plan-form"' not in page
    abroad = client_as(staff_with(Role.MANAGER, branch=other_branch))
    request = DiscountRequest.objects.get()
    assert post(abroad, "discount_approve", request.pk).status_code == 404
    assert post(client_as(Role.DESK_SUPERVISOR), "discount_approve", request.pk).status_code == 403


@pytest.mark.parametrize("name", ["曾", "O'Brien <b>", "N" * 50])
def test_the_quotation_on_paper(morning: Morning, client_as: MakeClient, name: str) -> None:
    morning.nose.list_price = Decimal(12000)
    morning.nose.save()
    room = morning.enter(morning.arrive(name))
    client = client_as(morning.first)
    address = reverse("consultations:quotation", args=[room.pk])
    assert "Nothing is planned yet" in client.get(address).content.decode()
    plan(morning, room, quoted=Decimal(10800), risks="出血 <i>")
    plan(morning, room, project=morning.eyes)
    page = client.get(address).content.decode()
    assert name.replace("'", "&#x27;").replace("<", "&lt;").replace(">", "&gt;") in page
    assert "90 %" in page
    assert "to be quoted" in page
    assert "2026-03-25" in page
    assert "出血 &lt;i&gt;" in page


def test_the_plan_stands_in_the_story(morning: Morning, room: Consultation, client_as: MakeClient) -> None:
    item = plan(morning, room, sessions=3, quoted=Decimal(36000))
    services.remove_plan_item(item=plan(morning, room, project=morning.eyes), staff=morning.first, now=morning.now)
    address = reverse("reception:visitor_story", args=[room.visitor_id])
    page = client_as(morning.first).get(address).content.decode()
    assert f"{item.project} × 3" in page
    assert "¥36,000.00" in page
    assert str(morning.eyes) not in page


def test_limits_are_set_by_managers(morning: Morning, client_as: MakeClient) -> None:
    client = client_as(Role.MANAGER)
    address = reverse("consultations:discount_limits")
    given = {"consultant": "85", "doctor": "90", "consulting_supervisor": "75", "manager": "50", "seen": "0"}
    assert 'value="90"' in client.get(address).content.decode()
    assert client.post(address, given | {"consultant": "0"}).status_code == 422
    assert client.post(address, given).status_code == 302
    assert DiscountLimit.objects.get(role="consultant").least_percent == 85
    stale = client.post(address, given | {"consultant": "70"})
    assert stale.status_code == 409
    assert 'value="70"' in stale.content.decode()
    assert client_as(Role.CONSULTING_SUPERVISOR).get(address).status_code == 403


def test_a_list_price_is_set_in_the_projects_form(morning: Morning, client_as: MakeClient) -> None:
    client = client_as(Role.MANAGER)
    address = reverse("clinic:project_edit", args=[morning.nose.pk])
    given = {"name": "鼻", "name_en": "Nose", "department": morning.nose.department_id, "rank": 1, "offered": "on"}
    assert client.post(address, given | {"list_price": "-1"}).status_code == 422
    assert client.post(address, given | {"list_price": "12800.50"}).status_code == 302
    morning.nose.refresh_from_db()
    assert morning.nose.list_price == Decimal("12800.50")
    assert "¥12,800.50" in client.get(reverse("clinic:projects")).content.decode()
