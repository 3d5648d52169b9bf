"""A visitor whom the desk gave to another: whoever had her before plans, notes and sends on nothing more."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import OutboxEvent
from clinic.problems import Stale
from consultations import services
from consultations.models import Consultation, DeskCase, PlanItem, SignedForm
from consultations.services import Planned
from tests.conftest import MakeClient
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def held(morning: Morning) -> Consultation:
    """A visitor in the room with one item planned, and a form that is not signed yet."""
    room = morning.enter(morning.arrive())
    services.add_plan_item(consultation=room, what=Planned(project=morning.nose), staff=morning.first, now=morning.now)
    return room


def give_away(morning: Morning, held: Consultation, *, taken: bool = False) -> None:
    correction = Correction(Kind.CHANGE_CONSULTANT, reason="想换一位", consultant=morning.second)
    triage.correct_visit(
        visit=held.visit, correction=correction, expected_sequence=None, staff=morning.clerk, now=morning.now
    )
    if taken:
        services.accept_visit(visit=held.visit, staff=morning.second, now=morning.now)


def page(client: Client, name: str, pk: int) -> str:
    return str(client.get(reverse(f"consultations:{name}", args=[pk]), headers=HTMX).content.decode())


def post(client: Client, name: str, pk: int, **given: Any) -> Any:
    return client.post(reverse(f"consultations:{name}", args=[pk]), given, headers=HTMX)


@pytest.mark.parametrize("taken", [False, True])
def test_what_is_drawn_offers_nothing_more(
    morning: Morning, held: Consultation, desk: Desk, client_as: MakeClient, taken: bool
) -> None:
    client, item = client_as(morning.first), held.plan_items.get()
    address = reverse("consultations:consultation", args=[held.pk])
    assert 'id="plan-form"' in client.get(address).content.decode()
    assert "paper-form" in page(client, "consultation_papers", held.pk)
    assert "send-on-" in page(client, "sent_on", held.pk)

    give_away(morning, held, taken=taken)
    whole = client.get(address).content.decode()
    assert 'id="plan-form"' not in whole and "plan-change-" not in whole and str(morning.nose) in whole
    assert "plan-change-" not in page(client, "plan_items", held.pk)
    assert 'id="plan-form"' not in page(client, "plan_item", item.pk)
    papers = page(client, "consultation_papers", held.pk)
    assert "paper-form" not in papers and "papers-table" in papers
    assert "send-on-" not in page(client, "sent_on", held.pk)


@pytest.mark.parametrize("taken", [False, True])
def test_what_is_still_sent_is_refused_with_a_sentence(
    morning: Morning, held: Consultation, desk: Desk, client_as: MakeClient, taken: bool
) -> None:
    client, item = client_as(morning.first), held.plan_items.get()
    give_away(morning, held, taken=taken)
    planned = {"project": morning.nose.pk, "sessions": 1, "planned": "肋软骨", "version": 1}
    form = {"kind": "treatment", "answer": "signed", "seen": "0", "project": morning.nose.pk, "note": "家属在场"}
    for name, pk, given in (
        ("plan_add", held.pk, planned),
        ("plan_item", item.pk, planned),
        ("plan_item_remove", item.pk, {}),
        ("plan_item_move", item.pk, {"to": "up"}),
        ("consultation_papers", held.pk, form),
        ("send_on", held.pk, {"department": desk.department.pk}),
    ):
        answer = post(client, name, pk, **given)
        assert answer.status_code == 409, name
        assert answer["HX-Retarget"] == "#messages" and "no longer with you" in answer.content.decode(), name
    assert PlanItem.objects.filter(removed_at=None, planned="").count() == 1
    assert not SignedForm.objects.exists() and not DeskCase.objects.exists()


def test_the_services_look_at_the_visit_as_it_is_now(morning: Morning, held: Consultation, desk: Desk) -> None:
    assert held.visit.consultant == morning.first
    give_away(morning, Consultation.objects.get(pk=held.pk))
    said: dict[str, Any] = {"consultation": held, "staff": morning.first, "now": morning.now}
    with pytest.raises(Stale, match="moved_away"):
        services.add_plan_item(what=Planned(project=morning.eyes), **said)
    with pytest.raises(Stale, match="moved_away"):
        services.send_to_desk(department=desk.department, **said)
    with pytest.raises(Stale, match="moved_away"):
        services.note_signed_form(visitor=held.visitor, project=morning.nose, kind="treatment", answer="signed", **said)


def test_what_is_over_is_still_written_down_by_whom_it_was_with(
    morning: Morning, held: Consultation, desk: Desk, client_as: MakeClient
) -> None:
    client = client_as(morning.first)
    morning.part(held)
    assert 'id="plan-form"' in client.get(reverse("consultations:consultation", args=[held.pk])).content.decode()
    given = {"kind": "treatment", "answer": "signed", "seen": "0", "project": morning.nose.pk}
    assert post(client, "consultation_papers", held.pk, **given).status_code == 200
    assert post(client, "send_on", held.pk, department=desk.department.pk).status_code == 200


def test_she_can_send_her_on_as_soon_as_she_is_in_the_room(morning: Morning, desk: Desk, client_as: MakeClient) -> None:
    held, client = morning.take(morning.arrive()), client_as(morning.first)
    drawn = page(client, "sent_on", held.pk)
    address = reverse("consultations:sent_on", args=[held.pk])
    assert f'hx-get="{address}" hx-trigger="live-visitor-{held.visitor_id} from:body' in drawn
    assert "send-on-" not in drawn
    before = OutboxEvent.objects.count()
    services.enter_room(consultation=held, staff=morning.first, now=morning.now)
    told = [topic for event in OutboxEvent.objects.order_by("pk")[before:] for topic in event.topics]
    assert f"visitor-{held.visitor_id}" in told
    assert f'id="send-on-{desk.department.pk}"' in page(client, "sent_on", held.pk)
