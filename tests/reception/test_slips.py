"""E4, E15: slips and cards with a code; each print is recorded; a scanned one says what it was used for."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.problems import Stale
from clinic.roles import Role
from reception import services
from reception.codes import FileCode, VisitCode, file_code, read_code, visit_code
from reception.models import Visit, Visitor
from reception.selectors import find_visitors
from reception.selectors.visitors import latest_history_id
from reception.services.slips import print_card
from reception.services.visitors import write_keys
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION, display_name="前台小艾")


def test_a_code_says_which_visit_and_cannot_be_made_up() -> None:
    code = visit_code(41)
    assert read_code(code) == VisitCode(41)
    assert read_code(f"  {code.lower()}\r\n") == VisitCode(41)
    assert read_code(code.replace(":", "：").replace("-", "－")) == VisitCode(41)
    assert read_code(code.replace("V41", "V42")) is None
    assert read_code(code[:-1]) is None
    assert read_code("FD1:HX0000012") == FileCode("HX0000012")
    assert read_code("FD1:V41") == FileCode("V41")


@pytest.mark.parametrize(
    "text", ["", "FD1:", "FD2:V1-ABC", "138****8000", "FD1:V" + "9" * 400 + "-A", "a\x00b", "FD1:a\x00b"]
)
def test_what_is_no_code_of_ours_is_none(text: str) -> None:
    assert read_code(text) is None


def test_the_slip_shows_number_projects_and_a_code(clerk: Staff, client_as: MakeClient, now: datetime) -> None:
    visit = VisitFactory(projects=[ProjectFactory(name="双眼皮"), ProjectFactory(name="隆鼻")], now=now)
    page = client_as(clerk).get(reverse("reception:slip", args=[visit.pk])).content.decode()
    assert visit_code(visit.pk) in page
    assert "<svg" in page and "slip-code" in page
    assert "data-print-now" not in page
    assert not AuditEntry.objects.filter(action="reception.print_slip").exists()


def test_every_print_is_recorded_and_the_second_says_that_it_is_one(
    clerk: Staff, client_as: MakeClient, now: datetime
) -> None:
    visit = VisitFactory(now=now)
    client = client_as(clerk)
    address = reverse("reception:slip", args=[visit.pk])
    first = client.post(address).content.decode()
    assert "data-print-now" in first and "slip-copy" not in first
    second = client.post(address).content.decode()
    assert "slip-copy" in second
    told = AuditEntry.objects.filter(action="reception.print_slip", object_id=str(visit.pk)).order_by("pk")
    assert [(entry.staff, entry.detail) for entry in told] == [(clerk, {"copy": 1}), (clerk, {"copy": 2})]


def test_a_void_entry_has_no_slip(clerk: Staff, client_as: MakeClient, now: datetime) -> None:
    visit = VisitFactory(now=now)
    services.void_visit(visit=visit, reason="输错", staff=clerk, now=now)
    assert client_as(clerk).post(reverse("reception:slip", args=[visit.pk])).status_code == 422


def test_a_scanned_slip_says_when_and_where_it_was_used_and_makes_no_second_visit(
    clerk: Staff, client_as: MakeClient, staff_with: MakeStaff, now: datetime
) -> None:
    consultant = staff_with(Role.CONSULTANT, display_name="李敏")
    visit = VisitFactory(visitor=VisitorFactory(name="王小美"), consultant=consultant, now=now)
    services.record_progress(visit=visit, state=Visit.State.ACCEPTED, now=now + timedelta(minutes=7))
    client = client_as(clerk)
    for _ in range(2):
        page = client.post(reverse("reception:scan"), {"code": visit_code(visit.pk)}).content.decode()
        assert "王小美" in page and "Riverside" in page and "李敏" in page
        assert "10:30" in page and "10:37" in page
        assert "No second visit is made" in page
    assert Visit.objects.count() == 1


def test_a_slip_of_another_day_or_branch_says_so(
    clerk: Staff, client_as: MakeClient, other_branch: Branch, now: datetime
) -> None:
    client = client_as(clerk)
    old = VisitFactory(now=MORNING - timedelta(days=1))
    page = client.post(reverse("reception:scan"), {"code": visit_code(old.pk)}).content.decode()
    assert "This slip is of 2026-03-10" in page
    theirs = VisitFactory(branch=other_branch, now=now)
    page = client.post(reverse("reception:scan"), {"code": visit_code(theirs.pk)}).content.decode()
    assert "This slip is of West Gate" in page
    assert client.get(reverse("reception:slip", args=[theirs.pk])).status_code == 404


def test_a_card_leads_to_the_arrival_form_and_a_strange_code_is_said_to_be_one(
    clerk: Staff, client_as: MakeClient, now: datetime
) -> None:
    visitor = VisitorFactory(name="王小美")
    client = client_as(clerk)
    answer = client.post(reverse("reception:scan"), {"code": f"FD1:{visitor.file_number}"})
    assert answer.headers["Location"] == f"{reverse('reception:desk')}?visitor={visitor.pk}"
    for code in ("FD1:NOBODY", visit_code(visitor.pk)[:-1] + "0", "6901234567890"):
        answer = client.post(reverse("reception:scan"), {"code": code})
        assert answer.status_code == 422
        assert b"field-wrong" in answer.content


def _scan(client: Client, code: str) -> str:
    return client.post(reverse("reception:scan"), {"code": code}).content.decode().partition('id="main"')[2]


def test_of_another_branch_a_slip_tells_what_finding_tells_and_no_more(
    clerk: Staff, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, now: datetime
) -> None:
    consultant = staff_with(Role.CONSULTANT, display_name="别院咨询师", branch=other_branch)
    visitor = VisitorFactory(name="别院的人", branch=other_branch)
    theirs = VisitFactory(branch=other_branch, visitor=visitor, consultant=consultant, now=now)
    services.record_progress(visit=theirs, state=Visit.State.ACCEPTED, now=now + timedelta(minutes=7))
    services.record_progress(visit=theirs, state=Visit.State.IN_ROOM, now=now + timedelta(minutes=8))
    client = client_as(clerk)
    found = client.post(reverse("reception:find"), {"q": visit_code(theirs.pk)}).content.decode()
    page = _scan(client, visit_code(theirs.pk))
    for told in ("别院的人", "West Gate", "10:30"):
        assert told in found and told in page, told
    for kept in ("别院咨询师", "10:37", "10:38"):
        assert kept not in found and kept not in page, kept


def test_at_the_desk_a_visit_is_named_by_its_signed_code_only(
    clerk: Staff, client_as: MakeClient, other_branch: Branch
) -> None:
    visit, desk = VisitFactory(branch=other_branch), client_as(Role.RECEPTION)
    address = reverse("reception:arrival_new")
    code = visit_code(visit.pk)
    found = desk.post(reverse("reception:find"), {"q": code}, headers=HTMX).content.decode()
    assert f"{address}?{urlencode({'slip': code})}" in found
    answer = desk.get(address, {"slip": code}, headers=HTMX)
    assert answer.status_code == 200
    assert visit.visitor.name in answer.content.decode()
    for made_up in (str(visit.pk), f"FD1:V{visit.pk}-AAAAAAAA", visit.visitor.file_number):
        assert desk.get(address, {"slip": made_up}, headers=HTMX).status_code == 404
    assert visit.visitor.name not in desk.get(address, {"visit": visit.pk}, headers=HTMX).content.decode()


def test_a_card_is_read_as_finding_reads_it(
    clerk: Staff, client_as: MakeClient, staff_with: MakeStaff, now: datetime
) -> None:
    client, survivor, other = client_as(clerk), VisitorFactory(name="王小美"), VisitorFactory(name="王晓美")
    address = f"{reverse('reception:desk')}?visitor={survivor.pk}"
    for code in (f" fd1:{survivor.file_number.lower()}\r\n", f"ＦＤ１：{survivor.file_number}"):
        assert client.post(reverse("reception:scan"), {"code": code}).headers["Location"] == address
    old_card = file_code(other.file_number)
    supervisor, seen = staff_with(Role.DESK_SUPERVISOR), {one.pk: latest_history_id(one) for one in (survivor, other)}
    services.merge_visitors(survivor=survivor, other=other, keep={}, seen=seen, staff=supervisor, now=now)
    assert client.post(reverse("reception:scan"), {"code": old_card}).headers["Location"] == address
    other.refresh_from_db()
    Visitor.objects.filter(pk=survivor.pk).update(file_number="V12-AB")
    survivor.refresh_from_db()
    write_keys(survivor)
    assert client.post(reverse("reception:scan"), {"code": "FD1:V12-AB"}).headers["Location"] == address


def test_a_card_whose_number_two_have_asks_whose_it_is(clerk: Staff, client_as: MakeClient, now: datetime) -> None:
    bearers = [VisitorFactory(name="王小美", file_number="F777012"), VisitorFactory(name="张丽", file_number="f777012")]
    for one in bearers:
        write_keys(one)
    client = client_as(clerk)
    page = _scan(client, "FD1:F777012")
    for one in bearers:
        assert one.name in page and f"{reverse('reception:desk')}?visitor={one.pk}" in page


@pytest.mark.parametrize("file_number", ["F777012", "病历-12", "hx0000012", "777012"])
def test_what_a_card_says_is_read_and_finds_its_visitor(file_number: str, branch: Branch) -> None:
    visitor = VisitorFactory(file_number=file_number)
    write_keys(visitor)
    VisitorFactory(name="别人")
    assert read_code(file_code(file_number)) == FileCode(file_number)
    assert find_visitors(file_code(file_number)) == [visitor]


def test_the_card_is_printed_with_her_name_number_and_code_and_every_print_is_recorded(
    clerk: Staff, client_as: MakeClient, now: datetime
) -> None:
    visitor = VisitorFactory(name="王小美", phone="13800138000")
    client = client_as(clerk)
    address = reverse("reception:printed_card", args=[visitor.pk])
    assert address in client.get(reverse("reception:visitor", args=[visitor.pk])).content.decode()
    page = client.get(address).content.decode()
    assert "王小美" in page and visitor.file_number in page and "Riverside" in page
    assert "<svg" in page and "plastic-code" in page
    assert "138001" not in page
    assert "data-print-now" not in page
    printed = AuditEntry.objects.filter(action="reception.print_card")
    assert not printed.exists()
    page = client.post(address).content.decode()
    assert "data-print-now" in page and "前台小艾" in page
    client.post(address)
    assert [(one.staff, one.object_type, one.object_id) for one in printed] == [
        (clerk, "visitor", str(visitor.pk)),
        (clerk, "visitor", str(visitor.pk)),
    ]


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.CONSULTING_SUPERVISOR, Role.CUSTOMER_SERVICE, Role.MANAGER])
def test_only_the_desk_prints_cards(role: Role, client_as: MakeClient, staff_with: MakeStaff, now: datetime) -> None:
    reader = staff_with(role)
    visitor = VisitorFactory(owner=reader)
    client = client_as(reader)
    address = reverse("reception:printed_card", args=[visitor.pk])
    assert address not in client.get(reverse("reception:visitor", args=[visitor.pk])).content.decode()
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    assert not AuditEntry.objects.filter(action="reception.print_card").exists()


def test_a_merged_record_has_no_card_and_its_prints_stay_known(
    clerk: Staff, client_as: MakeClient, staff_with: MakeStaff, now: datetime
) -> None:
    survivor, other = VisitorFactory(name="王小美"), VisitorFactory(name="王晓美")
    client = client_as(clerk)
    address = reverse("reception:printed_card", args=[other.pk])
    client.post(address)
    supervisor, seen = staff_with(Role.DESK_SUPERVISOR), {one.pk: latest_history_id(one) for one in (survivor, other)}
    services.merge_visitors(survivor=survivor, other=other, keep={}, seen=seen, staff=supervisor, now=now)
    assert client.get(address).headers["Location"] == reverse("reception:visitor", args=[survivor.pk])
    assert client.post(address).status_code == 409
    with pytest.raises(Stale, match="merged"):
        print_card(visitor=other, staff=clerk, now=now)
    assert AuditEntry.objects.filter(action="reception.print_card").count() == 1
    page = client.get(reverse("reception:printed_card", args=[survivor.pk])).content.decode()
    assert "前台小艾" in page.partition("plastic-log")[2]
    assert client.get(reverse("reception:printed_card", args=[10**9])).status_code == 404


@pytest.mark.parametrize("number", [1, 50])
def test_the_card_asks_as_much_for_fifty_prints_as_for_one(
    number: int,
    clerk: Staff,
    client_as: MakeClient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, address = client_as(clerk), reverse("reception:printed_card", args=[VisitorFactory().pk])
    for _ in range(number):
        client.post(address)
    with django_assert_num_queries(6):
        client.get(address)


@pytest.mark.parametrize("number", [1, 50])
def test_the_slip_asks_as_much_for_fifty_prints_as_for_one(
    number: int,
    clerk: Staff,
    client_as: MakeClient,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    visit = VisitFactory(now=now)
    client = client_as(clerk)
    for _ in range(number):
        client.post(reverse("reception:slip", args=[visit.pk]))
    with django_assert_num_queries(5):
        client.get(reverse("reception:slip", args=[visit.pk]))
