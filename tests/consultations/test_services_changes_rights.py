"""Who may change what of a visitor in the room, take it back, and read the record afterwards (R5, K8, O5)."""

import pytest

from clinic.problems import Refused, Stale
from consultations import services
from consultations.selectors import records
from tests.consultations.change_scenes import common, own_visitor
from tests.consultations.conftest import Morning
from triage import services as triage
from triage.selectors.corrections import Correction, Kind, kinds_for

pytestmark = pytest.mark.django_db

FROM_THE_ROOM = {Kind.NOT_OFFERED, Kind.CANNOT_DO, Kind.REFERRAL, Kind.CHANGE_CONSULTANT, Kind.TRANSFER}


def test_r5_a_consultant_begins_these_of_a_visitor_who_is_with_her_and_nothing_else(morning: Morning) -> None:
    visit = morning.arrive()
    assert kinds_for(visit, morning.first) == [], "not accepted yet"
    held = morning.take(visit)
    held.visit.refresh_from_db()
    assert set(kinds_for(held.visit, morning.first)) == FROM_THE_ROOM
    held = morning.enter(visit)
    held.visit.refresh_from_db()
    assert set(kinds_for(held.visit, morning.first)) == FROM_THE_ROOM
    assert kinds_for(held.visit, morning.second) == []
    assert kinds_for(held.visit, morning.doctor) == []
    morning.part(held)
    held.visit.refresh_from_db()
    assert kinds_for(held.visit, morning.first) == []


def test_r5_a_return_visit_is_no_referral_any_more(morning: Morning) -> None:
    held = morning.enter(morning.arrive(own_visitor(morning, morning.first)))
    held.visit.refresh_from_db()
    assert set(kinds_for(held.visit, morning.first)) == FROM_THE_ROOM - {Kind.REFERRAL}


@pytest.mark.parametrize("kind", [Kind.WAIT_OVER, Kind.REFUSE_WAIT, Kind.MISALLOCATED, Kind.WANTS_CONSULTATION])
def test_r5_what_is_the_desks_is_refused_to_a_consultant(morning: Morning, kind: Kind) -> None:
    held = morning.take(morning.arrive())
    with pytest.raises(Refused, match="not_now"):
        triage.correct_visit(
            visit=held.visit, correction=Correction(kind, consultant=morning.second, reason="x"),
            expected_sequence=None, staff=morning.first, now=morning.now,
        )  # fmt: skip


def test_k8_a_change_the_desk_takes_back_is_gone_on_with(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.write_record(
        consultation=held, typed={"notes": "想做鼻子"}, seen={"notes": ""}, staff=morning.first, now=morning.now
    )
    services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
    held.visit.refresh_from_db()
    with pytest.raises(Stale, match="moved_away"):
        services.resume_consultation(visit=held.visit, staff=morning.first, now=morning.now)
    services.acknowledge_visit(visit=held.visit, staff=morning.second, now=morning.now)
    triage.undo_allocation(visit=held.visit, staff=morning.clerk, now=morning.now)
    back = services.resume_consultation(visit=held.visit, staff=morning.first, now=morning.now)
    assert services.resume_consultation(visit=held.visit, staff=morning.first, now=morning.now).pk == back.pk
    assert (back.pk, back.state, back.outcome, back.notes) == (held.pk, "in_room", "", "想做鼻子")
    with pytest.raises(Stale, match="moved_away"):
        services.resume_consultation(visit=held.visit, staff=morning.second, now=morning.now)
    assert morning.part(back).state == "finished"


def test_the_next_consultant_reads_the_record_from_accepting_on(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    services.write_record(
        consultation=held, typed={"notes": "想做鼻子"}, seen={"notes": ""}, staff=morning.first, now=morning.now
    )
    services.change_consultant(designated=morning.second, reason="想换一位", **common(morning, held))
    held.visit.refresh_from_db()
    seen = records.consultations_seen_by(morning.second).filter(pk=held.pk)
    assert not seen.exists(), "she may not know what is wished before she accepts (O5)"
    taken = morning.take(held.visit)
    assert seen.exists()
    assert [one.pk for one in records.earlier_in_visit(taken)] == [held.pk]
    assert records.consultations_seen_by(morning.first).filter(pk=taken.pk).exists() is False
    assert not records.consultations_seen_by(morning.doctor).exists()
