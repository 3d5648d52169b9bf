"""The pages of in-patients: lists, registers, one stay, and the treatment's page beside it."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import AuditEntry, Department, Staff
from clinic.roles import Role
from consultations import services
from consultations.models import Stay, StayCheck, StaySatisfaction, Treatment
from reception.selectors import records_of
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.test_services_course import go, treatment_of
from tests.consultations.test_stays import MARKS, admit, ask, discharge
from tests.factories.consultations import VisitorFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "stay-work"}


@pytest.fixture
def surgery(morning: Morning) -> Department:
    return Department.objects.get(branch=morning.branch, kind=Department.Kind.SURGERY)


@pytest.fixture
def nurse(staff_with: MakeStaff, surgery: Department) -> Staff:
    return staff_with(Role.NURSE, department=surgery, display_name="护士小周")


@pytest.fixture
def ward(client_as: MakeClient, nurse: Staff) -> Client:
    return client_as(nurse)


def page(client: Client, name: str, *parts: int, **asked: str) -> str:
    answer = client.get(reverse(f"consultations:{name}", args=parts), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, name: str, stay: Stay, **said: Any) -> Any:
    return client.post(reverse(f"consultations:{name}", args=[stay.pk]), said, headers=HTMX)


def test_from_the_treatment_to_the_discharge(morning: Morning, nurse: Staff, ward: Client) -> None:
    treatment = go(
        treatment_of(morning), *("arrived", "preparing", "in_theatre", "done", "observed"), by=nurse, now=morning.now
    )
    assert 'id="admit"' in page(ward, "treatment", treatment.pk)
    address = reverse("consultations:admit", args=[treatment.visitor_id])
    drawn = ward.get(address, {"treatment": treatment.pk}).content.decode()
    assert f'<option value="{treatment.pk}" selected>' in drawn
    said = {"department": nurse.department_id, "treatment": treatment.pk, "doctor": morning.doctor.pk}
    wrong = ward.post(address, said | {"ward": "3", "bed": "12", "expected_days": "0"})
    assert (
        wrong.status_code == 422
        and "from 1 to 365" in wrong.content.decode()
        and 'value="12"' in wrong.content.decode()
    )
    answer = ward.post(address, said | {"ward": "3", "bed": "12", "expected_days": "3"})
    stay = Stay.objects.get()
    assert answer.headers["Location"] == reverse("consultations:stay", args=[stay.pk])
    again = ward.post(address, said | {"ward": "3", "bed": "13", "expected_days": "3"})
    assert again.status_code == 422 and "an in-patient already" in again.content.decode()

    drawn = page(ward, "treatment", treatment.pk)
    assert 'id="admit"' not in drawn and "The treatment ends when she is discharged from there" in drawn
    refused = ward.post(reverse("consultations:treatment_stage", args=[treatment.pk]), {"stage": "discharged"})
    assert refused.status_code == 422

    assert "1 to be confirmed" in page(ward, "stay", stay.pk)
    held = send(ward, "stay_discharge", stay, ending="recovered", version=stay.version)
    assert held.status_code == 422 and str(treatment.project) in held.content.decode()
    checked = send(ward, "stay_check", stay, key=f"treatment-{treatment.pk}", answer="billed")
    assert "Nothing open" in checked.content.decode()
    marks = {name: str(mark) for name, mark in MARKS.items()}
    unsigned = send(ward, "stay_satisfaction", stay, **marks)
    assert unsigned.status_code == 422 and "Let her sign" in unsigned.content.decode()
    asked = send(ward, "stay_satisfaction", stay, **marks, words="饭菜偏咸", signed="on")
    assert "饭菜偏咸" in asked.content.decode() and "In person" in asked.content.decode()
    gone = send(ward, "stay_discharge", stay, ending="recovered", version=stay.version)
    assert gone.headers["HX-Redirect"] == reverse("consultations:stay", args=[stay.pk])
    treatment.refresh_from_db()
    assert treatment.stage == "discharged"
    back = send(ward, "stay_take_discharge_back", stay, reason="点错")
    assert back.status_code == 204 and Stay.objects.get().is_open


def test_what_another_wrote_down_of_her_meanwhile_is_shown_before_it_is_replaced(
    morning: Morning, nurse: Staff, ward: Client
) -> None:
    stay = admit(morning, nurse)
    (seen,) = re.findall(r'name="seen" value="([^"]*)"', page(ward, "stay", stay.pk))
    assert seen == ""
    ask(stay, nurse, morning, words="医生很好")
    marks = dict.fromkeys(MARKS, "2")
    late = send(ward, "stay_satisfaction", stay, **marks, words="饭菜偏咸", signed="on", seen=seen)
    drawn = late.content.decode()
    assert late.status_code == 409 and "meanwhile" in drawn and nurse.display_name in drawn
    assert "医生很好" in drawn and "饭菜偏咸" in drawn, "what she said to the other, and what is typed here"
    assert 'id="food-2" name="food" value="2" checked' in drawn
    assert StaySatisfaction.objects.get().words == "医生很好"
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', drawn)
    again = send(ward, "stay_satisfaction", stay, **marks, words="饭菜偏咸", signed="on", seen=seen)
    assert again.status_code == 200 and StaySatisfaction.objects.get().words == "饭菜偏咸"


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("stay_check", {"key": "treatment-0", "answer": "billed"}, 422),
        ("stay_check", {"key": "treatment-9", "answer": "billed"}, 409),
        ("stay_check", {"key": "wish-9", "answer": "billed"}, 422),
        ("stay_check", {"key": "deal-9", "answer": "x" * 9}, 422),
        ("stay_satisfaction", {"doctor": "6", "signed": "on"}, 422),
        ("stay_satisfaction", {"declined": "on"}, 422),
        ("stay_satisfaction", {"declined": "on", "words": "x" * 501}, 422),
        ("stay_discharge", {"ending": "recovered"}, 422),
        ("stay_discharge", {"ending": "gone", "version": "1"}, 422),
        ("stay_discharge", {"ending": "recovered", "version": "9"}, 409),
        ("stay_withdraw", {"reason": " "}, 422),
        ("stay_take_discharge_back", {"reason": "点错"}, 409),
    ],
)
def test_what_cannot_be_is_explained(
    morning: Morning, nurse: Staff, ward: Client, name: str, said: dict[str, str], code: int
) -> None:
    stay = admit(morning, nurse)
    assert send(ward, name, stay, **said).status_code == code
    assert not StayCheck.objects.exists() and not StaySatisfaction.objects.exists()
    assert Stay.objects.get().is_open


def test_a_change_that_cannot_be_keeps_what_was_typed(morning: Morning, nurse: Staff, ward: Client) -> None:
    stay = admit(morning, nurse)
    admit(morning, nurse, morning.register("李小二"), bed="13")
    address = reverse("consultations:stay", args=[stay.pk])
    said = {"ward": "3", "bed": "13", "doctor": morning.doctor.pk, "expected_days": "9", "version": "1"}
    answer = ward.post(address, said)
    assert answer.status_code == 422 and "李小二" in answer.content.decode()
    assert 'value="13"' in answer.content.decode() and 'value="9"' in answer.content.decode()
    assert ward.post(address, said | {"bed": "14"}).status_code == 302
    stale = ward.post(address, said | {"bed": "15"})
    assert stale.status_code == 409 and 'value="15"' in stale.content.decode()
    assert ward.post(address, said | {"bed": "15", "version": "2"}).status_code == 302


def test_the_registers_tell_days(morning: Morning, nurse: Staff, ward: Client) -> None:
    yesterday = morning.now - timedelta(days=1)
    gone = admit(morning, nurse, now=yesterday, bed="1")
    ask(gone, nurse, morning, now=yesterday)
    discharge(gone, nurse, morning, now=morning.now)
    void = admit(morning, nurse, morning.register("误登记"), bed="2")
    services.withdraw_stay(stay=void, reason="登记错人", staff=nurse, now=morning.now)
    admit(morning, nurse, morning.register("在院者"), bed="3")
    house = page(ward, "stays")
    assert "在院者" in house and "误登记" not in house and gone.visitor.name not in house
    admissions = page(ward, "stays", tab="admissions")
    assert "2026-03-11" in admissions and "2026-03-10" in admissions and "登记错人" in admissions
    only = page(ward, "stays", tab="admissions", first="2026-03-10", last="2026-03-10")
    assert gone.visitor.name in only and "在院者" not in only
    discharges = page(ward, "stays", tab="discharges")
    assert gone.visitor.name in discharges and "4/5" in discharges and "在院者" not in discharges
    assert page(ward, "stays", tab="discharges", first="2026-03-12", last="2026-02-30")
    laser = Department.objects.get(branch=morning.branch, kind=Department.Kind.LASER)
    assert "在院者" not in page(ward, "stays", department=str(laser.pk))


def test_printing_a_register_is_written_down(morning: Morning, nurse: Staff, ward: Client) -> None:
    admit(morning, nurse)
    answer = ward.post(reverse("consultations:stays_print") + "?tab=admissions&first=2026-03-01&last=2026-03-11")
    assert "Register of admissions" in answer.content.decode() and "曾小满" in answer.content.decode()
    detail = AuditEntry.objects.get(action="consultations.print_stays").detail
    assert detail == {"register": "admissions", "first_day": "2026-03-01", "last_day": "2026-03-11"}


@pytest.mark.parametrize(
    ("role", "department", "reads", "writes"),
    [
        (Role.NURSE, "surgery", True, True),
        (Role.DEPARTMENT_DESK, "surgery", True, True),
        (Role.BEAUTICIAN, "surgery", True, False),
        (Role.DOCTOR, "laser", False, False),
        (Role.CONSULTANT, None, False, False),
        (Role.MANAGER, None, True, False),
        (Role.CONSULTING_SUPERVISOR, None, True, False),
        (Role.DESK_SUPERVISOR, None, True, False),
        (Role.SERVICE_SUPERVISOR, None, True, False),
    ],
)
def test_who_reads_and_who_writes(
    morning: Morning,
    nurse: Staff,
    client_as: MakeClient,
    staff_with: MakeStaff,
    role: Role,
    department: str | None,
    reads: bool,
    writes: bool,
) -> None:
    stay = admit(morning, nurse)
    of = Department.objects.get(branch=morning.branch, kind=department) if department else None
    client = client_as(staff_with(role, department=of))
    answer = client.get(reverse("consultations:stay", args=[stay.pk]))
    assert answer.status_code == (200 if reads else 404)
    assert ("曾小满" in page(client, "stays")) is reads
    if reads:
        assert ('id="discharge"' in answer.content.decode()) is writes
    sent = send(client, "stay_withdraw", stay, reason="点错")
    assert sent.status_code == (204 if writes else 404 if not reads else sent.status_code)
    assert Stay.objects.get().is_open is not writes


@pytest.mark.parametrize(
    "role", [Role.RECEPTION, Role.PHONE_AGENT, Role.CUSTOMER_SERVICE, Role.AUDITOR, Role.FILE_ROOM]
)
def test_nobody_else_sees_them(client_as: MakeClient, role: Role) -> None:
    assert client_as(role).get(reverse("consultations:stays")).status_code == 403


def test_her_consultant_reads_her_stay(morning: Morning, nurse: Staff, client_as: MakeClient) -> None:
    stay = admit(morning, nurse)
    stay.visitor.owner = morning.first
    stay.visitor.save()
    drawn = page(client_as(morning.first), "stay", stay.pk)
    assert "Read-only" in drawn and 'id="discharge"' not in drawn


def test_the_story_tells_of_the_stay(
    morning: Morning, nurse: Staff, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    stay = admit(morning, nurse)
    ask(stay, nurse, morning, words="护士很细心")
    discharge(stay, nurse, morning, ending="transferred", note="市一医院")
    manager = client_as(staff_with(Role.MANAGER))
    story = manager.get(reverse("reception:visitor_story", args=[stay.visitor_id])).content.decode()
    for told in ("In-patient", "3 12", "市一医院", "护士很细心", "4/5", reverse("consultations:stay", args=[stay.pk])):
        assert told in story, told
    assert list(records_of(stay.visitor)) == [stay.visitor]


def fill(morning: Morning, nurse: Staff, number: int, **more: Any) -> list[Stay]:
    made = []
    for place in range(number):
        stay = admit(morning, nurse, VisitorFactory.create(registered_in=morning.branch), bed=str(place), **more)
        made.append(stay)
    return made


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("tab", ["house", "admissions", "discharges"])
def test_a_list_costs_the_same_for_one_and_for_fifty(
    morning: Morning,
    nurse: Staff,
    ward: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    tab: str,
) -> None:
    made = fill(morning, nurse, rows)
    if tab == "discharges":
        for stay in made:
            ask(stay, nurse, morning)
            discharge(stay, nurse, morning, now=morning.now)
    page(ward, "stays", tab=tab)
    with django_assert_num_queries(7):  # session, person, department, departments, counts, number, page
        drawn = page(ward, "stays", tab=tab)
    assert drawn.count('href="/stays/') - drawn.count('href="/stays/?') == rows + 1  # and the rail


@pytest.mark.parametrize("rows", [1, 50])
def test_a_stay_costs_the_same_for_one_and_for_fifty_things_without_a_bill(
    morning: Morning, nurse: Staff, ward: Client, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    stay = admit(morning, nurse)
    for _number in range(rows):
        Treatment.objects.filter(pk=treatment_of(morning).pk).update(visitor=stay.visitor, state="done")
    page(ward, "stay_work", stay.pk)
    # session, person, roles, department, the stay, checks, treatments, doses, deals
    with django_assert_num_queries(9):
        drawn = page(ward, "stay_work", stay.pk)
    assert drawn.count("<li id=") == rows


def test_ten_thousand_stays_are_paged(morning: Morning, nurse: Staff, ward: Client, now: datetime) -> None:
    first = admit(morning, nurse)
    Stay.objects.bulk_create(
        Stay(
            visitor=first.visitor,
            branch=first.branch,
            department=first.department,
            ward="3",
            bed="9",
            doctor=first.doctor,
            admitted_at=now - timedelta(minutes=number),
            admitted_by=nurse,
            expected_days=1,
            withdrawn_at=now,
            withdrawn_by=nurse,
            withdrawn_because="试",
        )
        for number in range(10_000)
    )
    drawn = page(ward, "stays", tab="admissions", first="2020-01-01", page="201")
    assert "201 / 201" in drawn
