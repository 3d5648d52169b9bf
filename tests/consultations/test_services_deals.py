"""Deals by lines, corrected by entries, made void."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.models import AuditEntry, Staff
from clinic.problems import Refused, Stale
from consultations import services
from consultations.models import Deal, DealLine
from consultations.selectors.deals import effective_deals
from reception.models import Standing
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import account, buy, note, replace, shares_of, standing_of
from tests.consultations.test_services_outcomes import check_constraints
from tests.factories.consultations import make_deal

pytestmark = pytest.mark.django_db


def test_a_deal_has_a_line_for_each_project_and_the_deposit_is_noted(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(
        morning,
        consultation,
        services.Line(morning.nose, Decimal("4200.50"), 6),
        services.Line(morning.eyes, Decimal(0)),
    )
    check_constraints()

    assert made.amount == Decimal("4200.50")
    assert list(made.lines.order_by("pk").values_list("project", "sessions", "amount")) == [
        (morning.nose.pk, 6, Decimal("4200.50")),
        (morning.eyes.pk, 1, Decimal(0)),
    ]
    assert set(made.projects.all()) == {morning.nose, morning.eyes}
    (payment,) = made.payments.all()
    assert (payment.kind, payment.amount, payment.received_on) == ("deposit", Decimal(1000), morning.board.day)
    assert account(made) == (Decimal("4200.50"), 1000, Decimal("3200.50"))


def test_what_is_paid_in_full_has_no_balance(morning: Morning) -> None:
    made = buy(morning, morning.enter(morning.arrive()), kind="paid")
    assert [one.kind for one in made.payments.all()] == ["full"]
    assert account(made) == (4200, 4200, 0)


def test_the_database_wants_the_lines_to_come_to_the_amount(morning: Morning) -> None:
    made = make_deal(morning.take(morning.arrive()), amount=100)
    check_constraints()
    with pytest.raises(IntegrityError, match="do not sum to its amount"), transaction.atomic():
        DealLine.objects.create(deal=made, project=morning.nose, amount=99)
        check_constraints()
    DealLine.objects.create(deal=made, project=morning.nose, amount=100)
    check_constraints()


WRONG_LINES: dict[str, tuple[list[tuple[str, str, int]], str]] = {
    "nothing": ([], "projects_missing"),
    "the same twice": ([("nose", "1", 1), ("nose", "2", 1)], "project_twice"),
    "less than nothing": ([("nose", "-1", 1)], "amount_negative"),
    "no session": ([("nose", "1", 0)], "sessions_missing"),
    "more than the books hold": ([("nose", "9999999999.99", 1), ("eyes", "9999999999.99", 1)], "amount_too_large"),
    "a deposit of everything": ([("nose", "1000", 1)], "deposit_range"),
}


@pytest.mark.parametrize(("lines", "code"), WRONG_LINES.values(), ids=WRONG_LINES)
def test_a_deal_that_cannot_be(morning: Morning, lines: list[tuple[str, str, int]], code: str) -> None:
    consultation = morning.enter(morning.arrive())
    with pytest.raises(Refused, match=code):
        services.record_deal(
            consultation=consultation,
            kind="deposit",
            lines=[services.Line(getattr(morning, name), Decimal(amount), times) for name, amount, times in lines],
            deposit=Decimal(1000),
            staff=morning.first,
            now=morning.now,
        )
    assert not Deal.objects.exists()


def test_a_deal_is_corrected_by_an_entry_and_its_payments_move_along(morning: Morning, deal: Deal) -> None:
    services.share_deal(
        deal=deal, part="execution", people=[(morning.doctor, None)], reason="", staff=morning.first, now=morning.now
    )
    second = replace(morning, deal, "5000")
    third = replace(morning, second, "1000", reason="再改")
    check_constraints()

    assert (third.corrects, third.original, third.made_at) == (second, deal, deal.made_at)
    assert list(effective_deals()) == [third]
    assert account(deal) == (1000, 1000, 0)
    assert standing_of(deal) == Standing.PAID
    assert shares_of(third) == {morning.first.pk: "1.0000"}
    assert shares_of(third, "execution") == {morning.doctor.pk: "1.0000"}
    with pytest.raises(Refused, match="more_than_open"):
        note(morning, deal, "balance", "1")
    with pytest.raises(Stale, match="corrected") as stale:
        replace(morning, second, "7000")
    assert "1,000.00" in str(stale.value.message)
    corrections = AuditEntry.objects.filter(action="consultations.correct_deal").order_by("pk")
    assert [one.detail["reason"] for one in corrections] == ["价格写错", "再改"]


def test_a_deal_is_not_corrected_to_less_than_was_received(morning: Morning, deal: Deal) -> None:
    with pytest.raises(Refused, match="received_more") as refused:
        replace(morning, deal, "400")
    assert "600.00 more" in str(refused.value.message)


@pytest.mark.parametrize("code", ["reason_missing", "nothing_changed"])
def test_a_correction_of_a_deal_says_what_and_why(morning: Morning, deal: Deal, code: str) -> None:
    reason = " " if code == "reason_missing" else "一样"
    lines = [services.Line(morning.nose, Decimal("4200.00"))]
    with pytest.raises(Refused, match=code):
        services.correct_deal(deal=deal, lines=lines, reason=reason, staff=morning.first, now=morning.now)


def test_a_deal_is_hers_to_correct_on_the_same_day_and_a_supervisors_later(
    morning: Morning, deal: Deal, supervisor: Staff
) -> None:
    tomorrow = morning.now + timedelta(days=1)
    for staff, now in ((morning.second, morning.now), (morning.first, tomorrow)):
        with pytest.raises(Refused, match="not_yours"):
            replace(morning, deal, "5000", staff=staff, now=now)
    assert replace(morning, deal, "5000", staff=supervisor, now=tomorrow).corrector == supervisor


def test_a_void_deal_is_no_deal_once_the_money_is_back(morning: Morning, deal: Deal) -> None:
    common: dict[str, Any] = {"reason": "录错顾客", "staff": morning.first, "now": morning.now}
    with pytest.raises(Refused, match="still_received"):
        services.void_deal(deal=deal, **common)
    note(morning, deal, "refund", "1000", reason="录错顾客")
    voided = services.void_deal(deal=deal, **common)
    check_constraints()
    assert (account(deal), standing_of(deal)) == ((0, 0, 0), Standing.NO_DEAL)
    assert not effective_deals().exists()
    consultation = deal.consultation
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.no_deal_reason) == ("no_deal", "录错顾客")
    with pytest.raises(Refused, match="void_already"):
        services.void_deal(deal=voided, **common)

    again = replace(morning, voided, "500")
    consultation.refresh_from_db()
    assert (again.void, consultation.outcome, account(deal)) == (False, "deal", (500, 0, 500))


def test_a_deal_made_void_in_the_room_leaves_the_outcome_open(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation, deposit=0)
    services.void_deal(deal=made, reason="按错", staff=morning.first, now=morning.now)
    with pytest.raises(Refused, match="outcome_missing"):
        services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    morning.part(consultation)
