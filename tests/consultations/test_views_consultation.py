"""One consultation in the browser: the way through it, two windows, another's consultation."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, OutboxEvent
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal, Treatment
from reception.models import Visit
from tests.conftest import MakeClient, MakeStaff
from tests.consultations.conftest import Morning, typed_lines
from tests.factories.consultations import ConsultationFactory, TreatmentFactory, VisitFactory, make_deal
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db
WORK = {"HX-Request": "true", "HX-Target": "work"}


def post(client: Client, name: str, pk: int, **given: Any) -> Any:
    return client.post(reverse(f"consultations:{name}", args=[pk]), given, headers=WORK)


def test_the_whole_way_from_accept_to_finish(morning: Morning, client_as: MakeClient) -> None:
    visit = morning.arrive()
    client = client_as(morning.first)
    client.post(reverse("consultations:accept", args=[visit.pk]))
    pk = Consultation.objects.get().pk

    assert "In the room" in post(client, "enter", pk).content.decode()
    sold = post(
        client,
        "deal",
        pk,
        kind="deposit",
        deposit="１,０００",
        version="2",
        **typed_lines((morning.nose.pk, "1", "￥１２,８００.50 "), ("", "1", "")),
    )
    assert sold.status_code == 200
    assert "¥12,800.50" in sold.content.decode()
    filed = post(
        client,
        "file_treatment",
        pk,
        project=morning.nose.pk,
        doctor=morning.doctor.pk,
        treated_on="2026-03-11",
        state="planned",
        notes="",
    )
    assert "赵医生" in filed.content.decode()
    finished = post(client, "finish", pk)
    assert finished["HX-Redirect"] == reverse("consultations:queue")

    visit.refresh_from_db()
    assert visit.state == Visit.State.FINISHED
    visit.visitor.refresh_from_db()
    assert (visit.visitor.owner, visit.visitor.standing) == (morning.first, "deposit")
    assert Treatment.objects.get().consultation_id == pk


def test_a_wrong_form_keeps_what_was_typed(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    client = client_as(morning.first)
    answer = post(
        client, "deal", consultation.pk, kind="paid", version="2", **typed_lines((morning.nose.pk, "1", "a lot"))
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="a lot"' in page
    assert "error-summary" in page
    assert not Deal.objects.exists()


def test_the_same_deal_sent_twice_is_one_deal_and_says_so(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    client = client_as(morning.first)
    given = {"kind": "paid", "version": "2", **typed_lines((morning.nose.pk, "1", "100"))}
    assert post(client, "deal", consultation.pk, **given).status_code == 200
    again = post(client, "deal", consultation.pk, **given)
    assert again.status_code == 409
    assert "It now says: In the room, Deal" in again.content.decode()
    assert Deal.objects.count() == 1


def test_what_a_service_refuses_is_said_in_the_form_without_the_mistakes_before(
    morning: Morning, client_as: MakeClient
) -> None:
    consultation = morning.enter(morning.arrive())
    client = client_as(morning.first)
    empty = post(client, "no_deal", consultation.pk, reason="", version="2")
    assert empty.status_code == 422 and "This field is required" in empty.content.decode()
    past = {"reason": "价格", "call_again_on": "2026-03-09", "version": "2"}
    nose, doctor = morning.nose.pk, morning.doctor.pk
    treatment = {"project": nose, "doctor": doctor, "treated_on": "2026-03-09", "state": "planned"}
    lines = typed_lines((nose, "1", "100"))
    for name, form, said, sentence in (
        ("no_deal", "no-deal-form", past, "must lie ahead"),
        ("deal", "deal-form", {"kind": "deposit", "deposit": "100", "version": "2", **lines}, "A deposit is less"),
        ("file_treatment", "treatment-form", treatment, "planned"),
    ):
        answer = post(client, name, consultation.pk, **said)
        drawn = answer.content.decode().partition(f'id="{form}"')[2].partition("</form>")[0]
        assert answer.status_code == 422, name
        assert "error-summary" in drawn and sentence in drawn and "This field is required" not in drawn, name
    assert not Deal.objects.exists() and not Treatment.objects.exists()


def test_an_outcome_for_a_visitor_who_has_left_is_refused_where_no_form_stands(
    morning: Morning, client_as: MakeClient
) -> None:
    consultation = morning.enter(morning.arrive())
    client = client_as(morning.first)
    post(client, "no_deal", consultation.pk, reason="价格", version="2")
    post(client, "finish", consultation.pk)
    late = post(client, "no_deal", consultation.pk, reason="还是价格", version="3")
    assert late.status_code in (409, 422) and 'id="work"' not in late.content.decode()


def test_finish_without_an_outcome_says_what_to_do(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    answer = post(client_as(morning.first), "finish", consultation.pk)
    assert answer.status_code == 422
    assert "Record the outcome first" in answer.content.decode()


def test_no_deal_with_reason_and_day(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    answer = post(
        client_as(morning.first),
        "no_deal",
        consultation.pk,
        reason="wants to ask her mother",
        call_again_on="2026-03-20",
        version="2",
    )
    assert answer.status_code == 200
    assert "20 Mar 2026" in answer.content.decode()


@pytest.mark.parametrize("name", ["曾", "O'Brien <b>", "N" * 50])
def test_names_are_data(morning: Morning, client_as: MakeClient, name: str) -> None:
    consultation = morning.take(morning.arrive(name))
    page = client_as(morning.first).get(reverse("consultations:consultation", args=[consultation.pk])).content.decode()
    assert "<b>" not in page
    assert name.replace("'", "&#x27;").replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.parametrize("name", ["enter", "deal", "no_deal", "finish", "record", "plan_add", "file_treatment"])
def test_anothers_consultation_does_not_exist_for_me(morning: Morning, client_as: MakeClient, name: str) -> None:
    consultation = morning.enter(morning.arrive())
    stranger = client_as(morning.second)
    assert stranger.get(reverse("consultations:consultation", args=[consultation.pk])).status_code == 404
    assert post(stranger, name, consultation.pk).status_code == 404


def test_the_supervisor_reads_and_changes_nothing(morning: Morning, client_as: MakeClient) -> None:
    consultation = morning.enter(morning.arrive())
    client = client_as(Role.CONSULTING_SUPERVISOR)
    page = client.get(reverse("consultations:consultation", args=[consultation.pk]))
    assert page.status_code == 200
    assert 'data-kept="deal"' not in page.content.decode()
    assert post(client, "finish", consultation.pk).status_code == 403


def test_a_supervisor_of_another_branch_does_not_see_it(
    morning: Morning, client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch
) -> None:
    consultation = morning.take(morning.arrive())
    client = client_as(staff_with(Role.CONSULTING_SUPERVISOR, branch=other_branch))
    assert client.get(reverse("consultations:consultation", args=[consultation.pk])).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.RECEPTION, 403), (Role.DOCTOR, 404), (Role.CUSTOMER_SERVICE, 403), (Role.AUDITOR, 403)],
)
def test_a_consultation_is_not_for_everybody(morning: Morning, client_as: MakeClient, role: Role, status: int) -> None:
    consultation = morning.take(morning.arrive())
    answer = client_as(role).get(reverse("consultations:consultation", args=[consultation.pk]))
    assert answer.status_code == status


@pytest.mark.parametrize(("rows", "queries"), [(1, 25), (50, 25)])
def test_the_page_costs_no_more_for_fifty_than_for_one(
    morning: Morning,
    client_as: MakeClient,
    django_assert_num_queries: DjangoAssertNumQueries,
    rows: int,
    queries: int,
) -> None:
    consultation = morning.enter(morning.arrive())
    visitor = consultation.visitor
    for _number in range(rows):
        make_deal(consultation, received=12000).projects.add(morning.nose)
        TreatmentFactory.create(doctor=morning.doctor, visitor=visitor, consultation=consultation)
        visit = VisitFactory.create(consultant=morning.second, visitor=visitor, state=Visit.State.FINISHED)
        before = ConsultationFactory.create(visit=visit, state=Consultation.State.FINISHED, outcome="deal")
        make_deal(before, received=12000).projects.add(morning.nose)
        TreatmentFactory.create(doctor=morning.doctor, visitor=visitor)
    client = client_as(morning.first)
    address = reverse("consultations:consultation", args=[consultation.pk])
    client.get(address)
    with django_assert_num_queries(queries):
        page = client.get(address).content.decode()
    assert page.count('class="num deal-amount"') == rows


def test_a_visitors_story_hides_amounts_from_those_who_may_not_see_them(
    morning: Morning, client_as: MakeClient
) -> None:
    consultation = morning.enter(morning.arrive())
    make_deal(consultation)
    TreatmentFactory.create(doctor=morning.doctor, visitor=consultation.visitor)
    VisitFactory.create(consultant=morning.doctor, visitor=consultation.visitor, state="finished")
    address = reverse("reception:visitor_story", args=[consultation.visitor_id])

    assert "¥12,000.00" in client_as(morning.first).get(address).content.decode()
    doctors = client_as(morning.doctor).get(address).content.decode()
    assert "Paid in full" in doctors and "¥" not in doctors
    assert client_as(morning.second).get(address).status_code == 404
    assert client_as(Role.DOCTOR).get(address).status_code == 404
    reception = client_as(Role.RECEPTION).get(address).content.decode()
    assert "Paid in full" not in reception and "Consultation</" not in reception


@pytest.mark.parametrize("answer", ["seen", "declined"])
def test_what_was_only_offered_to_a_consultant_is_not_hers_to_read(
    morning: Morning, client_as: MakeClient, answer: str
) -> None:
    visit = morning.arrive()
    if answer == "seen":
        held = services.acknowledge_visit(visit=visit, staff=morning.first, now=morning.now)
    else:
        held = services.decline_visit(visit=visit, reason="身体不适", staff=morning.first, now=morning.now)
    address = reverse("consultations:consultation", args=[held.pk])
    assert client_as(morning.first).get(address).status_code == 404


def _drawn_in(page: str) -> str:
    """Return where the head of a consultation's page asks for itself."""
    (address,) = re.findall(r'id="work-state"[^>]* hx-get="([^"]+)"', page)
    return unescape(address)


def test_a_page_of_whom_the_desk_gave_to_another_says_so_at_once(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    client, address = client_as(morning.first), reverse("consultations:consultation", args=[held.pk])
    live = {"HX-Request": "true", "HX-Target": "work-state"}
    page = client.get(address).content.decode()
    assert "finish-consultation" in page and f"live-visitor-{held.visitor_id} from:body" in page
    assert client.get(_drawn_in(page), headers=live).status_code == 204, "nothing is drawn anew under the hand"

    before = OutboxEvent.objects.count()
    triage.correct_visit(
        visit=held.visit,
        correction=Correction(Kind.CHANGE_CONSULTANT, reason="想换一位", consultant=morning.second),
        expected_sequence=None,
        staff=morning.clerk,
        now=morning.now,
    )
    told = [topic for event in OutboxEvent.objects.order_by("pk")[before:] for topic in event.topics]
    assert f"visitor-{held.visitor_id}" in told
    head = client.get(_drawn_in(page), headers=live).content.decode()
    assert morning.second.display_name in head and "finish-consultation" not in head
    assert 'hx-target="#work"' in head
    assert client.get(_drawn_in(head), headers=live).status_code == 204
    work = client.get(address, headers=WORK).content.decode()
    assert "outcome-choices" not in work and "File a treatment" not in work and "change-form" not in work
    services.write_record(
        consultation=held, typed={"notes": "想做鼻子"}, seen={"notes": ""}, staff=morning.first, now=morning.now
    )

    services.accept_visit(visit=held.visit, staff=morning.second, now=morning.now)
    page = client.get(address).content.decode()
    assert morning.second.display_name in page and "finish-consultation" not in page and "想做鼻子" in page


def test_who_comes_in_by_another_window_is_worked_with_in_this_one(morning: Morning, client_as: MakeClient) -> None:
    held = services.accept_visit(visit=morning.arrive(), staff=morning.first, now=morning.now)
    client, live = client_as(morning.first), {"HX-Request": "true", "HX-Target": "work-state"}
    page = client.get(reverse("consultations:consultation", args=[held.pk])).content.decode()
    assert "outcome-choices" not in page and "plan-form" not in page
    services.enter_room(consultation=held, staff=morning.first, now=morning.now)
    head = client.get(_drawn_in(page), headers=live).content.decode()
    (address,) = re.findall(r'hidden hx-get="([^"]+)"', head)
    work = client.get(unescape(address), headers=WORK).content.decode()
    assert "outcome-choices" in work
    assert "plan-form" in work and 'hx-swap-oob="true"' in work
    assert client.get(_drawn_in(head), headers=live).status_code == 204


def test_who_is_given_back_at_once_is_gone_on_with_in_the_open_page(morning: Morning, client_as: MakeClient) -> None:
    held = morning.enter(morning.arrive())
    triage.correct_visit(
        visit=held.visit,
        correction=Correction(Kind.CHANGE_CONSULTANT, reason="想换一位", consultant=morning.second),
        expected_sequence=None,
        staff=morning.clerk,
        now=morning.now,
    )
    client = client_as(morning.first)
    gone = client.get(reverse("consultations:consultation", args=[held.pk])).content.decode()
    triage.undo_allocation(visit=held.visit, staff=morning.clerk, now=morning.now)
    live = {"HX-Request": "true", "HX-Target": "work-state"}
    head = client.get(_drawn_in(gone), headers=live).content.decode()
    assert "finish-consultation" in head and 'hx-target="#work"' in head
