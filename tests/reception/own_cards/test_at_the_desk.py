"""A card that a visitor filled in is taken over at the desk, registered, put aside, and emptied."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Branch, Staff
from clinic.problems import Stale
from clinic.roles import Role
from reception import services
from reception.models import (
    Consent,
    IntakeCard,
    IntakeInvitation,
    PreCheck,
    PublicRequests,
    Visit,
    Visitor,
)
from reception.selectors.consents import consents_of, standing_of, texts_in_force
from reception.tasks import empty_own_cards
from tests.conftest import MakeClient, MakeStaff
from tests.factories.reception import VisitFactory, VisitorFactory
from tests.reception.own_cards.scenes import HTMX, arrive, card_of, page, said, take

pytestmark = pytest.mark.usefixtures("now")


def test_a_card_is_taken_over_into_the_arrival_form_and_registered(desk: Client, clerk: Staff, now: datetime) -> None:
    texts = texts_in_force(clerk.branch.today(now))
    card = card_of(
        clerk,
        now,
        phone="+8613800138000",
        gender="female",
        birth_year=1998,
        occupation="教师",
        cough=True,
        consents={str(texts["data"].pk): "given", str(texts["photographs"].pk): "refused"},
    )
    form = page(take(desk, card))
    assert 'value="曾小美"' in form
    assert 'value="138 0013 8000"' in form
    assert "教师" in form
    answer = arrive(desk, card, name="曾小美", phone="13800138000", gender="female", cough="on", temperature="36.5")
    assert answer.status_code == 200, page(answer)
    visit = Visit.objects.select_related("visitor").get()
    assert (visit.visitor.occupation, visit.visitor.birth_year, visit.isolated_at) == ("教师", 1998, None)
    consents = {one.text.kind: (one.answer, one.via, one.at) for one in Consent.objects.select_related("text")}
    assert consents == {"data": ("given", "phone", now), "photographs": ("refused", "phone", now)}
    assert PreCheck.objects.get().via == "phone"
    card.refresh_from_db()
    assert (card.state, card.visit) == ("registered", visit)
    assert "曾小美" not in page(desk.get(reverse("reception:cards")))


def test_the_clerk_sees_who_it_may_be_and_says_so(desk: Client, clerk: Staff, now: datetime) -> None:
    known = VisitorFactory(name="曾小美", phone="13800138000", heard_from="", occupation="护士", gender="female")
    card = card_of(clerk, now, phone="+8613800138000", occupation="教师", heard_from="朋友", gender="female")
    matches = page(take(desk, card))
    assert "Is this her?" in matches
    assert known.file_number in matches
    card.refresh_from_db()
    form = page(take(desk, card, visitor=known.pk))
    assert "Her card says otherwise" in form
    assert 'value="heard_from" checked' in form
    assert 'value="occupation" checked' not in form
    assert arrive(desk, card, visitor=known.pk, wanted_shown=1, wanted=["occupation"]).status_code == 200
    known.refresh_from_db()
    assert (known.occupation, known.heard_from) == ("教师", "")
    history = page(desk.get(reverse("reception:visitor_history", args=[known.pk])))
    assert "<del>护士</del>" in history
    assert Visitor.objects.count() == 1


def test_where_nothing_was_ticked_only_what_is_empty_on_file_is_filled_in(
    desk: Client, clerk: Staff, now: datetime
) -> None:
    known = VisitorFactory(name="曾小美", occupation="护士", heard_from="")
    card = card_of(clerk, now, occupation="教师", heard_from="朋友")
    assert arrive(desk, card, visitor=known.pk).status_code == 200
    known.refresh_from_db()
    assert (known.occupation, known.heard_from) == ("护士", "朋友")


def test_two_clerks_take_one_card(
    desk: Client, client_as: MakeClient, staff_with: MakeStaff, clerk: Staff, now: datetime
) -> None:
    card = card_of(clerk, now)
    other = client_as(staff_with(Role.RECEPTION, display_name="何佳音"))
    assert take(desk, card).status_code == 200
    late = take(other, card)
    assert late.status_code == 409
    assert "林小满 took this card over" in page(late)
    card.refresh_from_db()
    assert take(other, card).status_code == 200
    card.refresh_from_db()
    assert card.taken_by == other.staff  # type: ignore[attr-defined]


def test_registered_twice_it_is_one_visit(desk: Client, clerk: Staff, now: datetime) -> None:
    card, key = card_of(clerk, now, occupation="教师"), str(uuid4())
    for _time in range(2):
        assert arrive(desk, card, name="曾小美", gender="female", request_key=key).status_code == 200
    assert Visit.objects.count() == Visitor.objects.count() == 1
    again = arrive(desk, card, name="曾小美", gender="female", another_person="1")
    assert again.status_code == 409
    assert "registered already" in page(again)
    assert Visit.objects.count() == Visitor.objects.count() == 1


def test_a_suspected_case_by_her_own_answers_is_set_apart(desk: Client, clerk: Staff, now: datetime) -> None:
    card = card_of(clerk, now, fever=True)
    form = page(take(desk, card))
    assert re.search(r'<input[^>]*name="fever"[^>]* checked', form)
    arrive(desk, card, name="曾小美", gender="female", fever="on")
    assert Visit.objects.get().isolated_at is not None


def test_a_card_put_aside_is_emptied(desk: Client, clerk: Staff, now: datetime) -> None:
    card = card_of(clerk, now, medical_notes="青霉素")
    drop = reverse("reception:card_drop", args=[card.pk])
    assert desk.post(drop, {"version": card.version}, headers=HTMX).status_code == 200
    card.refresh_from_db()
    assert (card.state, card.answers) == ("dropped", {})
    with pytest.raises(Stale):
        services.take_card(card=card, seen=card.version, staff=clerk, now=now)


def test_another_branch_has_nothing_to_do_with_it(
    client_as: MakeClient, staff_with: MakeStaff, other_branch: Branch, clerk: Staff, now: datetime
) -> None:
    card = card_of(clerk, now)
    client = client_as(staff_with(Role.RECEPTION, branch=other_branch))
    assert "曾小美" not in page(client.get(reverse("reception:cards")))
    assert take(client, card).status_code == 404
    assert arrive(client, card, name="曾小美", gender="female").status_code == 404


def test_the_code_is_shown_once_and_goes_when_it_was_used(desk: Client, phone: Client) -> None:
    shown = page(desk.post(reverse("reception:invitation_create"), headers=HTMX))
    assert "<svg" in shown
    address = shown.split("data-name>")[1].split("<")[0]
    invitation = reverse("reception:invitation", args=[IntakeInvitation.objects.get().pk])
    assert desk.get(invitation).status_code == 204
    assert phone.post(address, said()).status_code == 200
    assert (desk.get(invitation).status_code, desk.get(invitation).content) == (200, b"")


@pytest.mark.parametrize("cards", [1, 50])
def test_queries_of_the_panel(
    cards: int, desk: Client, clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _card in range(cards):
        card_of(clerk, now)
    with django_assert_num_queries(3):
        desk.get(reverse("reception:cards"), headers=HTMX)


def test_cards_are_emptied_when_nobody_needs_them(clerk: Staff, now: datetime, desk: Client) -> None:
    waiting, registered = card_of(clerk, now, occupation="教师"), card_of(clerk, now, name="乙")
    arrive(desk, registered, name="乙", gender="female")
    assert empty_own_cards() == 0
    with time_machine.travel(now + timedelta(hours=12, seconds=1)):
        assert (empty_own_cards(), empty_own_cards()) == (2, 0)
        assert list(IntakeCard.objects.values_list("answers", flat=True)) == [{}, {}]
        with pytest.raises(Stale):
            services.take_card(card=waiting, seen=waiting.version, staff=clerk, now=now + timedelta(hours=13))
        assert not PublicRequests.objects.exists()
    with time_machine.travel(now + timedelta(days=8)):
        services.invite(staff=clerk, now=now)
        empty_own_cards()
        assert IntakeInvitation.objects.count() == 2


def test_what_she_withdrew_since_she_sent_her_card_stays_withdrawn(clerk: Staff, now: datetime) -> None:
    texts = texts_in_force(clerk.branch.today(now))
    known = VisitorFactory(name="曾小美")
    services.record_consents(visitor=known, answers={"photographs": "given"}, staff=clerk, now=now - timedelta(hours=1))
    card = card_of(clerk, now, consents={str(texts["photographs"].pk): "given"})
    later = now + timedelta(minutes=5)
    services.record_consents(visitor=known, answers={"photographs": "withdrawn"}, staff=clerk, now=later)
    services.take_in(
        known=known, card=card, branch=clerk.branch, projects=[], request_key=uuid4(), staff=clerk, now=later
    )
    standing = {one.kind: one.answer for one in standing_of(consents_of(known), texts)}
    assert standing["photographs"] is not None
    assert standing["photographs"].answer == "withdrawn"


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", False), ("localhost", False), ("[::1]", False), ("192.168.3.7", True), ("desk.hospital.cn", True)],
)
def test_a_code_that_no_phone_can_open_says_so(desk: Client, settings: Any, host: str, reached: bool) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    shown = page(desk.post(reverse("reception:invitation_create"), headers={"host": f"{host}:8850"}))
    assert ("LAN=1 make up" in shown) is not reached


def test_registering_without_a_card_is_as_before(desk: Client) -> None:
    known = VisitFactory().visitor
    services.void_visit(
        visit=Visit.objects.get(),
        reason="重复",
        staff=Staff.objects.get(login_name="clerk-main"),
        now=Visit.objects.get().arrived_at,
    )
    form = {"purpose": "consult", "request_key": str(uuid4()), "visitor": known.pk}
    assert desk.post(reverse("reception:arrival_create"), form, headers=HTMX).status_code == 200
