"""Treatment lists and my visitors, for those who work with them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Department
from clinic.roles import Role
from consultations.models import Treatment
from consultations.views import visitors
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import TreatmentFactory, VisitorFactory
from tests.factories.treatments import make_ready

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 11)


@pytest.fixture
def treatment(morning: Morning) -> Any:
    return TreatmentFactory.create(doctor=morning.doctor, project=morning.nose, treated_on=TODAY)


def listed(client: Any, **query: str) -> str:
    return str(client.get(reverse("consultations:treatments"), query).content.decode())


def test_a_doctor_sees_her_own(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    assert treatment.visitor.name in listed(client_as(morning.doctor))
    stranger = client_as(Role.DOCTOR)
    assert treatment.visitor.name not in listed(stranger)
    assert stranger.get(reverse("consultations:treatment", args=[treatment.pk])).status_code == 404
    assert stranger.post(reverse("consultations:treatment_stage", args=[treatment.pk])).status_code == 404


def test_the_facts_of_an_open_page_follow_a_change_made_elsewhere(
    morning: Morning, treatment: Treatment, client_as: MakeClient
) -> None:
    client = client_as(morning.doctor)
    whole = client.get(reverse("consultations:treatment", args=[treatment.pk])).content.decode()
    assert whole.count('id="treatment-facts"') == 1 and "hx-swap-oob" not in whole
    Treatment.objects.filter(pk=treatment.pk).update(notes="左侧小心")
    part = client.get(reverse("consultations:treatment_work", args=[treatment.pk])).content.decode()
    assert 'id="treatment-facts" hx-swap-oob="true"' in part and "左侧小心" in part


@pytest.mark.parametrize("role", [Role.DEPARTMENT_DESK, Role.NURSE, Role.BEAUTICIAN])
def test_a_desk_and_a_nurse_see_their_departments(
    morning: Morning, treatment: Treatment, client_as: MakeClient, staff_with: MakeStaff, role: Role
) -> None:
    surgery = Department.objects.get(branch=morning.branch, kind=Department.Kind.SURGERY)
    laser = Department.objects.get(branch=morning.branch, kind=Department.Kind.LASER)
    assert treatment.visitor.name in listed(client_as(staff_with(role, department=surgery)))
    assert treatment.visitor.name not in listed(client_as(staff_with(role, department=laser)))


def test_a_consultant_sees_her_visitors(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(morning.first)
    assert treatment.visitor.name not in listed(client)
    treatment.visitor.owner = morning.first
    treatment.visitor.save()
    assert treatment.visitor.name in listed(client)


def test_days_stand_in_their_tabs(morning: Morning, client_as: MakeClient) -> None:
    for days in (-1, 0, 1):
        TreatmentFactory.create(
            doctor=morning.doctor,
            treated_on=TODAY + timedelta(days=days),
            visitor=VisitorFactory.create(name=f"day{days}", registered_in=morning.branch),
        )
    client = client_as(morning.doctor)
    assert "day0" in listed(client) and "day1" not in listed(client)
    assert "day1" in listed(client, tab="upcoming") and "day0" not in listed(client, tab="upcoming")
    past = listed(client, tab="past")
    assert "day-1" in past and "Not recorded" in past
    assert all(name in listed(client, tab="all") for name in ("day-1", "day0", "day1"))


def test_the_list_for_one_doctor(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(Role.CONSULTING_SUPERVISOR)
    other = TreatmentFactory.create(doctor=morning.doctor, treated_on=TODAY)
    assert treatment.visitor.name in listed(client, doctor=str(morning.doctor.pk))
    assert other.visitor.name in listed(client, doctor="no such doctor")


def test_moved_done_and_cancelled_in_the_browser(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(morning.doctor)
    address = reverse("consultations:treatment", args=[treatment.pk])
    given = {"treated_on": "2026-03-14", "doctor": morning.doctor.pk, "notes": "later", "version": "1"}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given | {"treated_on": "2026-03-20"}).status_code == 409
    make_ready(treatment)
    done = client.post(reverse("consultations:treatment_stage", args=[treatment.pk]), {"version": "2", "stage": "done"})
    assert done.status_code == 302
    treatment.refresh_from_db()
    assert (treatment.state, treatment.treated_on) == ("done", TODAY)
    cancelled = client.post(
        reverse("consultations:treatment_cancel", args=[treatment.pk]), {"reason": "wrong visitor", "version": "3"}
    )
    assert cancelled.status_code == 302
    assert "wrong visitor" in client.get(address).content.decode()


def test_a_doctor_gives_her_treatment_to_another_and_is_told_so(
    morning: Morning, treatment: Treatment, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    other, client = staff_with(Role.DOCTOR, display_name="孙医生"), client_as(morning.doctor)
    address = reverse("consultations:treatment", args=[treatment.pk])
    given = {"treated_on": TODAY, "doctor": other.pk, "version": "1"}
    answer = client.post(address, given, follow=True)
    assert answer.redirect_chain == [(reverse("consultations:treatments"), 302)]
    assert answer.status_code == 200 and "孙医生 has the treatment now" in answer.content.decode()
    treatment.refresh_from_db()
    assert treatment.doctor == other
    # Who still works with it stays on its page.
    back = given | {"doctor": morning.doctor.pk, "version": "2"}
    surgery = Department.objects.get(branch=morning.branch, kind=Department.Kind.SURGERY)
    assert client_as(staff_with(Role.NURSE, department=surgery)).post(address, back)["Location"] == address


def test_the_title_says_that_a_form_is_wrong(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(morning.doctor)
    assert "<title>Error:" not in client.get(reverse("consultations:treatment", args=[treatment.pk])).content.decode()
    cancel = client.post(reverse("consultations:treatment_cancel", args=[treatment.pk]), {"reason": "", "version": "1"})
    assert cancel.status_code == 422 and "<title>Error:" in cancel.content.decode()


def test_a_day_that_does_not_exist_is_explained(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    address = reverse("consultations:treatment", args=[treatment.pk])
    given = {"treated_on": "2026-02-30", "doctor": morning.doctor.pk, "version": "1"}
    answer = client_as(morning.doctor).post(address, given)
    assert answer.status_code == 422
    assert "2026-02-30" in answer.content.decode()


def test_the_supervisor_reads_treatments_only(treatment: Treatment, client_as: MakeClient) -> None:
    client = client_as(Role.CONSULTING_SUPERVISOR)
    address = reverse("consultations:treatment", args=[treatment.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
    assert client.post(reverse("consultations:treatment_cancel", args=[treatment.pk])).status_code == 403


def test_the_next_session_of_a_visitor(morning: Morning, treatment: Treatment, client_as: MakeClient) -> None:
    address = reverse("consultations:treatment_new", args=[treatment.visitor_id])
    given = {
        "project": morning.nose.pk,
        "doctor": morning.doctor.pk,
        "treated_on": "2026-04-11",
        "state": "planned",
        "notes": "",
    }
    assert client_as(morning.doctor).post(address, given).status_code == 302
    assert Treatment.objects.filter(visitor=treatment.visitor).count() == 2
    assert client_as(Role.DOCTOR).get(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 50])
def test_the_list_costs_the_same_for_one_and_for_fifty(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows):
        TreatmentFactory.create(doctor=morning.doctor, treated_on=TODAY)
    client = client_as(morning.doctor)
    client.get(reverse("consultations:treatments"))
    with django_assert_num_queries(6):
        client.get(reverse("consultations:treatments"))


@pytest.mark.parametrize("rows", [1, 50])
def test_my_visitors_cost_the_same_for_one_and_for_fifty(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    VisitorFactory.create_batch(rows, registered_in=morning.branch, owner=morning.first)
    client = client_as(morning.first)
    client.get(reverse("consultations:my_visitors"))
    with django_assert_num_queries(4):
        client.get(reverse("consultations:my_visitors"))


def test_my_visitors_are_found_as_the_desk_finds_them(morning: Morning, client_as: MakeClient) -> None:
    mine = morning.register("曾小美")
    hers = morning.register("曾大美")
    mine.owner, hers.owner = morning.first, morning.second
    mine.save()
    hers.save()
    client = client_as(morning.first)

    def found(text: str) -> str:
        return client.post(reverse("consultations:my_visitors"), {"q": text}).content.decode()

    for text in ("曾", "zeng", "小美", "zxm", mine.file_number):
        assert "曾小美" in found(text), text
        assert "曾大美" not in found(text)
    assert "Nobody of yours is called that" in found("王")
    in_the_address = client.get(reverse("consultations:my_visitors"), {"q": "王"}).content.decode()
    assert "曾小美" in in_the_address, "nothing is looked for by an address"


def test_the_pages_of_what_was_found_come_by_post_as_the_search_does(
    morning: Morning, client_as: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "PAGE", 1)
    for _time in range(2):
        mine = morning.register("曾小美")
        mine.owner = morning.first
        mine.save()
    client = client_as(morning.first)
    page = client.post(reverse("consultations:my_visitors"), {"q": "曾", "page": "2"})
    assert page.context["page"].number == 2
    text = page.content.decode()
    assert text.count("曾小美") == 1
    assert 'form="search-mine" name="page" value="1"' in text
    assert "?page=" not in text
