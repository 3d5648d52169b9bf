"""What was decided about a deal since stands: a task that runs again, a void deal put back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group

from clinic.models import OutboxEvent, Staff
from clinic.roles import Role
from consultations import services, tasks
from consultations.models import Consultation, Deal
from consultations.selectors.deals import effective_deals
from reception.models import Visit
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.deal_scenes import buy, replace, shares_of
from triage import services as triage
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(morning: Morning) -> Deal:
    """Sold by the first consultant, the consultation over."""
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation)
    services.finish_consultation(consultation=consultation, staff=morning.first, now=morning.now)
    return made


def belongs_to_another(morning: Morning, deal: Deal, staff: Staff) -> dict[str, Any]:
    """Let it come out that the visitor is the second consultant's (K6); return what the task is told."""
    visit = deal.consultation.visit
    visit.refresh_from_db()
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.MISALLOCATED, consultant=morning.second, reason="有首诊"),
        expected_sequence=None,
        staff=staff,
        now=morning.now + timedelta(minutes=1),
    )
    told: dict[str, Any] = OutboxEvent.objects.get(event="visit_misallocated").payload
    return told


def all_hers(morning: Morning, deal: Deal, supervisor: Staff) -> Deal:
    return services.share_deal(
        deal=deal,
        part="sales",
        people=[(morning.first, None)],
        reason="商定",
        staff=supervisor,
        now=morning.now + timedelta(minutes=5),
    )


def test_k6_run_again_leaves_what_a_supervisor_has_decided_since(
    morning: Morning, sold: Deal, supervisor: Staff, staff_with: MakeStaff
) -> None:
    told = belongs_to_another(morning, sold, staff_with(Role.DESK_SUPERVISOR))
    assert tasks.share_misallocated(**told) == 1
    all_hers(morning, effective_deals().get(), supervisor)
    assert tasks.share_misallocated(**told) == 0
    assert shares_of(effective_deals().get()) == {morning.first.pk: "1.0000"}


def test_k6_that_runs_late_shares_what_was_only_corrected_since(
    morning: Morning, sold: Deal, staff_with: MakeStaff
) -> None:
    told = belongs_to_another(morning, sold, staff_with(Role.DESK_SUPERVISOR))
    replace(morning, sold, "3000", now=morning.now + timedelta(minutes=5))
    assert tasks.share_misallocated(**told) == 1
    half = {morning.first.pk: "0.5000", morning.second.pk: "0.5000"}
    assert shares_of(effective_deals().get()) == half
    assert tasks.share_misallocated(**told) == 0


def found_out(morning: Morning, consultation: Consultation, by: Staff) -> dict[str, Any]:
    """Let it come out while she is in the room that she is the second consultant's; return what the task is told."""
    triage.correct_visit(
        visit=Visit.objects.get(pk=consultation.visit_id),
        correction=Correction(Kind.MISALLOCATED, consultant=morning.second, reason="有首诊"),
        expected_sequence=None,
        staff=by,
        now=morning.now,
    )
    told: dict[str, Any] = OutboxEvent.objects.get(event="visit_misallocated").payload
    return told


def sell_later(morning: Morning, consultation: Consultation) -> Deal:
    return services.record_deal(
        consultation=consultation,
        kind="paid",
        lines=[services.Line(morning.nose, Decimal(4200))],
        staff=consultation.consultant,
        now=morning.now + timedelta(minutes=20),
    )


def test_k6_that_runs_late_leaves_what_a_stand_in_sold_since(
    morning: Morning, supervisor: Staff, staff_with: MakeStaff
) -> None:
    triage.set_seat_state(
        board=morning.board, consultant=morning.second, state="off", staff=morning.clerk, now=morning.now
    )
    consultation = morning.enter(morning.arrive())
    told = found_out(morning, consultation, staff_with(Role.DESK_SUPERVISOR))
    made = sell_later(morning, consultation)
    assert shares_of(made) == {morning.second.pk: "1.0000"}, "the owner has all, who stands in nothing"
    # Corrected since, it was still sold after she was known.
    replace(morning, made, "5000", staff=supervisor, now=morning.now + timedelta(minutes=25))
    assert tasks.share_misallocated(**told) == 0
    assert shares_of(effective_deals().get()) == {morning.second.pk: "1.0000"}


def test_k6_that_runs_late_leaves_what_was_sold_after_she_asked_for_another(
    morning: Morning, staff_with: MakeStaff
) -> None:
    visit = morning.arrive()
    told = found_out(morning, morning.enter(visit), staff_with(Role.DESK_SUPERVISOR))
    visit.refresh_from_db()
    assert visit.consultant == morning.second
    triage.correct_visit(
        visit=visit,
        correction=Correction(Kind.CHANGE_CONSULTANT, reason="想换人"),
        expected_sequence=None,
        staff=morning.clerk,
        now=morning.now + timedelta(minutes=5),
    )
    visit.refresh_from_db()
    made = sell_later(morning, morning.enter(visit))
    assert shares_of(made) == {morning.first.pk: "1.0000"}
    assert tasks.share_misallocated(**told) == 0
    assert shares_of(effective_deals().get()) == {morning.first.pk: "1.0000"}


def test_a_deal_that_is_put_back_leaves_nothing_of_no_deal(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    common: dict[str, Any] = {"staff": morning.first, "now": morning.now}
    void = services.void_deal(deal=buy(morning, consultation, deposit=0), reason="没有买", **common)
    services.record_no_deal(
        consultation=consultation, reason="price", call_again_on=morning.board.day + timedelta(days=5), **common
    )
    services.finish_consultation(consultation=consultation, **common)
    replace(morning, void, "4200", reason="还是买了")
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.no_deal_reason, consultation.call_again_on) == ("deal", "", None)


@pytest.mark.parametrize("how", ["another", "transferred", "referred"])
def test_a_deal_made_void_after_she_was_passed_on(
    morning: Morning, supervisor: Staff, staff_with: MakeStaff, how: str
) -> None:
    consultation = morning.enter(morning.arrive())
    made = buy(morning, consultation, deposit=0)
    common: dict[str, Any] = {
        "consultation": consultation,
        "reason": "想换",
        "staff": morning.first,
        "now": morning.now + timedelta(minutes=5),
    }
    if how == "another":
        services.change_consultant(designated=None, **common)
    else:
        if how == "referred":
            morning.second.groups.add(Group.objects.get(name=Role.DOCTOR.value))
        services.transfer_visit(to=morning.second, **common)
    later: dict[str, Any] = {"staff": supervisor, "now": morning.now + timedelta(minutes=9)}
    void = services.void_deal(deal=made, reason="没有买", **later)
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.no_deal_reason, consultation.passed_to) == (how, "", morning.second)
    replace(morning, void, "4200", reason="还是买了", **later)
    consultation.refresh_from_db()
    assert (consultation.outcome, consultation.outcome_note, consultation.passed_to) == (
        "deal",
        "想换",
        morning.second,
    )
