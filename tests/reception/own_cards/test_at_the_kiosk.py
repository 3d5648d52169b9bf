"""The card at a kiosk in the hall: one after the other, each once."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from clinic.models import Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    IntakeCard,
    KioskDevice,
)
from tests.conftest import MakeClient
from tests.reception.own_cards.scenes import page, said, step

pytestmark = pytest.mark.usefixtures("now")


def test_starting_a_kiosk_signs_the_clerk_out_there(hall: Client) -> None:
    assert hall.get(reverse("reception:desk")).status_code == 302
    start = page(hall.get(reverse("reception:kiosk")))
    assert "请填写就诊卡" in start
    cookie = hall.cookies["kiosk"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/kiosk/")
    assert cookie.value not in str(KioskDevice.objects.values().get())


def test_a_kiosk_without_a_place_is_not_started(desk: Client) -> None:
    assert desk.post(reverse("reception:kiosk_start"), {"label": " "}).status_code == 422
    assert desk.get(reverse("reception:desk")).status_code == 200
    assert not KioskDevice.objects.exists()


def test_a_kiosk_takes_one_card_after_the_other(hall: Client, clerk: Staff) -> None:
    assert "Your card" in page(step(hall, step="begin", language="en"))
    card = {name: value for name, value in said(language="en").items() if not name.startswith("consent")}
    key = str(uuid4())
    agree = page(step(hall, step="card", request_key=key, **card))
    assert "What you agree to" in agree
    assert 'type="hidden" name="name" value="曾小美"' in agree
    for _time in range(2):
        done = page(step(hall, step="consents", request_key=key, **said(language="en")))
        assert "Please wait at the desk" in done
        assert "曾小美" not in done
    found = IntakeCard.objects.get()
    assert found.kiosk is not None
    assert found.branch == clerk.branch
    step(hall, step="consents", request_key=key, **said(language="en", name="曾大美"))
    assert [card.answers["name"] for card in IntakeCard.objects.order_by("pk")] == ["曾小美", "曾大美"]
    fresh = page(step(hall, step="begin", language="en"))
    assert "曾小美" not in fresh
    assert key not in fresh


def test_what_a_kiosk_sent_is_one_card_for_ever_under_its_key(hall: Client, clerk: Staff, now: datetime) -> None:
    kiosk, key = KioskDevice.objects.get(), uuid4()

    def send(name: str) -> IntakeCard:
        return services.submit_card(kiosk=kiosk, answers={"name": name}, request_key=key, now=now)

    first, other = send("曾小美"), send("曾大美")
    assert first != other
    services.drop_card(card=first, seen=first.version, staff=clerk, now=now)
    assert (send("曾小美"), send("曾大美"), send("曾大美")) == (first, other, other)
    assert IntakeCard.objects.count() == 2
    assert "曾" not in str(IntakeCard.objects.values().get(pk=first.pk))


def test_a_mistake_at_the_kiosk_stays_at_its_step(hall: Client) -> None:
    assert step(hall, step="card", name="", language="en").status_code == 422
    wrong = step(hall, step="consents", **said(consent_data="", language="en"))
    assert wrong.status_code == 422
    assert "You may say no" in page(wrong)
    back = page(step(hall, step="back", **said(language="en")))
    assert 'value="曾小美"' in back
    assert not IntakeCard.objects.exists()


def test_an_ended_kiosk_shows_no_card(hall: Client, client_as: MakeClient, clerk: Staff) -> None:
    colleague = client_as(Role.DESK_SUPERVISOR)
    assert "大厅左侧" in page(colleague.get(reverse("reception:kiosks")))
    kiosk = KioskDevice.objects.get()
    assert colleague.post(reverse("reception:kiosk_end", args=[kiosk.pk])).status_code == 302
    assert hall.get(reverse("reception:kiosk")).status_code == 404
    assert step(hall, step="begin").status_code == 404
    assert "not a kiosk" in page(step(hall, step="consents", **said(language="en")))
    assert not IntakeCard.objects.exists()


def test_a_forgotten_kiosk_ends_by_itself(hall: Client, now: datetime) -> None:
    with time_machine.travel(now + timedelta(days=91)):
        assert hall.get(reverse("reception:kiosk")).status_code == 404


@pytest.mark.parametrize("kiosks", [1, 50])
def test_queries_of_the_kiosks(
    kiosks: int, desk: Client, clerk: Staff, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(kiosks):
        services.start_kiosk(label=f"{number}", staff=clerk, now=now)
    desk.get(reverse("reception:kiosks"))
    with django_assert_num_queries(4):
        desk.get(reverse("reception:kiosks"))
