"""A suspected infection: the rules propose nobody, and nobody can be named, until she is cleared."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from clinic.problems import Stale
from reception import services as reception
from reception.infections import Answers
from reception.models import Visit
from tests.factories.triage import Morning
from triage import services
from triage.models import Decision, LedgerEntry


@pytest.fixture
def visit(today: Morning) -> Visit:
    """A visit set apart at the door."""
    visit: Visit = today.arrive("eyes")
    answers = Answers(Decimal("38.5"))
    reception.record_pre_check(visit=visit, answers=answers, staff=today.clerk, now=today.now)
    return visit


def test_it_is_not_allocated_and_the_board_does_not_move(today: Morning, visit: Visit) -> None:
    moves = LedgerEntry.objects.count()
    with pytest.raises(Stale) as stale:
        services.allocate_visit(visit=visit, expected_sequence=None, staff=today.clerk, now=today.now)
    assert stale.value.code == "isolated"
    assert not Decision.objects.exists()
    assert LedgerEntry.objects.count() == moves
    assert today.turns() == [0, 0, 0, 0]


def test_nobody_can_be_named_either(today: Morning, visit: Visit) -> None:
    with pytest.raises(Stale) as stale:
        services.name_consultant(
            visit=visit,
            consultant=today.consultants[0],
            by="supervisor",
            reason="急",
            staff=today.clerk,
            now=today.now,
        )
    assert stale.value.code == "isolated"


def test_the_desk_sees_no_proposal_and_may_not_confirm_one(desk: Client, today: Morning, visit: Visit) -> None:
    page = desk.get(reverse("triage:proposal", args=[visit.pk])).content.decode()
    assert "set apart, not queued" in page
    assert 'name="sequence"' not in page
    today.board.refresh_from_db()
    answer = desk.post(
        reverse("triage:confirm", args=[visit.pk]),
        {"sequence": today.board.sequence},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 409
    assert not Decision.objects.exists()


def test_cleared_she_is_triaged_and_who_was_set_apart_may_leave(today: Morning, visit: Visit) -> None:
    reception.end_isolation(visit=visit, reason="复测正常", staff=today.clerk, now=today.now)
    decision = services.allocate_visit(visit=visit, expected_sequence=None, staff=today.clerk, now=today.now)
    assert decision.consultant == today.consultants[0]

    other = today.arrive("eyes")
    reception.record_pre_check(visit=other, answers=Answers(contact=True), staff=today.clerk, now=today.now)
    services.record_leave(visit=other, reason="去发热门诊", staff=today.clerk, now=today.now)
    other.refresh_from_db()
    assert other.state == Visit.State.LEFT
