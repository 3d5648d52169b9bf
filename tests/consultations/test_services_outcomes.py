"""Deals with their shares, no deal with its reason."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.problems import Refused, Stale
from consultations import services
from consultations.models import Consultation, Deal, DealShare
from reception.models import Standing
from tests.consultations.conftest import Morning
from tests.factories.consultations import make_deal
from triage import services as triage

pytestmark = pytest.mark.django_db


def sell(morning: Morning, consultation: Consultation, *, amount: str = "12800", kind: str = "paid") -> Deal:
    return services.record_deal(
        consultation=consultation,
        kind=kind,
        lines=[services.Line(morning.nose, Decimal(amount)), services.Line(morning.eyes, Decimal(0))],
        deposit=Decimal(500),
        staff=consultation.consultant,
        now=morning.now,
        expected_version=consultation.version,
    )


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def test_a_deal_is_all_the_receivers(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    deal = sell(morning, consultation)
    check_constraints()

    assert [(share.staff, share.share) for share in deal.shares.all()] == [(morning.first, Decimal(1))]
    assert set(deal.projects.all()) == {morning.nose, morning.eyes}
    consultation.refresh_from_db()
    assert consultation.outcome == Consultation.Outcome.DEAL


@pytest.mark.parametrize(("kind", "standing"), [("deposit", Standing.DEPOSIT), ("paid", Standing.PAID)])
def test_a_deal_gives_the_visitor_her_standing(morning: Morning, kind: str, standing: str) -> None:
    consultation = morning.enter(morning.arrive())
    sell(morning, consultation, kind=kind)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    consultation.visitor.refresh_from_db()
    assert consultation.visitor.standing == standing


def test_a_stand_ins_deal_is_credited_to_the_owner(morning: Morning) -> None:
    visitor = morning.register("王美")
    visitor.owner, visitor.standing = morning.first, Standing.NO_DEAL
    visitor.save()
    triage.set_seat_state(
        board=morning.board, consultant=morning.first, state="busy", free_in=90, staff=morning.clerk, now=morning.now
    )
    consultation = morning.enter(morning.arrive(visitor))
    assert consultation.consultant == morning.second

    deal = sell(morning, consultation)

    assert [share.staff for share in deal.shares.all()] == [morning.first]


def test_the_same_form_sent_twice_makes_one_deal(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    sell(morning, consultation)
    with pytest.raises(Stale, match="changed"):
        sell(morning, consultation)
    assert Deal.objects.count() == 1


def test_a_deal_needs_somebody_in_the_room(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    with pytest.raises(Refused, match="not_in_room"):
        sell(morning, consultation)


def test_no_deal_needs_a_reason_and_a_day_ahead(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    common: dict[str, Any] = {"consultation": consultation, "staff": morning.first, "now": morning.now}
    with pytest.raises(Refused, match="reason_missing"):
        services.record_no_deal(reason=" ", call_again_on=None, **common)
    with pytest.raises(Refused, match="call_again_over"):
        services.record_no_deal(reason="price", call_again_on=consultation.day, **common)
    done = services.record_no_deal(reason="price", call_again_on=date(2026, 4, 1), **common)
    assert (done.outcome, done.no_deal_reason, done.call_again_on) == ("no_deal", "price", date(2026, 4, 1))


def test_she_changes_her_mind_and_buys(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=None, staff=morning.first, now=morning.now
    )
    consultation.refresh_from_db()
    sell(morning, consultation)
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.no_deal_reason) == ("deal", "")
    with pytest.raises(Refused, match="deal_recorded"):
        services.record_no_deal(
            consultation=consultation, reason="price", call_again_on=None, staff=morning.first, now=morning.now
        )


def test_a_deal_is_never_changed_or_deleted(morning: Morning) -> None:
    deal = make_deal(morning.take(morning.arrive()))
    for attempt in (
        lambda: Deal.objects.filter(pk=deal.pk).update(amount=1),
        lambda: Deal.objects.filter(pk=deal.pk).delete(),
        lambda: DealShare.objects.filter(deal=deal).update(share=Decimal("0.5")),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_a_deal_without_shares_is_refused_when_it_is_committed(morning: Morning) -> None:
    consultation = morning.take(morning.arrive())
    with pytest.raises(IntegrityError, match="do not sum to one"), transaction.atomic():
        Deal.objects.create(
            consultation=consultation,
            visitor=consultation.visitor,
            branch=morning.branch,
            kind="paid",
            amount=Decimal(1),
            made_at=morning.now,
            made_by=morning.first,
        )
        check_constraints()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=5))
def test_shares_of_a_deal_sum_to_exactly_one_or_are_refused(
    morning: Morning, sharers: list[int], parts: list[int]
) -> None:
    consultation = Consultation.objects.get()
    shares = [Decimal(part) / 10_000 for part in parts]
    with transaction.atomic():
        deal = Deal.objects.create(
            consultation=consultation,
            visitor=consultation.visitor,
            branch=morning.branch,
            kind="paid",
            amount=Decimal(100),
            made_at=morning.now,
            made_by=morning.first,
        )
        DealShare.objects.bulk_create(
            DealShare(deal=deal, staff_id=staff, share=share) for staff, share in zip(sharers, shares, strict=False)
        )
        if sum(shares) == 1:
            check_constraints()
        else:
            with pytest.raises(IntegrityError, match="do not sum to one"):
                check_constraints()
        transaction.set_rollback(True)


@given(cuts=st.lists(st.integers(1, 9_999), max_size=4, unique=True))
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_division_of_the_whole_is_taken(morning: Morning, sharers: list[int], cuts: list[int]) -> None:
    consultation = Consultation.objects.get()
    edges = [0, *sorted(cuts), 10_000]
    with transaction.atomic():
        deal = Deal.objects.create(
            consultation=consultation,
            visitor=consultation.visitor,
            branch=morning.branch,
            kind="deposit",
            amount=Decimal(100),
            made_at=morning.now,
            made_by=morning.first,
        )
        DealShare.objects.bulk_create(
            DealShare(deal=deal, staff_id=staff, share=Decimal(high - low) / 10_000)
            for staff, low, high in zip(sharers, edges, edges[1:], strict=False)
        )
        check_constraints()
        transaction.set_rollback(True)


@pytest.fixture
def sharers(morning: Morning) -> list[int]:
    morning.take(morning.arrive())
    return [morning.first.pk, morning.second.pk, morning.doctor.pk, morning.clerk.pk, _one_more(morning)]


def _one_more(morning: Morning) -> int:
    from clinic.models import Staff

    return Staff.objects.create_user("fifth", display_name="五", branch=morning.branch, active_from=date(2020, 1, 1)).pk
