"""The day log is written once, void with a reason, and never altered."""

import re
from datetime import date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception import services
from reception.models import LogEntry, LogOpen, LogStep
from reception.selectors.day_log import (
    unseen_message_slips,
)
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitorFactory
from tests.reception.day_log.scenes import HTMX, NAMES, line, parcel, slip, text_of, write

pytestmark = pytest.mark.usefixtures("now")


def test_an_empty_day_says_what_to_do(desk: Client, client_as: MakeClient) -> None:
    assert "Write the first line above" in text_of(desk.get(reverse("reception:day_log")))
    page = text_of(client_as(Role.AUDITOR).get(reverse("reception:day_log")))
    assert "Nothing was written on this day" in page
    assert 'id="log-form"' not in page


@pytest.mark.parametrize("name", NAMES)
def test_a_call_is_written_and_the_next_line_is_ready(desk: Client, consultant: Staff, name: str) -> None:
    answer = write(desk, name=name, for_whom="王欣", text="请回电", phone="138 0013 8000")
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "log-changed"
    page = text_of(answer)
    assert re.search(r'name="name"[^>]*autofocus', page)
    assert 'name="text" value' not in page
    entry = LogEntry.objects.get()
    assert (entry.name, entry.for_staff, str(entry.phone)) == (name, consultant, "+8613800138000")
    shown = text_of(desk.get(reverse("reception:day_log")))
    assert "138****8000" in shown
    assert "13800138000" not in shown
    assert "<b>" not in shown


def test_what_nobody_sees_is_not_kept(desk: Client) -> None:
    assert write(desk, name="‮周\x00女士", text="第一行\r\n第二行 =1+1").status_code == 200
    entry = LogEntry.objects.get()
    assert (entry.name, entry.text) == ("周女士", "第一行 第二行 =1+1")


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("call", {"name": "周", "for_whom": "不在"}, "Nobody of this name works here today"),
        ("call", {"name": "周", "phone": "1380"}, "too short"),
        ("call", {"name": "周" * 51}, "At most 50 characters"),
        ("call", {"text": "x" * 501}, "At most 500 characters"),
        ("call", {}, "Say at least who or what"),
        ("parcel", {"carrier": "顺丰"}, "required"),
        ("parcel", {"for_whom": "王", "pieces": "0"}, "greater than or equal to 1"),
        ("errand", {"text": "x", "errand": "moon"}, "not one of the available choices"),
        ("parking", {"number": "1"}, "required"),
    ],
)
def test_a_wrong_line_comes_back_as_typed(desk: Client, kind: str, wrong: dict[str, str], said: str) -> None:
    answer = write(desk, kind, **wrong)
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    for value in wrong.values():
        assert value == "moon" or len(value) > 40 or f'value="{value}"' in page
    assert not LogEntry.objects.exists()


def test_sent_twice_it_is_written_once_and_something_else_is_not_swallowed(desk: Client) -> None:
    typed = line(name="周女士", text="问地址")
    for _ in range(2):
        assert desk.post(reverse("reception:day_log_write"), typed, headers=HTMX).status_code == 200
    assert LogEntry.objects.count() == 1
    answer = desk.post(reverse("reception:day_log_write"), typed | {"text": "问价格"}, headers=HTMX)
    assert answer.status_code == 409
    assert 'value="问价格"' in text_of(answer)
    assert LogEntry.objects.count() == 1


def test_two_colleagues_of_one_name_are_told_apart(desk: Client, staff_with: MakeStaff) -> None:
    first = staff_with(Role.DOCTOR, display_name="李敏", login_name="limin1")
    second = staff_with(Role.NURSE, display_name="李敏", login_name="limin2")
    assert write(desk, name="周", for_whom="李敏").status_code == 422
    assert write(desk, name="周", for_whom="李敏 (limin2)").status_code == 200
    assert LogEntry.objects.get().for_staff == second != first


def test_mail_is_for_a_person_a_department_or_somebody_the_hospital_does_not_know(
    desk: Client, branch: Branch, consultant: Staff, staff_with: MakeStaff
) -> None:
    gone = staff_with(Role.NURSE, display_name="唐莉", active_until=date(2026, 1, 1))
    for whom in ("王欣", "唐莉", "Surgery", "装修队"):
        assert write(desk, "letter", for_whom=whom).status_code == 200
    written = [(one.for_staff, str(one.for_department or ""), one.for_name) for one in LogEntry.objects.order_by("pk")]
    assert written == [(consultant, "", ""), (gone, "", ""), (None, "Surgery", ""), (None, "", "装修队")]


def test_a_call_may_name_a_visitor_on_file(desk: Client) -> None:
    visitor = VisitorFactory(name="曾小美", phone="13800138000")
    found = desk.post(reverse("reception:people"), {"field": "visitor", "visitor_text": "zxm"})
    assert "曾小美" in text_of(found)
    assert write(desk, visitor=visitor.pk, visitor_text="曾小美", text="问药膏").status_code == 200
    entry = LogEntry.objects.get()
    assert (entry.visitor, entry.name) == (visitor, "曾小美")


def test_entries_and_steps_are_append_only(branch: Branch, clerk: Staff, now: datetime) -> None:
    entry = parcel(branch, clerk, now)
    services.settle_entry(entry=entry, what="handed_out", taker="张", staff=clerk, now=now)
    for statement in (
        "update reception_logentry set text = 'x'",
        "delete from reception_logentry",
        "update reception_logstep set taker = 'x'",
        "truncate reception_logstep",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_wrong_entry_is_void_with_a_reason_and_written_again(desk: Client, consultant: Staff) -> None:
    write(desk, name="周女士", for_whom="王欣", text="改约")
    entry = LogEntry.objects.get()
    url = reverse("reception:day_log_void", args=[entry.pk])
    assert desk.post(url, {"reason": " "}, headers=HTMX).status_code == 422
    answer = desk.post(url, {"reason": "写错了人 <b>"}, headers=HTMX)
    assert f"?again={entry.pk}" in text_of(answer)
    assert desk.post(url, {"reason": "再来"}, headers=HTMX).status_code == 409
    page = text_of(desk.get(reverse("reception:day_log"), {"again": entry.pk}))
    assert re.search(r'name="name" value="周女士"', page)
    assert 'value="王欣"' in page
    assert "写错了人 &lt;b&gt;" in page
    assert not LogOpen.objects.exists()
    assert unseen_message_slips(consultant) == []
    assert AuditEntry.objects.filter(action="reception.void_log_entry", object_id=str(entry.pk)).count() == 1


@pytest.mark.parametrize(
    ("kind", "step", "typed"),
    [
        ("parcel", "day_log_step", {"what": "handed_out", "taker": "王" * 51}),
        ("call", "day_log_step", {"what": "answered", "text": "好" * 501}),
        ("call", "day_log_void", {"reason": "错" * 501}),
    ],
)
def test_too_many_words_are_refused_with_their_number_and_the_page_keeps_them(
    desk: Client, consultant: Staff, kind: str, step: str, typed: dict[str, str]
) -> None:
    write(desk, kind, name="周女士", for_whom="王欣")
    url = reverse(f"reception:{step}", args=[LogEntry.objects.get().pk])
    name = next(name for name in typed if name != "what")
    answer = desk.post(url, typed, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#messages")
    assert str(len(typed[name])) in text_of(answer)
    assert not LogStep.objects.exists()
    assert desk.post(url, typed | {name: f" {typed[name][1:]}\x00"}, headers=HTMX).status_code < 300
    kept = LogStep.objects.get()
    assert typed[name][1:] in (kept.taker, kept.text)


@pytest.mark.parametrize(
    ("kind", "said", "end"),
    [
        ("outgoing", {"name": "总部"}, "picked_up"),
        ("errand", {"errand": "taxi", "text": "去东站"}, "done"),
        ("parking", {"plate": "浙A12345"}, "validated"),
    ],
)
def test_one_button_settles_and_a_second_desk_is_told_who_did(
    desk: Client, client_as: MakeClient, kind: str, said: dict[str, str], end: str
) -> None:
    assert write(desk, kind, **said).status_code == 200
    entry = LogEntry.objects.get()
    url = reverse("reception:day_log_step", args=[entry.pk])
    assert desk.post(url, {"what": "handed_out", "taker": "x"}, headers=HTMX).status_code == 422
    assert desk.post(url, {"what": end}, headers=HTMX).status_code == 204
    second = client_as(Role.RECEPTION).post(url, {"what": end}, headers=HTMX)
    assert second.status_code == 409
    assert desk.staff.display_name in text_of(second)  # type: ignore[attr-defined]
    assert LogStep.objects.count() == 1


def test_the_database_knows_the_rules(branch: Branch, clerk: Staff, now: datetime) -> None:
    entry = parcel(branch, clerk, now)
    LogStep.objects.create(entry=entry, what="handed_out", taker="张", at=now, by=clerk)
    for wrong in (
        {"what": "returned"},
        {"what": "void"},
        {"what": "answered"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            LogStep.objects.create(entry=entry, at=now, by=clerk, **wrong)


@pytest.mark.parametrize("rows", [1, 50])
def test_the_pages_ask_the_same_at_one_row_and_at_fifty(
    desk: Client,
    client_as: MakeClient,
    branch: Branch,
    consultant: Staff,
    clerk: Staff,
    now: datetime,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows):
        services.see_message_slip(entry=slip(branch, consultant, clerk, now), staff=consultant, now=now)
        parcel(branch, clerk, now, for_staff=consultant)
    hers = client_as(consultant)
    for client, name, queries in (
        (desk, "day_log", 12),
        (desk, "day_log_panel", 9),
        (desk, "mail", 6),
        (hers, "message_slips", 5),
        (hers, "message_slip_notice", 3),
    ):
        client.get(reverse(f"reception:{name}"))
        with django_assert_num_queries(queries):
            client.get(reverse(f"reception:{name}"))
    with django_assert_num_queries(8):
        desk.post(reverse("reception:log_search"), {"q": "请回电"})
