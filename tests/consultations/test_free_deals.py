"""A deal of nothing: it is one, and nothing is paid by it."""

from decimal import Decimal

import pytest

from clinic.models import Staff
from consultations import services
from reception.models import Standing
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, replace, standing_of

pytestmark = pytest.mark.django_db


def test_a_free_session_makes_nobody_a_visitor_who_paid(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    free = buy(morning, consultation, services.Line(morning.nose, Decimal(0)), kind="paid")
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    assert standing_of(free) == Standing.NO_DEAL
    consultation.refresh_from_db()
    assert consultation.outcome == "deal"


def test_what_becomes_free_is_not_paid_by_that(morning: Morning, supervisor: Staff) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation, deposit=0)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    assert standing_of(made) == Standing.DEPOSIT
    replace(morning, made, "0", reason="赠送", staff=supervisor)
    assert standing_of(made) == Standing.NO_DEAL


def test_a_free_session_takes_nothing_from_what_was_paid_beside_it(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    paid = buy(morning, consultation, kind="paid")
    buy(morning, consultation, services.Line(morning.eyes, Decimal(0)), kind="paid")
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    assert standing_of(paid) == Standing.PAID
