"""E4, E15: slips with number and code; each print is recorded; a scanned one says what it was used for."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Branch, Staff
from clinic.roles import Role
from reception import services
from reception.codes import FileCode, VisitCode, read_code, visit_code
from reception.models import Visit
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import MORNING, ProjectFactory, VisitFactory, VisitorFactory


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
    theirs = VisitFactory(branch=other_branch, visitor=VisitorFactory(name="别院的人", branch=other_branch), now=now)
    page = client.post(reverse("reception:scan"), {"code": visit_code(theirs.pk)}).content.decode()
    assert "This slip is of West Gate" in page
    assert "别院的人" not in page
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
