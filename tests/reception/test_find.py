"""Finding a visitor: what may be typed, in which order they come, and that nothing is scanned."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch
from clinic.roles import Role
from reception import keys, services
from reception.models import Visit, Visitor, VisitorKey
from reception.selectors.duplicates import possible_duplicates
from reception.selectors.find import LOOKED_AT, find_visitors, found_people, probe_query
from reception.selectors.visitors import latest_history_id
from reception.services.visitors import write_keys
from tests.conftest import MakeStaff, make_branch
from tests.factories.reception import MORNING, VisitFactory, VisitorFactory, make_clerk


@pytest.mark.parametrize(
    "text",
    [
        "8000",
        "８０００",
        "138",
        "13800138000",
        "138 0013 8000",
        "38000",
        "0013 8000",
        "+86 138 0013 8000",
        "+86 138 0013",
        "0086138001",
        "曾",
        "曾小",
        "曾小美",
        "z",
        "zx",
        "zengxiaom",
        " 曾 小美 ",
        "小美",
        "zeng",
        "Zeng Xiao",
        "cengxiaomei",
        "xiaomei",
        "zxm",
        "CXM",
        "ｚｘｍ",
    ],
)
def test_she_is_found_by_whatever_is_typed(branch: Branch, text: str) -> None:
    wanted = VisitorFactory(name="曾小美", phone="13800138000")
    VisitorFactory(name="李敏", phone="15912349999")
    assert find_visitors(text) == [wanted]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("欧阳娜娜", "欧阳"),
        ("欧阳娜娜", "娜娜"),
        ("欧阳娜娜", "oynn"),
        ("单于", "chanyu"),
        ("单雪", "shan"),
        ("Ngô Thị", "ngo thi"),
        ("Ngô Thị", "Ngô"),
        ("O'Brien <b>", "obr"),
        ("O'Brien <b>", "O'Brien <b>"),
        ("🙂", "🙂"),
        ("X", "x"),
        ("名" * 50, "名" * 50),
        ("محمد", "محم"),
    ],
)
def test_unusual_names_are_found(branch: Branch, name: str, text: str) -> None:
    wanted = VisitorFactory(name=name, phone="")
    assert find_visitors(text) == [wanted]


def test_she_is_found_by_her_file_number(branch: Branch) -> None:
    wanted = VisitorFactory(phone="")
    assert wanted in find_visitors(wanted.file_number)
    assert wanted in find_visitors(wanted.file_number.lower())
    assert wanted in find_visitors(str(wanted.pk))


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e", "%", "_", "'; drop table x", "138" * 40, "w" * 500])
def test_what_means_nobody_finds_nobody(branch: Branch, text: str) -> None:
    VisitorFactory()
    assert find_visitors(text) == []


def test_of_equals_the_most_recent_visit_comes_first_whoever_wrote_it_down(branch: Branch) -> None:
    first, second, third = (VisitorFactory(name="张静", phone="") for _ in range(3))
    assert find_visitors("张静") == [third, second, first]
    VisitFactory(visitor=first, now=MORNING + timedelta(days=2))
    Visitor.objects.filter(pk=second.pk).update(last_visit_on=MORNING.date() + timedelta(days=1))
    for text in ("张静", "张", "zhang", "zj", "z", "静"):
        assert find_visitors(text) == [first, second, third], text
    assert {key.last_on for key in first.keys.all()} == {MORNING.date() + timedelta(days=2)}


def test_a_key_written_without_its_day_gets_it_from_the_record(branch: Branch) -> None:
    visitor = VisitorFactory(last_visit_on=date(2026, 3, 1))
    VisitorKey.objects.filter(visitor=visitor).delete()
    VisitorKey.objects.bulk_create([VisitorKey(visitor=visitor, kind=keys.NAME, key="x")])
    assert VisitorKey.objects.get().last_on == date(2026, 3, 1)


def test_whole_names_before_beginnings_before_what_begins_in_a_syllable(branch: Branch) -> None:
    inside = VisitorFactory(name="张晶晶", phone="")
    begun = VisitorFactory(name="张静怡", phone="")
    whole = VisitorFactory(name="张静", phone="")
    VisitFactory(visitor=begun, now=MORNING + timedelta(days=1))
    VisitFactory(visitor=inside, now=MORNING + timedelta(days=2))
    assert find_visitors("zhangjing") == [whole, inside, begun]
    assert find_visitors("张静") == [whole, begun]
    assert find_visitors("zhangji") == [inside, begun, whole]


def test_a_scanned_card_finds_its_one_visitor(branch: Branch) -> None:
    wanted, *_others = VisitorFactory.create_batch(3)
    assert find_visitors(f"FD1:{wanted.file_number}") == [wanted]
    assert find_visitors("FD1:F999999") == find_visitors("FD1:") == []


def test_on_a_scanned_card_the_whole_file_number_counts(branch: Branch, staff_with: MakeStaff, now: datetime) -> None:
    own = VisitorFactory(file_number="F000012", name="曾小美")
    old = VisitorFactory(file_number="12", name="曾小美")
    for one in (own, old):
        write_keys(one)
    assert find_visitors("FD1:12") == [old]
    assert find_visitors("fd1:f000012") == [own]
    assert set(find_visitors("12")) == {own, old}
    seen = {one.pk: latest_history_id(one) for one in (own, old)}
    services.merge_visitors(
        survivor=own, other=old, keep={}, seen=seen, staff=staff_with(Role.DESK_SUPERVISOR), now=now
    )
    assert find_visitors("FD1:12") == find_visitors("FD1:F000012") == [own]


def test_exact_before_beginning_and_the_newest_first(branch: Branch) -> None:
    longer = VisitorFactory(name="王小", phone="")
    old = VisitorFactory(name="王", phone="")
    new = VisitorFactory(name="王", phone="")
    assert find_visitors("王") == [new, old, longer]
    assert find_visitors("王小") == [longer]


def test_of_a_common_surname_the_newest_are_shown(branch: Branch) -> None:
    people = VisitorFactory.create_batch(15)
    assert find_visitors("王", limit=12) == people[:2:-1]
    assert find_visitors("wang", limit=3) == people[:-4:-1]


def test_keys_follow_a_changed_name_and_phone(branch: Branch) -> None:
    visitor = VisitorFactory(name="曾小美", phone="13800138000")
    services.change_visitor(visitor=visitor, staff=make_clerk(branch), now=MORNING, name="曾大美", phone="13900139001")
    assert find_visitors("小美") == find_visitors("8000") == []
    assert find_visitors("大美") == find_visitors("9001") == [visitor]


def test_a_shared_phone_finds_both(branch: Branch) -> None:
    mother, daughter = (VisitorFactory(name=name, phone="13800138000") for name in ("曾母", "曾小美"))
    assert find_visitors("8000") == [daughter, mother]
    assert possible_duplicates(name="某", phone="+8613800138000") == [daughter, mother]


@pytest.mark.parametrize("text", ["38", "038", "０３８", " 38 "])
def test_the_queue_number_of_today_is_found_first(branch: Branch, text: str) -> None:
    VisitorFactory(phone="13800138038")
    visit = VisitFactory()
    Visit.objects.filter(pk=visit.pk).update(number=38)
    today = visit.day
    first = found_people(text, at=branch, day=today)[0]
    assert (first.pk, first.queue_number, first.state) == (visit.visitor_id, "038", "registered")
    for elsewhere in (
        found_people(text),
        found_people(text, at=make_branch("elsewhere"), day=today),
        found_people(text, at=branch, day=today + timedelta(days=1)),
    ):
        assert visit.visitor_id not in [row.pk for row in elsewhere]


def test_who_left_or_was_entered_by_mistake_is_found_by_her_number_and_her_row_says_so(branch: Branch) -> None:
    visit = VisitFactory()
    services.void_visit(visit=visit, reason="登错", staff=make_clerk(branch), now=MORNING)
    row = found_people("1", at=branch, day=visit.day)[0]
    assert (row.pk, row.queue_number, row.state) == (visit.visitor_id, "001", "void")


@pytest.mark.parametrize(("text", "more"), [("王", 0), ("0038", 0), ("w1", 0), ("13800138000", 0), ("38", 1)])
def test_only_one_to_three_digits_ask_for_the_queue_number(
    branch: Branch, django_assert_num_queries: DjangoAssertNumQueries, text: str, more: int
) -> None:
    VisitorFactory(name="王38", phone="13800138000")
    today = MORNING.date()
    with CaptureQueriesContext(connection) as before:
        found_people(text)
    with django_assert_num_queries(len(before) + more):
        found_people(text, at=branch, day=today)


NAMES = "美欣敏静琳月娜丽芳婷雪梅兰玉洁颖倩萍燕云"


def plan_nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan] + [node for child in plan.get("Plans", []) for node in plan_nodes(child)]


def test_p3_nothing_is_scanned_and_no_more_is_read_than_is_looked_at(transactional_db: None) -> None:
    """Among 2,500 people of one surname every look is served by the index and stops early."""
    branch = make_branch()
    clerk = make_clerk(branch)
    visitors = Visitor.objects.bulk_create(
        Visitor(file_number=f"T{n}", name="王小美", registered_at=MORNING, registered_by=clerk, registered_in=branch)
        for n in range(2500)
    )
    pairs = [keys.search_keys(name=f"王小{NAMES[n % 20]}", phone="", file_number="") for n in range(20)]
    VisitorKey.objects.bulk_create(
        VisitorKey(visitor=visitor, kind=kind, key=key, last_on=MORNING.date() - timedelta(days=n % 900))
        for n, visitor in enumerate(visitors)
        for kind, key in pairs[n % 20]
        | {(keys.PHONE, f"1380000{n:04d}"), (keys.PHONE_END, f"1380000{n:04d}"[::-1])}
        | {(keys.LAST_FOUR, f"{n:04d}"), (keys.FILE, f"f{n:06d}"), (keys.FILE, f"{n}")}
    )
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze reception_visitorkey")
    with transaction.atomic(), connection.cursor() as cursor:
        # A table as small as this one is cheaper to read whole; among a million the planner never does.
        cursor.execute("set local enable_bitmapscan = off; set local enable_seqscan = off")
        for text in (
            "8000",
            "1380",
            "王",
            "小美",
            "王小",
            "wang",
            "wangx",
            "wxm",
            "wx",
            "F0000",
            "w",
            "13800001380",
            "0138",
            "zhan",
            "张",
            "FD1:F000012",
        ):
            sql, parameters = probe_query(keys.probes(text), 12)
            cursor.execute(f"explain (analyze, format json) {sql}", parameters)
            answer = cursor.fetchone()[0]
            plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
            reads = [node for node in plan_nodes(plan) if node.get("Relation Name")]
            assert reads
            assert {node["Node Type"] for node in reads} <= {"Index Only Scan", "Index Scan"}, text
            assert max(node["Actual Rows"] for node in reads) <= LOOKED_AT, text
