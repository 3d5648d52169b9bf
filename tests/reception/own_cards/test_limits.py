"""S8: how often may be asked from outside."""

from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from reception.models import (
    IntakeCard,
    KioskDevice,
)
from reception.services.public_requests import (
    MOST_OF_A_BRANCH,
    MOST_OF_A_CODE,
    MOST_OF_A_KIOSK,
    MOST_OF_AN_ADDRESS,
    SPAN,
    may_ask,
)
from tests.reception.own_cards.scenes import code_of, page, said, step, where

pytestmark = pytest.mark.usefixtures("now")


def test_s8_an_address_may_not_guess_for_ever_and_locks_nobody_who_has_a_code(
    phone: Client, hall: Client, clerk: Staff, now: datetime
) -> None:
    code = code_of(clerk, now)
    begun = now.replace(second=0)
    with time_machine.travel(begun, tick=False):
        answers = [phone.get(where("guess")).status_code for _time in range(MOST_OF_AN_ADDRESS)]
        refused = phone.get(where("guess"))
        stranger = phone.get(reverse("reception:kiosk"))
        elsewhere = phone.get(where("guess"), REMOTE_ADDR="203.0.113.9")
        invited, at_kiosk = phone.get(where(code)), hall.get(reverse("reception:kiosk"))
    assert set(answers) == {404}
    assert refused.status_code == stranger.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "Wait ten minutes" in page(refused)
    assert elsewhere.status_code == 404
    assert (invited.status_code, at_kiosk.status_code) == (200, 200)
    with time_machine.travel(begun + SPAN, tick=False):
        assert phone.get(where("guess")).status_code == 404


def test_s8_one_code_is_not_asked_for_ever(phone: Client, clerk: Staff, now: datetime) -> None:
    code, other = code_of(clerk, now), code_of(clerk, now)
    with time_machine.travel(now.replace(second=0), tick=False):
        assert {phone.get(where(code)).status_code for _time in range(MOST_OF_A_CODE)} == {200}
        assert phone.get(where(code)).status_code == 429
        assert phone.get(where(other)).status_code == 200


def test_s8_one_kiosk_is_not_asked_for_ever(hall: Client, phone: Client, clerk: Staff, now: datetime) -> None:
    kiosk = KioskDevice.objects.get()
    code = code_of(clerk, now)
    with time_machine.travel(now.replace(second=0), tick=False):
        assert hall.get(reverse("reception:kiosk")).status_code == 200
        for _time in range(MOST_OF_A_KIOSK - 1):
            may_ask(subject=f"kiosk {kiosk.pk}", most=MOST_OF_A_KIOSK, now=now.replace(second=0))
        assert hall.get(reverse("reception:kiosk")).status_code == 429
        assert step(hall, step="begin").status_code == 429
        assert phone.get(where(code)).status_code == 200


def test_s8_a_branch_is_not_flooded(clerk: Staff, now: datetime, phone: Client) -> None:
    with time_machine.travel(now, tick=False):
        for _time in range(MOST_OF_A_BRANCH):
            assert may_ask(subject=f"branch {clerk.branch_id}", most=MOST_OF_A_BRANCH, now=now)
        code = code_of(clerk, now)
        assert phone.post(where(code), said()).status_code == 429
        assert not IntakeCard.objects.exists()
