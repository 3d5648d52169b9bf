"""Payments: noted and refused, balances and what was given back, notes corrected by entries."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry, Staff
from clinic.problems import Refused, Stale
from consultations.models import Deal, Payment
from reception.models import Standing, Visitor
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import account, correct, note, standing_of
from tests.factories.consultations import make_deal

pytestmark = pytest.mark.django_db


def test_who_pays_the_balance_has_paid(morning: Morning, deal: Deal) -> None:
    assert standing_of(deal) == Standing.DEPOSIT
    note(morning, deal, "balance", "1200")
    assert (account(deal)[2], standing_of(deal)) == (2000, Standing.DEPOSIT)
    note(morning, deal, "balance", "2000", receipt_number="A-17")
    assert (account(deal)[2], standing_of(deal)) == (0, Standing.PAID)
    deal.refresh_from_db()
    assert deal.kind == Deal.Kind.DEPOSIT
    assert AuditEntry.objects.filter(action="consultations.note_payment").count() == 2


def test_a_refund_of_everything_leaves_what_is_left(morning: Morning, deal: Deal) -> None:
    other = make_deal(deal.consultation, amount=300, kind="deposit", received=100)
    note(morning, deal, "refund", "400", reason="不做了")
    assert (account(deal), standing_of(deal)) == ((4200, 600, 3600), Standing.DEPOSIT)
    note(morning, deal, "refund", "600", reason="不做了")
    assert standing_of(deal) == Standing.DEPOSIT
    note(morning, other, "refund", "100", reason="不做了")
    assert standing_of(deal) == Standing.NO_DEAL


def test_what_an_old_system_knew_of_her_outlasts_a_refund(morning: Morning, deal: Deal) -> None:
    Visitor.objects.filter(pk=deal.visitor_id).update(standing=Standing.PAID)
    note(morning, deal, "refund", "1000", reason="不做了")
    assert standing_of(deal) == Standing.PAID


REFUSED_PAYMENTS: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "nothing": ("balance", "0", {}, "amount_missing", "more than nothing"),
    "more than is open": ("balance", "3200.01", {}, "more_than_open", "more than is open: 3,200.00"),
    "the whole although a part was paid": ("full", "3200", {}, "not_whole", "4,200.00"),
    "more back than was received": ("refund", "1000.01", {"reason": "x"}, "more_than_received", "received: 1,000.00"),
    "a refund without a reason": ("refund", "1", {"reason": " "}, "reason_missing", "given back"),
    "tomorrow": ("balance", "1", {"ahead": 1}, "received_ahead", "lie ahead"),
}


@pytest.mark.parametrize(("kind", "amount", "more", "code", "says"), REFUSED_PAYMENTS.values(), ids=REFUSED_PAYMENTS)
def test_a_payment_that_cannot_be(
    morning: Morning, deal: Deal, kind: str, amount: str, more: dict[str, Any], code: str, says: str
) -> None:
    given = {name: value for name, value in more.items() if name != "ahead"}
    received_on = morning.board.day + timedelta(days=more.get("ahead", 0))
    with pytest.raises(Refused, match=code) as refused:
        note(morning, deal, kind, amount, received_on=received_on, **given)
    assert says in str(refused.value.message)
    assert account(deal) == (4200, 1000, 3200)


def test_the_database_holds_a_balance_between_nothing_and_all(morning: Morning, deal: Deal) -> None:
    for kind, amount in (("balance", "3200.01"), ("refund", "1000.01")):
        with pytest.raises(IntegrityError, match="deal_account_range"), transaction.atomic():
            Payment.objects.create(
                deal=deal,
                kind=kind,
                amount=Decimal(amount),
                reason="x",
                received_on=morning.board.day,
                noted_at=morning.now,
                noted_by=morning.first,
            )


def test_the_same_form_is_noted_once_and_another_with_its_key_is_told(morning: Morning, deal: Deal) -> None:
    key = uuid4()
    first = note(morning, deal, "balance", "100", request_key=key)
    assert note(morning, deal, "balance", "100.00", request_key=key) == first
    with pytest.raises(Stale, match="request_used"):
        note(morning, deal, "balance", "200", request_key=key)
    assert account(deal)[1] == 1100


def test_who_saw_an_earlier_balance_is_told_what_was_noted_meanwhile(morning: Morning, deal: Deal) -> None:
    seen = deal.payments.get().pk
    note(morning, deal, "balance", "100", seen=seen)
    with pytest.raises(Stale, match="noted_meanwhile") as stale:
        note(morning, deal, "balance", "100", seen=seen)
    assert "100.00" in str(stale.value.message) and "3,100.00" in str(stale.value.message)
    note(morning, deal, "balance", "100", seen=stale.value.detail["seen"])
    assert account(deal)[1] == 1200


def test_a_mistaken_note_is_corrected_by_an_entry_that_names_it(morning: Morning, deal: Deal) -> None:
    wrong = note(morning, deal, "balance", "3200")
    right = correct(morning, wrong, "balance", "320")
    assert right.corrects == wrong
    assert (account(deal), standing_of(deal)) == ((4200, 1320, 2880), Standing.DEPOSIT)
    with pytest.raises(Stale, match="corrected") as stale:
        correct(morning, wrong, "balance", "32")
    assert "320.00" in str(stale.value.message)
    correct(morning, right, "balance", "0")
    assert account(deal) == (4200, 1000, 3200)


def test_a_deposit_cannot_be_corrected_to_less_than_was_given_back(morning: Morning, deal: Deal) -> None:
    deposit = deal.payments.get()
    note(morning, deal, "refund", "800", reason="不做了")
    with pytest.raises(Refused, match="more_than_received"):
        correct(morning, deposit, "deposit", "700")
    correct(morning, deposit, "deposit", "900")
    assert account(deal)[1] == 100


@pytest.mark.parametrize(
    ("kind", "amount", "more", "code"),
    [
        ("deposit", "1000", {}, "nothing_changed"),
        ("deposit", "-1", {}, "amount_negative"),
        ("deposit", "4200.01", {}, "more_than_open"),
        ("deposit", "900", {"reason": " "}, "reason_missing"),
    ],
)
def test_a_correction_of_a_note_that_cannot_be(
    morning: Morning, deal: Deal, kind: str, amount: str, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        correct(morning, deal.payments.get(), kind, amount, **more)


def test_a_note_is_hers_to_correct_on_the_same_day_and_a_supervisors_later(
    morning: Morning, deal: Deal, supervisor: Staff
) -> None:
    payment, tomorrow = deal.payments.get(), morning.now + timedelta(days=1)
    for staff, now in ((morning.second, morning.now), (morning.first, tomorrow)):
        with pytest.raises(Refused, match="not_yours"):
            correct(morning, payment, "deposit", "900", staff=staff, now=now)
    assert correct(morning, payment, "deposit", "900", staff=supervisor, now=tomorrow).amount == 900
