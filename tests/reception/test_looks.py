"""S5: who looked at a visitor, when and why: reveals with a reason, records opened, and the page that tells of them."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Refused
from clinic.reasons import Reason, Screen
from clinic.roles import Role
from clinic.services import audit
from reception import services
from reception.selectors.merging import records_of
from reception.services.exports import export_register
from reception.services.looks import note_view
from reception.services.slips import print_card
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory, VisitorFactory
from tests.reception.merging.scenes import merge

pytestmark = pytest.mark.usefixtures("now")

HTMX = {"HX-Request": "true"}
PHONE = "138 0013 8000"


@pytest.fixture
def desk(client_as: MakeClient, clerk: Staff) -> Client:
    return client_as(clerk)


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION, display_name="林小满")


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def views() -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(action="reception.view_visitor")
    return [{"staff": one.staff_id, "object_id": one.object_id, "detail": one.detail} for one in entries]


@pytest.mark.parametrize(
    "said",
    [{}, {"reason": ""}, {"reason": "curious"}, {"reason": "other"}, {"reason": "other", "words": " \x00 "}],
)
@pytest.mark.parametrize("name", ["reveal_phone", "reveal_id"])
def test_without_a_reason_no_whole_number_is_shown(name: str, said: dict[str, str], desk: Client) -> None:
    visitor = VisitorFactory(phone="13800138000")
    address = reverse(f"reception:{name}", args=[visitor.pk])
    for headers in ({}, HTMX):
        refused = desk.post(address, said, headers=headers)
        assert refused.status_code == 422
        assert PHONE not in text_of(refused)
    assert "it is recorded that you looked" in text_of(refused)
    assert not AuditEntry.objects.filter(action__startswith="reception.reveal_").exists()


def test_a_reason_in_own_words_is_kept_without_the_number_in_it(desk: Client) -> None:
    visitor = VisitorFactory(phone="13800138000")
    address = reverse("reception:reveal_phone", args=[visitor.pk])
    refused = desk.post(address, {"reason": "other", "words": "字" * 201}, headers=HTMX)
    assert refused.status_code == 422 and "At most 200 characters" in text_of(refused)
    page = desk.post(address, {"reason": "other", "words": "字" * 201})
    assert page.status_code == 422 and "At most 200 characters" in text_of(page)
    assert PHONE in text_of(desk.post(address, {"reason": "other", "words": "核对\x00 13800138000"}, headers=HTMX))
    kept = AuditEntry.objects.get(action="reception.reveal_phone")
    assert kept.detail == {"reason": "other", "words": "核对 138****8000"}


def test_a_reason_of_the_list_is_enough_and_works_without_scripts(desk: Client) -> None:
    visitor = VisitorFactory(phone="13800138000", name="<b>王小美</b>")
    address = reverse("reception:reveal_phone", args=[visitor.pk])
    asked = desk.get(address)
    assert PHONE not in text_of(asked)
    assert b"<b>" + "王小美".encode() not in asked.content
    for reason in Reason.values:
        assert f'value="{reason}"' in text_of(asked)
    answer = desk.post(address, {"reason": "identity", "words": "not asked for"})
    assert PHONE in text_of(answer) and "<html" in text_of(answer)
    assert AuditEntry.objects.get(action="reception.reveal_phone").detail == {"reason": "identity"}


@pytest.mark.parametrize("reason", ["", "nothing", "other"])
def test_the_services_refuse_a_look_without_a_reason(reason: str, clerk: Staff, now: datetime) -> None:
    visitor = VisitorFactory(phone="13800138000")
    for look in (services.reveal_phone, services.reveal_id_number):
        with pytest.raises(Refused) as refused:
            look(visitor=visitor, reason=reason, staff=clerk, now=now)
        assert refused.value.code == "reason"


def test_opening_a_record_is_written_down_with_where(desk: Client, clerk: Staff) -> None:
    visitor = VisitorFactory()
    desk.get(reverse("reception:visitor", args=[visitor.pk]))
    assert views() == [{"staff": clerk.pk, "object_id": str(visitor.pk), "detail": {"screen": "visitor"}}]


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("visitor_card", "card"),
        ("visitor_consents", "consents"),
        ("printed_card", "printed_card"),
        ("visitor_history", "visitor"),
        ("visitor_papers", "visitor"),
        ("visitor_story", "visitor"),
        ("visitor_now", "visitor"),
    ],
)
def test_each_page_of_a_record_is_a_look(name: str, screen: str, desk: Client) -> None:
    visitor = VisitorFactory()
    desk.get(reverse(f"reception:{name}", args=[visitor.pk]))
    assert [one["detail"] for one in views()] == [{"screen": screen}]


def test_the_arrival_form_and_merging_are_looks(desk: Client, client_as: MakeClient) -> None:
    one, two = VisitorFactory(), VisitorFactory()
    desk.get(reverse("reception:desk"), {"visitor": one.pk})
    desk.get(reverse("reception:arrival_new"), {"visitor": two.pk}, headers=HTMX)
    assert [one["detail"]["screen"] for one in views()] == ["arrival", "arrival"]
    supervisor = client_as(Role.DESK_SUPERVISOR)
    supervisor.get(reverse("reception:visitor_merge", args=[one.pk]), {"other": two.pk})
    assert {(view["object_id"], view["detail"]["screen"]) for view in views()} >= {
        (str(one.pk), "merging"),
        (str(two.pk), "merging"),
    }


def test_what_a_page_refetches_on_its_own_is_no_look(desk: Client) -> None:
    visitor = VisitorFactory()
    for name in ("visitor_history", "visitor_papers", "visitor_story", "visitor_now"):
        address = reverse(f"reception:{name}", args=[visitor.pk])
        assert desk.get(address, headers={**HTMX, "X-Background": "1"}).status_code == 200
    assert views() == []


def test_back_and_forth_within_ten_minutes_is_one_look(clerk: Staff, staff_with: MakeStaff, now: datetime) -> None:
    visitor, other, colleague = VisitorFactory(), VisitorFactory(), staff_with(Role.RECEPTION)
    for minutes, wanted in ((0, 1), (1, 1), (9, 1), (10, 2), (21, 3)):
        note_view(visitor=visitor, screen=Screen.VISITOR, staff=clerk, now=now + timedelta(minutes=minutes))
        assert len(views()) == wanted, minutes
    note_view(visitor=other, screen=Screen.CARD, staff=clerk, now=now)
    note_view(visitor=visitor, screen=Screen.CARD, staff=colleague, now=now)
    assert len(views()) == 5
    entry = AuditEntry.objects.latest("pk")
    assert (entry.at, entry.staff, entry.branch) == (now, colleague, colleague.branch)


def test_a_look_is_one_statement(
    clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitor = VisitorFactory()
    for _time in range(2):
        with django_assert_num_queries(1):
            note_view(visitor=visitor, screen=Screen.VISITOR, staff=clerk, now=now)


def looked(client: Client, visitor: Any, **asked: str) -> Any:
    return client.get(reverse("reception:looked", args=[visitor.pk]), asked)


def told(response: Any) -> list[tuple[str, str]]:
    return [(row.entry.action, ", ".join(text for _label, text in row.details)) for row in response.context["rows"]]


@pytest.mark.parametrize("role", list(Role))
def test_managers_auditors_and_desk_supervisors_read_who_looked(role: Role, client_as: MakeClient) -> None:
    visitor = VisitorFactory()
    client = client_as(role)
    reads = role in (Role.MANAGER, Role.AUDITOR, Role.DESK_SUPERVISOR)
    assert looked(client, visitor).status_code == (200 if reads else 403)
    page = client.get(reverse("reception:visitor", args=[visitor.pk]))
    if page.status_code == 200:
        assert ("Who looked" in text_of(page)) is reads


def test_everything_that_was_looked_at_is_told_newest_first(
    client_as: MakeClient, clerk: Staff, branch: Branch, now: datetime
) -> None:
    visitor = VisitorFactory(phone="13800138000")
    visit = VisitFactory(visitor=visitor, branch=branch)
    someone = VisitorFactory()
    note_view(visitor=someone, screen=Screen.VISITOR, staff=clerk, now=now)
    audit.record(action="reception.change_visitor", now=now, staff=clerk, target=visitor)
    note_view(visitor=visitor, screen=Screen.CARD, staff=clerk, now=now)
    services.reveal_phone(visitor=visitor, reason="other", words="<i>报销</i>", staff=clerk, now=now)
    print_card(visitor=visitor, staff=clerk, now=now)
    export_register(branch=branch, day=visit.day, rows=[], why="月底核对", staff=clerk, now=now)
    export_register(branch=branch, day=visit.day - timedelta(days=1), rows=[], why="另一天", staff=clerk, now=now)
    manager = client_as(Role.MANAGER)
    page = looked(manager, visitor)
    assert [action for action, _why in told(page)] == [
        "reception.export_register",
        "reception.print_card",
        "reception.reveal_phone",
        "reception.view_visitor",
    ]
    assert "月底核对" in text_of(page) and "另一天" not in text_of(page)
    assert "<i>报销</i>" not in page.content.decode() and "<i>报销</i>" in text_of(page)
    assert told(looked(manager, visitor, kind="view")) == [("reception.view_visitor", "Editing the card")]
    assert [action for action, _why in told(looked(manager, visitor, kind="reveal"))] == ["reception.reveal_phone"]
    assert len(told(looked(manager, visitor, person=str(clerk.pk)))) == 4
    none = looked(manager, visitor, person="999999")
    assert told(none) == [] and "No entry fits" in text_of(none)
    assert looked(manager, visitor, kind="x\x00", person="x", page="x").status_code == 200


def test_nobody_has_looked_yet(client_as: MakeClient) -> None:
    assert "Nobody has looked yet" in text_of(looked(client_as(Role.AUDITOR), VisitorFactory()))


def test_looks_at_a_record_that_was_merged_are_told_too(
    client_as: MakeClient, staff_with: MakeStaff, clerk: Staff, now: datetime
) -> None:
    survivor, other = VisitorFactory(name="王小美"), VisitorFactory(name="王小美")
    note_view(visitor=other, screen=Screen.VISITOR, staff=clerk, now=now)
    merge(survivor, other, staff_with(Role.DESK_SUPERVISOR))
    assert set(records_of(survivor)) == {survivor, other}
    auditor = client_as(Role.AUDITOR)
    assert [action for action, _why in told(looked(auditor, survivor))] == ["reception.view_visitor"]
    assert looked(auditor, other).context["visitor"] == survivor


@pytest.mark.parametrize("times", [1, 30])
def test_the_page_asks_as_much_for_many_looks_as_for_one(
    times: int,
    client_as: MakeClient,
    staff_with: MakeStaff,
    branch: Branch,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visitor = VisitorFactory()
    VisitFactory(visitor=visitor, branch=branch)
    for number in range(times):
        person = staff_with(Role.RECEPTION)
        note_view(visitor=visitor, screen=Screen.VISITOR, staff=person, now=now + timedelta(minutes=number))
    client = client_as(Role.MANAGER)
    looked(client, visitor)
    with django_assert_num_queries(13):
        looked(client, visitor)


def test_the_audit_log_says_details_in_words_and_names_visitors_by_file_number(
    client_as: MakeClient, clerk: Staff, now: datetime
) -> None:
    visitor, other = VisitorFactory(), VisitorFactory()
    note_view(visitor=visitor, screen=Screen.CARD, staff=clerk, now=now)
    services.reveal_phone(visitor=visitor, reason="complaint", staff=clerk, now=now)
    for detail in (
        {"as": "head"},
        {"fields": ["birth_on", "name"], "hash": "0123456789abcdef" * 4},
        {"survivor": visitor.pk, "other": other.pk},
        {"successor": clerk.pk, "was_done": True, "nothing": None, "deep": {"more": [1, {"x": 2}]}},
    ):
        audit.record(action="reception.change_visitor", now=now, staff=clerk, target=visitor, detail=detail)
    client = client_as(Role.AUDITOR)
    page = text_of(client.get(reverse("clinic:audit")))
    for words in (
        "where: Editing the card",
        "reason: Deal with a complaint",
        "as: head of department",
        "changed: birth date, name",
        "content mark: 0123456789ab<",
        f"record kept: {visitor.file_number}",
        f"other record: {other.file_number}",
        "successor: 林小满",
        "had been done: yes",
        f"visitor {visitor.file_number}",
    ):
        assert words.removesuffix("<") in page, words
    assert "0123456789abc" not in page and "nothing" not in page
    chinese = text_of(client.get(reverse("clinic:audit"), headers={"Accept-Language": "zh-hans"}))
    assert "投诉处理" in chinese and "修改就诊卡" in chinese and "科室负责人" in chinese
