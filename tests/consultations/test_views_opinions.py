"""Second opinions and panels in the browser: asked in one room, answered in another."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.roles import Role
from consultations.models import Consultation, Participant
from reception.models import Visitor, VisitProject
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy
from tests.factories.consultations import ConsultationFactory, ProjectFactory, VisitFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def ask(client: Client, held: Consultation, **given: Any) -> Any:
    return client.post(reverse("consultations:ask", args=[held.pk]), given, headers=HTMX)


def test_asked_in_one_room_and_answered_in_another(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive("O'Brien <b>"))
    room, doctor = client_as(morning.first), client_as(morning.doctor)
    form = room.get(reverse("consultations:ask", args=[held.pk]), headers=HTMX).content.decode()
    assert "赵医生" in form
    asked = ask(room, held, doctor=morning.doctor.pk, question="能做吗 <i>？")
    assert asked.status_code == 200
    assert "赵医生 has been asked." in asked.content.decode() and 'hx-swap-oob="true"' in asked.content.decode()
    row = Participant.objects.get()
    page = reverse("consultations:opinion", args=[row.pk])
    queue = doctor.get(reverse("consultations:queue")).content.decode()
    assert page in queue and "能做吗 &lt;i&gt;？" in queue and "<b>" not in queue
    assert "asks for your opinion" in doctor.get(reverse("consultations:alert")).content.decode()
    Visitor.objects.update(medical_notes="青霉素过敏")
    Consultation.objects.update(wishes="想要自然", history="做过一次", assessment="皮肤偏薄", notes="犹豫")
    shown = doctor.get(page).content.decode()
    assert "能做吗" in shown and "<b>" not in shown
    assert all(told in shown for told in ("青霉素过敏", "想要自然", "做过一次", "皮肤偏薄", "犹豫"))
    assert doctor.get(reverse("consultations:consultation", args=[held.pk])).status_code == 200
    answer = doctor.post(page, {"opinion": "可以做", "version": row.version})
    assert answer.status_code == 302
    assert "可以做" in room.get(reverse("consultations:participants", args=[held.pk])).content.decode()
    assert "可以做" in room.get(reverse("consultations:consultation", args=[held.pk])).content.decode()
    assert page not in doctor.get(reverse("consultations:queue")).content.decode()
    assert "asks for your opinion" not in doctor.get(reverse("consultations:alert")).content.decode()


def test_a_question_is_taken_back_where_it_was_asked(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    room, doctor = client_as(morning.first), client_as(morning.doctor)
    ask(room, held, doctor=morning.doctor.pk, question="能做吗？")
    row = Participant.objects.get()
    address = reverse("consultations:ask_withdraw", args=[held.pk])
    assert address in room.get(reverse("consultations:participants", args=[held.pk])).content.decode()
    assert address not in doctor.get(reverse("consultations:opinion", args=[row.pk])).content.decode()
    assert doctor.post(address, {"doctor": morning.doctor.pk}, headers=HTMX).status_code == 404
    assert "赵医生" in room.post(address, {"doctor": "x"}, headers=HTMX).text, "of nobody, nothing"
    assert Participant.objects.exists()
    done = room.post(address, {"doctor": morning.doctor.pk}, headers=HTMX)
    assert done.status_code == 200 and "Nobody else has been asked." in done.content.decode()
    assert room.post(address, {"doctor": morning.doctor.pk}).status_code == 302, "pressed twice, without scripts"
    assert "能做吗" not in doctor.get(reverse("consultations:queue")).content.decode()


def test_a_wrong_form_says_what_is_missing(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    room = client_as(morning.first)
    wrong = ask(room, held, question="能做吗？")
    assert wrong.status_code == 422 and 'value="能做吗？"' in wrong.content.decode()
    row = Participant.objects.create(
        consultation=held, staff=morning.doctor, part="second_opinion", asked_at=morning.now, asked_by=morning.first
    )
    empty = client_as(morning.doctor).post(
        reverse("consultations:opinion", args=[row.pk]), {"opinion": " ", "version": 1}
    )
    assert empty.status_code == 422 and "error-summary" in empty.content.decode()


def test_two_windows_of_the_doctor_lose_nothing(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    row = Participant.objects.create(
        consultation=held, staff=morning.doctor, part="second_opinion", asked_at=morning.now, asked_by=morning.first
    )
    doctor = client_as(morning.doctor)
    page = reverse("consultations:opinion", args=[row.pk])
    assert doctor.post(page, {"opinion": "可以做", "version": 1}).status_code == 302
    assert doctor.post(page, {"opinion": "可以做", "version": 1}).status_code == 302, "sent twice"
    stale = doctor.post(page, {"opinion": "再想想", "version": 1})
    shown = stale.content.decode()
    assert stale.status_code == 409
    assert "可以做" in shown and ">\n再想想</textarea>" in shown


def test_an_opinion_is_only_for_whom_it_was_asked(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff
) -> None:
    held = morning.enter(morning.arrive())
    row = Participant.objects.create(
        consultation=held, staff=morning.doctor, part="second_opinion", asked_at=morning.now, asked_by=morning.first
    )
    page = reverse("consultations:opinion", args=[row.pk])
    for other in (morning.first, morning.second, staff_with(Role.DOCTOR)):
        client = client_as(other)
        assert client.get(page).status_code == 404
        assert client.post(page, {"opinion": "x", "version": 1}).status_code == 404
    assert client_as(Role.RECEPTION).get(page).status_code == 403
    assert client_as(morning.doctor).post(
        reverse("consultations:deal", args=[held.pk]), {"kind": "paid"}, headers=HTMX
    ).status_code == 404  # fmt: skip


def test_a_panel_is_called_and_had_first_is_marked(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    room = client_as(morning.first)
    address = reverse("consultations:panel", args=[held.pk])
    form = room.get(address, headers=HTMX).content.decode()
    assert "王欣 (you)" in form and "赵医生" in form and "李敏" in form
    wrong = room.post(address, {"members": [morning.doctor.pk]}, headers=HTMX)
    assert wrong.status_code == 422 and "Say who had the visitor first" in wrong.content.decode()
    given = {"members": [morning.doctor.pk, morning.second.pk], "had_first": [morning.first.pk]}
    done = room.post(address, given, headers=HTMX)
    assert "The panel has been called together." in done.content.decode()
    assert room.post(address, given, headers=HTMX).status_code == 200
    marks = dict(Participant.objects.values_list("staff", "had_first"))
    assert marks == {morning.first.pk: True, morning.doctor.pk: False, morning.second.pk: False}
    elsewhere = room.post(address, {**given, "members": [morning.doctor.pk], "had_first": [9**9]}, headers=HTMX)
    assert elsewhere.status_code == 422


def test_who_sits_on_a_panel_sees_no_amount_of_a_deal_that_is_not_hers(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    deal = buy(morning, held)
    # The panel is called after the deal: nobody of it is credited with that one.
    Participant.objects.create(
        consultation=held, staff=morning.second, part="panel", asked_at=morning.now, asked_by=morning.first
    )
    page = reverse("consultations:consultation", args=[held.pk])
    address = reverse("consultations:deal_page", args=[deal.pk])
    panel, hers = client_as(morning.second), client_as(morning.first)
    assert (panel.get(address).status_code, hers.get(address).status_code) == (404, 200)
    read, own = (
        client.get(page).content.decode().partition('id="outcome"')[2].partition("</section>")[0]
        for client in (panel, hers)
    )
    assert 'class="deal"' in read and str(morning.nose) in read
    assert address not in read and "¥" not in read
    assert address in own and "4,200.00" in own and "3,200.00" in own


@pytest.mark.parametrize("rows", [1, 50])
def test_the_queue_of_who_is_asked_costs_the_same_for_one_and_for_fifty(
    morning: Morning, client_as: MakeClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows):
        visit = VisitFactory.create(consultant=morning.first, state="finished")
        held = ConsultationFactory.create(visit=visit, state="finished", outcome="no_deal")
        Participant.objects.create(
            consultation=held, staff=morning.doctor, part="panel", asked_at=morning.now, asked_by=morning.first
        )
    client = client_as(morning.doctor)
    address = reverse("consultations:queue_panel")
    client.get(address)
    with django_assert_num_queries(7):
        page = client.get(address).content.decode()
    assert page.count("Give my opinion") == rows
    one = Participant.objects.earliest("pk")
    VisitProject.objects.bulk_create(
        VisitProject(visit=one.consultation.visit, project=ProjectFactory.create(branch=morning.branch), position=place)
        for place in range(rows)
    )
    shown = reverse("consultations:opinion", args=[one.pk])
    client.get(shown)
    with django_assert_num_queries(14):
        client.get(shown)
