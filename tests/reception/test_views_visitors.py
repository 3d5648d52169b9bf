"""The pages of visitors: their cards, their phones, the list, and who sees whom."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry
from clinic.roles import Role
from reception.forms import CardForm
from reception.selectors.visitors import latest_history_id
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import ProjectFactory, VisitFactory, VisitorFactory
from tests.reception.scenes import text_of

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


def test_the_phone_is_masked_until_it_is_shown_and_that_is_recorded(desk: Client) -> None:
    visitor = VisitorFactory(phone="13800138000")
    page = text_of(desk.get(reverse("reception:visitor", args=[visitor.pk])))
    assert "138****8000" in page
    assert "138 0013 8000" not in page
    reveal = reverse("reception:reveal_phone", args=[visitor.pk])
    assert "138 0013 8000" not in text_of(desk.get(reveal))
    assert "+86 138 0013 8000" in text_of(desk.post(reveal, {"reason": "identity"}))
    assert AuditEntry.objects.filter(action="reception.reveal_phone", object_id=str(visitor.pk)).count() == 1


def test_a_card_is_changed_and_its_earlier_values_are_shown_with_phones_masked(desk: Client) -> None:
    visitor = VisitorFactory(name="王小美", phone="13800138000")
    card = reverse("reception:visitor_card", args=[visitor.pk])
    page = text_of(desk.get(card))
    assert "138****8000" in page
    assert "13800138000" not in page
    seen = latest_history_id(visitor)
    fields = {"name": "王小妹", "gender": "female", "birth_on": "1990-02-01", "heard_from": "友", "seen": seen}
    assert desk.post(card, fields).status_code == 302
    visitor.refresh_from_db()
    assert (visitor.name, str(visitor.phone)) == ("王小妹", "+8613800138000")
    stale = desk.post(card, fields | {"name": "王小姐"})
    assert stale.status_code == 409
    assert "changed this card meanwhile" in text_of(stale)
    assert 'value="王小姐"' in text_of(stale)
    again = stale.context["form"].data["seen"]
    assert desk.post(card, fields | {"name": "王小姐", "phone": "139 0013 9001", "seen": again}).status_code == 302
    history = text_of(desk.get(reverse("reception:visitor_history", args=[visitor.pk])))
    assert "王小美" in history
    assert "138****8000" in history
    assert "139****9001" in history
    last = latest_history_id(visitor)
    desk.post(card, fields | {"remove_phone": "on", "seen": last})
    visitor.refresh_from_db()
    assert not visitor.phone


def test_only_what_is_on_file_can_be_removed_from_the_card(desk: Client) -> None:
    without, with_phone = VisitorFactory(phone=""), VisitorFactory(phone="13800138000")
    for visitor, fields in ((without, set()), (with_phone, {"remove_phone"})):
        page = desk.get(reverse("reception:visitor_card", args=[visitor.pk]))
        assert {"remove_phone", "remove_id"} & set(page.context["form"].fields) == fields
    card = reverse("reception:visitor_card", args=[without.pk])
    sent = {"name": "王", "gender": "female", "seen": latest_history_id(without), "remove_phone": "on"}
    sent |= {"id_kind": "resident", "id_number": "11010519491231002X", "id_seen": 0}
    assert desk.post(card, sent).status_code == 302
    assert "remove_id" in desk.get(card).context["form"].fields


@pytest.mark.parametrize("age", ["121", "-1", "x", "1.5"])
def test_what_is_wrong_on_a_card_is_said_in_the_words_of_the_desk(age: str) -> None:
    sent = {"name": "", "gender": "", "birth_on": "x", "age": age}
    with override("zh-hans"):
        errors = CardForm(sent, today=date(2026, 3, 11), phone_on_file=False, id_on_file=False).errors
        assert list(errors["age"]) == ["年龄应为 0–120 岁的整数。"]
        assert list(errors["name"]) == ["请填写姓名，一个字也可以。"]
        assert list(errors["gender"]) == ["请填写此项。"]
        assert list(errors["birth_on"]) == ["请填写日期，如 2026-03-12。"]


@pytest.mark.parametrize("born", ["2999-01-01", "1800-01-01", "x"])
def test_a_birth_date_nobody_has_is_not_taken(desk: Client, born: str) -> None:
    visitor = VisitorFactory()
    card = reverse("reception:visitor_card", args=[visitor.pk])
    fields = {"name": "王", "gender": "female", "birth_on": born, "seen": latest_history_id(visitor)}
    assert desk.post(card, fields).status_code == 422


def test_visitors_are_listed_searched_and_paged(desk: Client, staff_with: MakeStaff) -> None:
    owner = staff_with(Role.CONSULTANT)
    VisitorFactory.create_batch(51)
    owned = VisitorFactory(name="曾小美", phone="13800138000", owner=owner)
    listed = reverse("reception:visitors")
    first = desk.get(listed)
    assert len(first.context["found"]) == 50
    assert first.context["page"].paginator.count == 52
    assert len(desk.get(listed, {"page": 2}).context["found"]) == 2
    assert desk.get(listed, {"owner": owner.pk}).context["found"] == [owned]
    assert desk.post(listed, {"q": "8000"}).context["found"] == [owned]
    assert "Nobody found" in text_of(desk.post(listed, {"q": "9999999"}))


def test_an_empty_list_of_visitors_says_so(desk: Client) -> None:
    assert "No visitor yet" in text_of(desk.get(reverse("reception:visitors")))


VISITOR_PAGES = ("visitor", "visitor_now", "visitor_history", "visitor_story")


def test_a_consultant_sees_her_own_visitors_and_nobody_elses(client_as: MakeClient) -> None:
    client = client_as(Role.CONSULTANT)
    own, foreign = VisitorFactory(owner=client.staff), VisitorFactory()  # type: ignore[attr-defined]
    for name in VISITOR_PAGES:
        assert client.get(reverse(f"reception:{name}", args=[own.pk])).status_code == 200
        assert client.get(reverse(f"reception:{name}", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("reception:visitors")).context["found"] == [own]
    assert client.post(reverse("reception:reveal_phone", args=[own.pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 50])
def test_finding_and_listing_ask_the_same_at_one_row_and_at_fifty(
    desk: Client, rows: int, staff_with: MakeStaff, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    VisitorFactory.create_batch(rows, owner=staff_with(Role.CONSULTANT))
    desk.get(reverse("reception:visitors"))
    with django_assert_num_queries(4):
        desk.post(reverse("reception:find"), {"q": "王"})
    with django_assert_num_queries(6):
        desk.get(reverse("reception:visitors"))
    with django_assert_num_queries(6):
        desk.post(reverse("reception:visitors"), {"q": "王"})


@pytest.mark.parametrize("rows", [1, 15])
def test_a_visitors_page_asks_the_same_however_often_she_came(
    desk: Client, rows: int, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor, wish = VisitorFactory(), ProjectFactory()
    for days in range(rows, 0, -1):
        VisitFactory(visitor=visitor, projects=[wish], now=now - timedelta(days=days))
    desk.get(reverse("reception:visitor", args=[visitor.pk]))
    with django_assert_num_queries(13):
        desk.get(reverse("reception:visitor", args=[visitor.pk]))


def test_a_visitors_page_loads_her_story_once_and_leaves_it_to_keep_itself_up_to_date(desk: Client) -> None:
    visitor = VisitorFactory()
    page = text_of(desk.get(reverse("reception:visitor", args=[visitor.pk])))
    address = reverse("reception:visitor_story", args=[visitor.pk])
    assert page.count(f'hx-get="{address}" hx-trigger="load" ') == 1
    story = text_of(desk.get(address))
    assert story.count(f'hx-trigger="live-visitor-{visitor.pk} from:body') == 1
