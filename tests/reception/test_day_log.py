"""The day log: written once, answered, handed out, void and never altered; found after years."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception import services
from reception.log_words import entry_keys
from reception.models import LogEntry, LogOpen, LogStep
from reception.selectors.day_log import (
    Wanted,
    found_entries,
    mail_of_leavers,
    mail_to_hand_out,
    message_slips_of,
    search_log,
    still_open,
    unseen_message_slips,
)
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitorFactory

HTMX = {"HX-Request": "true"}
NAMES = ["曾", "王" * 50, "O'Brien <b>", "👩🏽‍⚕️ 小美"]

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


@pytest.fixture
def clerk(desk: Client) -> Staff:
    return desk.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣", name_key="wang xin")


def text_of(response: Any) -> str:
    return str(response.content.decode())


def line(kind: str = "call", **typed: Any) -> dict[str, Any]:
    return {"line": kind, "request_key": str(uuid4())} | typed


def write(client: Client, kind: str = "call", **typed: Any) -> Any:
    return client.post(reverse("reception:day_log_write"), line(kind, **typed), headers=HTMX)


def slip(branch: Branch, consultant: Staff, clerk: Staff, now: datetime, **said: Any) -> LogEntry:
    said = {"name": "周女士", "text": "请回电改约", "phone": "+8613800138000"} | said
    return services.write_entry(branch=branch, kind="call", for_staff=consultant, staff=clerk, now=now, **said)


def parcel(branch: Branch, clerk: Staff, now: datetime, **said: Any) -> LogEntry:
    return services.write_entry(branch=branch, kind="parcel", staff=clerk, now=now, **({"for_name": "装修队"} | said))


# --- writing ---


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


# --- never altered ---


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


# --- message slips ---


def test_a_slip_is_seen_and_answered_and_the_desk_sees_when(
    desk: Client, client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now)
    assert f"staff-{consultant.pk}" in OutboxEvent.objects.latest("pk").topics
    hers = client_as(consultant)
    notice = text_of(hers.get(reverse("reception:message_slip_notice")))
    assert "周女士" in notice and "138****8000" in notice and "13800138000" not in notice
    url = reverse("reception:message_slip_answer", args=[entry.pk])
    for _ in range(2):
        assert hers.post(url, {"what": "seen", "from": "notice"}, headers=HTMX).status_code == 200
    assert "周女士" not in text_of(hers.get(reverse("reception:message_slip_notice")))
    assert "Seen" in text_of(desk.get(reverse("reception:day_log_panel")))
    assert hers.post(url, {"what": "answered", "text": ""}, headers=HTMX).status_code == 422
    assert hers.post(url, {"what": "answered", "text": "改到周三"}, headers=HTMX).status_code == 200
    late = hers.post(url, {"what": "done"}, headers=HTMX)
    assert late.status_code == 409
    assert [step.what for step in entry.steps.all()] == ["seen", "answered"]
    panel = text_of(desk.get(reverse("reception:day_log_panel")))
    assert "改到周三" in panel and consultant.display_name in panel
    assert still_open(branch, now).counts == {}


def test_an_answer_that_is_too_long_is_refused_with_its_number(
    client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    url = reverse("reception:message_slip_answer", args=[slip(branch, consultant, clerk, now).pk])
    hers = client_as(consultant)
    answer = hers.post(url, {"what": "answered", "text": "好" * 501}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "501" in text_of(answer)
    assert hers.post(url, {"what": "answered", "text": "好" * 500}, headers=HTMX).status_code == 200
    assert LogStep.objects.get().text == "好" * 500


def test_a_slip_is_nobody_elses(
    client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now)
    colleague = client_as(Role.CONSULTANT)
    for name in ("message_slip_answer", "message_slip_phone"):
        assert colleague.post(reverse(f"reception:{name}", args=[entry.pk])).status_code == 404
    assert "周女士" not in text_of(colleague.get(reverse("reception:message_slips")))


def test_an_unanswered_slip_is_late_at_the_desk(branch: Branch, consultant: Staff, clerk: Staff, now: datetime) -> None:
    slip(branch, consultant, clerk, now - timedelta(minutes=31))
    slip(branch, consultant, clerk, now - timedelta(minutes=29))
    assert still_open(branch, now).late_slips == 1


def test_looking_at_a_number_is_recorded(
    desk: Client, client_as: MakeClient, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    entry = slip(branch, consultant, clerk, now, phone="", text="打 13800138000 找她")
    assert "13800138000" not in text_of(desk.get(reverse("reception:day_log")))
    hers, ours = (reverse(f"reception:{name}", args=[entry.pk]) for name in ("message_slip_phone", "day_log_phone"))
    why = {"reason": "call_back"}
    assert "13800138000" in text_of(client_as(consultant).post(hers, why, headers=HTMX))
    assert "13800138000" not in text_of(desk.post(ours, headers=HTMX))
    assert "13800138000" in text_of(desk.post(ours, why, headers=HTMX))
    looked = AuditEntry.objects.filter(action="reception.reveal_log_phone").values_list("staff", flat=True)
    assert list(looked) == [clerk.pk, consultant.pk]
    assert client_as(Role.AUDITOR).post(reverse("reception:day_log_phone", args=[entry.pk])).status_code == 403


# --- parcels and letters ---


def test_several_are_handed_out_in_one_round_all_or_none(
    desk: Client, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    first, second = parcel(branch, clerk, now, for_staff=consultant), parcel(branch, clerk, now)
    other = parcel(branch, clerk, now)
    assert "王欣" in text_of(desk.get(reverse("reception:mail")))
    ticked = {"take": [first.pk, second.pk], f"taker-{first.pk}": "王欣", f"taker-{second.pk}": "", "taker": ""}
    assert desk.post(reverse("reception:mail"), ticked).status_code == 422
    assert LogOpen.objects.count() == 3
    assert desk.post(reverse("reception:mail"), ticked | {"taker": "何佳音"}).status_code == 302
    assert {step.entry_id: step.taker for step in LogStep.objects.all()} == {first.pk: "王欣", second.pk: "何佳音"}
    assert [one.pk for one in mail_to_hand_out(branch, branch.today(now))] == [other.pk]
    assert desk.post(reverse("reception:mail"), ticked | {"taker": "何佳音"}).status_code == 409
    assert desk.post(reverse("reception:mail"), {"take": []}).status_code == 422


def test_what_is_refused_of_a_round_of_mail_stays_ticked_and_typed(
    desk: Client, branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    first, second = parcel(branch, clerk, now, for_staff=consultant), parcel(branch, clerk, now)
    long = "何" * 51
    typed = {"take": [first.pk], f"taker-{first.pk}": long, f"taker-{second.pk}": "改过", "taker": "前台 <b>"}
    answer = desk.post(reverse("reception:mail"), typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "51" in page and f'value="{long}"' in page and 'value="前台 &lt;b&gt;"' in page
    assert f'value="{first.pk}" checked' in page and f'value="{second.pk}">' in page
    assert f'href="#taker-{first.pk}"' in page
    assert not LogStep.objects.exists()
    services.settle_entry(entry=first, what="handed_out", taker="张", staff=clerk, now=now)
    late = desk.post(reverse("reception:mail"), typed | {"take": [first.pk, second.pk], f"taker-{first.pk}": "王"})
    assert late.status_code == 409
    assert f'value="{second.pk}" checked' in text_of(late) and 'value="改过"' in text_of(late)


def test_mail_for_people_who_have_left_goes_back_unopened(
    desk: Client, branch: Branch, staff_with: MakeStaff, clerk: Staff, now: datetime
) -> None:
    today = branch.today(now)
    gone = staff_with(Role.NURSE, display_name="唐莉", active_until=today - timedelta(days=1))
    leaving = staff_with(Role.NURSE, display_name="韩梅", active_until=today)
    back, kept = parcel(branch, clerk, now, for_staff=gone), parcel(branch, clerk, now, for_staff=leaving)
    assert [one.pk for one in mail_of_leavers(branch, today)] == [back.pk]
    assert [one.pk for one in mail_to_hand_out(branch, today)] == [kept.pk]
    assert desk.post(reverse("reception:mail"), {"take": [back.pk], "then": "return"}).status_code == 302
    assert LogStep.objects.get().what == "returned"
    assert not mail_of_leavers(branch, today).exists()


def test_another_branchs_mail_is_not_handed_out(
    desk: Client, other_branch: Branch, staff_with: MakeStaff, now: datetime
) -> None:
    theirs = parcel(other_branch, staff_with(Role.RECEPTION, branch=other_branch), now)
    assert desk.post(reverse("reception:mail"), {"take": [theirs.pk], "taker": "x"}).status_code == 422
    assert LogOpen.objects.count() == 1


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


# --- found after years ---


def test_search_by_words_kind_person_and_days(
    branch: Branch, other_branch: Branch, consultant: Staff, clerk: Staff, now: datetime
) -> None:
    old = slip(branch, consultant, clerk, now - timedelta(days=900), text="问热玛吉活动价")
    new = slip(branch, consultant, clerk, now, text="热玛吉改约")
    sent = parcel(branch, clerk, now, carrier="顺丰", number="SF0001")
    services.write_entry(branch=other_branch, kind="call", text="热玛吉", staff=clerk, now=now)

    def found(**wanted: Any) -> list[int]:
        return [entry.pk for entry in search_log(branch, Wanted(**wanted))]

    assert found(text="热玛吉") == [new.pk, old.pk]
    assert found(text="热玛吉 改约") == [new.pk]
    assert found(text="sf00") == [sent.pk]
    assert found(text="8000") == [new.pk, old.pk]
    assert found(text="wangxin") == [new.pk, old.pk]
    assert found(text="？！") == []
    assert found(kind="parcel") == [sent.pk]
    assert found(person=consultant) == [new.pk, old.pk]
    assert found(last_on=date(2025, 1, 1)) == [old.pk]
    assert found(text="热玛吉", first_on=branch.today(now)) == [new.pk]


def test_the_search_page_counts_pages_and_keeps_what_was_typed(
    desk: Client, branch: Branch, clerk: Staff, now: datetime
) -> None:
    for _ in range(101):
        parcel(branch, clerk, now, number="SF9")
    url = reverse("reception:log_search")
    page = text_of(desk.post(url, {"q": "SF9"}))
    assert "101 entries" in page and 'value="SF9"' in page and "1 / 2" in page
    assert "2 / 2" in text_of(desk.post(url, {"q": "SF9", "page": "2"}))
    assert desk.post(url, {"q": "SF9", "person": "谁"}).status_code == 422
    assert "Nothing found" in text_of(desk.post(url, {"q": "没有"}))


def test_no_search_reads_the_whole_log(branch: Branch, clerk: Staff, now: datetime) -> None:
    """Twenty thousand lines: each way of looking is served by an index."""
    kinds = ("parcel", "letter", "caller", "parking")
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                branch=branch,
                day=branch.today(now) - timedelta(days=number % 2000),
                at=now,
                kind=kinds[number % 4],
                text=f"第{number}件 {number:06d}",
                for_staff=clerk if number % 50 == 0 else None,
                keys=entry_keys(texts=[f"第{number % 700}件 {number:06d}"]),
                written_by=clerk,
            )
            for number in range(20_000)
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reception_logentry")
    ways = (
        Wanted(text="012345"),
        Wanted(text="第69"),
        Wanted(text="012345", kind="parcel", first_on=date(2020, 1, 1)),
        Wanted(kind="parking"),
        Wanted(first_on=branch.today(now), last_on=branch.today(now)),
        Wanted(),
    )
    for wanted in ways:
        plan = search_log(branch, wanted)[:100].explain()
        assert "Seq Scan on reception_logentry" not in plan, f"{wanted}\n{plan}"
    assert found_entries(branch, Wanted(text="012345")).count() == 1
    assert found_entries(branch, Wanted(text="第69")).count() > 100


def test_the_slips_of_somebody_are_found_by_an_index(
    branch: Branch, clerk: Staff, staff_with: MakeStaff, now: datetime
) -> None:
    other = staff_with(Role.CONSULTANT)
    LogEntry.objects.bulk_create(
        LogEntry(
            branch=branch,
            day=branch.today(now),
            at=now,
            kind="call",
            text=str(number),
            for_staff=clerk if number % 40 == 0 else other,
            written_by=clerk,
        )
        for number in range(4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reception_logentry")
    plan = message_slips_of(clerk)[:20].explain()
    assert "log_entry_slips" in plan, plan
    assert message_slips_of(clerk).count() == 100


# --- one query more for nobody ---


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


@pytest.mark.parametrize("what", ["done", "answered"])
def test_what_is_asked_of_no_slip_is_refused(branch: Branch, clerk: Staff, now: datetime, what: str) -> None:
    noted = services.write_entry(branch=branch, kind="call", text="问地址", staff=clerk, now=now)
    with pytest.raises(Stale, match="settled"):
        services.settle_entry(entry=noted, what=what, text="x", staff=clerk, now=now)
    with pytest.raises(Refused, match="step"):
        services.settle_entry(entry=noted, what="returned", staff=clerk, now=now)
