"""What is written about a visitor while her record is merged into another: it is the other's, whoever had to wait."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from clinic.models import Staff
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, Deal, DealAccount, DeskCase, SignedForm, Treatment
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from reception.selectors.visitors import latest_history_id
from tests.at_once import at_once
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_services_course import go
from tests.factories.consultations import TreatmentFactory
from tests.factories.treatments import make_ready
from triage import services as triage
from triage.selectors.boards import FRONT
from triage.selectors.corrections import Correction, Kind
from triage.services.ledger import lock_board

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20.0
WhileMerged = Callable[[Visitor, Callable[[], object]], Visitor]


def _merging(morning: Morning, other: Visitor, staff_with: MakeStaff, begun: threading.Event) -> Callable[[], object]:
    """Merge a record into a new one, and keep hold of both until somebody waits for them."""
    survivor = morning.register("曾小妹")
    supervisor = staff_with(Role.DESK_SUPERVISOR)
    seen = {one.pk: latest_history_id(one) for one in (survivor, other)}

    def merge() -> object:
        with transaction.atomic():
            reception.merge_visitors(
                survivor=survivor, other=other, keep={}, seen=seen, staff=supervisor, now=morning.now
            )
            begun.set()
            _until_somebody_waits()
        return None

    return merge


def _until_somebody_waits() -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute("select exists (select from pg_locks where not granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for the record")


@pytest.fixture
def while_merged(morning: Morning, staff_with: MakeStaff) -> WhileMerged:
    """Do something about a visitor while she is merged; return the record she is then."""

    def carry_out(other: Visitor, act: Callable[[], object]) -> Visitor:
        begun = threading.Event()
        merge = _merging(morning, other, staff_with, begun)

        def late() -> object:
            assert begun.wait(PATIENCE)
            return act()

        assert at_once(merge, late) == ["ok", "ok"]
        other.refresh_from_db()
        assert other.merged_into is not None
        return other.merged_into

    return carry_out


def test_a_deal(morning: Morning, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    lines = [services.Line(morning.nose, Decimal(30_000))]
    whose = while_merged(
        held.visitor,
        lambda: services.record_deal(consultation=held, kind="paid", lines=lines, staff=morning.first, now=morning.now),
    )
    assert Deal.objects.get().visitor == DealAccount.objects.get().visitor == whose


def test_finishing(morning: Morning, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    services.record_no_deal(consultation=held, reason="价格", call_again_on=None, staff=morning.first, now=morning.now)
    whose = while_merged(
        held.visitor,
        lambda: services.finish_consultation(consultation=held, staff=morning.first, now=morning.now),
    )
    assert Consultation.objects.get().state == Consultation.State.FINISHED
    assert (whose.owner, whose.standing, whose.consulted_by) == (
        morning.first,
        Standing.NO_DEAL,
        [morning.first.pk],
    )


def test_entering(morning: Morning, while_merged: WhileMerged) -> None:
    held = morning.take(morning.arrive())
    whose = while_merged(
        held.visitor,
        lambda: services.enter_room(consultation=held, staff=morning.first, now=morning.now),
    )
    entered = Consultation.objects.get()
    assert entered.state == Consultation.State.IN_ROOM and entered.visitor == entered.visit.visitor == whose


def test_a_treatment_that_is_filed(morning: Morning, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    whose = while_merged(
        held.visitor,
        lambda: services.file_treatment(
            visitor=held.visitor,
            project=morning.nose,
            doctor=morning.doctor,
            treated_on=morning.board.day,
            state="planned",
            branch=morning.branch,
            staff=morning.first,
            now=morning.now,
        ),
    )
    assert Treatment.objects.get().visitor == whose


def test_a_treatment_that_is_done(morning: Morning, while_merged: WhileMerged) -> None:
    visitor = morning.register("张小美")
    treatment = make_ready(
        TreatmentFactory.create(doctor=morning.doctor, visitor=visitor, treated_on=morning.board.day)
    )
    treatment = go(treatment, "arrived", "preparing", "in_theatre", by=morning.doctor, now=morning.now)
    whose = while_merged(
        visitor,
        lambda: go(treatment, "done", by=morning.doctor, now=morning.now),
    )
    visitor.refresh_from_db()
    assert (whose.standing, visitor.standing) == (Standing.TREATED, Standing.NEW)


def _misallocated(morning: Morning, held: Consultation, supervisor: Staff) -> Callable[[], object]:
    """Say of a visit that is over that she is another's (K6)."""
    services.record_no_deal(consultation=held, reason="价格", call_again_on=None, staff=morning.first, now=morning.now)
    services.finish_consultation(consultation=held, staff=morning.first, now=morning.now)
    visit = Visit.objects.get(pk=held.visit_id)
    correction = Correction(Kind.MISALLOCATED, consultant=morning.second, reason="有首诊")
    return lambda: triage.correct_visit(
        visit=visit, correction=correction, expected_sequence=None, staff=supervisor, now=morning.now
    )


def test_whose_visitor_she_is_after_all(morning: Morning, staff_with: MakeStaff, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    whose = while_merged(held.visitor, _misallocated(morning, held, staff_with(Role.RECEPTION, Role.DESK_SUPERVISOR)))
    assert whose.owner == morning.second


@pytest.mark.parametrize("taken_back", [False, True])
def test_whose_visitor_she_is_waits_for_her_record_before_the_board(
    morning: Morning, staff_with: MakeStaff, taken_back: bool
) -> None:
    held = morning.enter(morning.arrive())
    supervisor = staff_with(Role.RECEPTION, Role.DESK_SUPERVISOR)
    act = _misallocated(morning, held, supervisor)
    if taken_back:
        act()
        visit = Visit.objects.get(pk=held.visit_id)

        def act() -> object:
            return triage.undo_allocation(visit=visit, staff=supervisor, now=morning.now)

    begun = threading.Event()

    def record_then_board() -> None:
        with transaction.atomic():
            reception.hold_visitor(held.visitor_id)
            begun.set()
            _until_somebody_waits()
            lock_board(branch_id=morning.branch.pk, desk=FRONT, day=morning.board.day)

    def late() -> object:
        assert begun.wait(PATIENCE)
        return act()

    assert at_once(record_then_board, late) == ["ok", "ok"]


def _on_the_way(desk: Desk, *stages: str) -> Treatment:
    treatment = make_ready(desk.operated(desk.people[0], days=0, state=Treatment.State.PLANNED))
    desk.arrive(treatment.visitor, purpose=Visit.Purpose.CONSULT)
    return go(treatment, *stages, by=desk.people[0], now=desk.later())


def test_a_treatment_that_is_done_is_told_at_the_desk(desk: Desk, while_merged: WhileMerged) -> None:
    treatment = _on_the_way(desk, "arrived", "preparing", "in_theatre")
    assert DeskCase.objects.get().state == DeskCase.State.WITH_STAFF
    while_merged(treatment.visitor, lambda: go(treatment, "done", by=desk.people[0], now=desk.now))
    assert DeskCase.objects.get().state == DeskCase.State.DONE and desk.holds()


def test_a_treatment_that_is_cancelled_leaves_nobody_busy(desk: Desk, while_merged: WhileMerged) -> None:
    treatment = _on_the_way(desk, "arrived", "preparing", "in_theatre")
    while_merged(
        treatment.visitor,
        lambda: services.cancel_treatment(treatment=treatment, reason="血压高", staff=desk.clerk, now=desk.now),
    )
    assert DeskCase.objects.get().state == DeskCase.State.DONE and desk.holds()


def test_a_treatment_she_is_taken_in_for(desk: Desk, while_merged: WhileMerged) -> None:
    treatment = _on_the_way(desk)
    visit = Visit.objects.get()
    whose = while_merged(treatment.visitor, lambda: desk.take_in(visit, treatment, purpose="treatment"))
    assert DeskCase.objects.get().treatment == treatment
    treatment.refresh_from_db()
    assert (treatment.stage, treatment.visitor) == ("arrived", whose)


def test_a_visitor_who_is_sent_on(morning: Morning, desk: Desk, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    whose = while_merged(
        held.visitor,
        lambda: services.send_to_desk(
            consultation=held, department=desk.department, staff=morning.first, now=morning.now
        ),
    )
    assert DeskCase.objects.get().visit.visitor == whose


def test_a_form_that_is_signed(morning: Morning, while_merged: WhileMerged) -> None:
    held = morning.enter(morning.arrive())
    whose = while_merged(
        held.visitor,
        lambda: services.note_signed_form(
            visitor=held.visitor,
            consultation=held,
            project=morning.nose,
            kind=SignedForm.Kind.TREATMENT,
            answer=SignedForm.Answer.SIGNED,
            staff=morning.first,
            now=morning.now,
        ),
    )
    assert SignedForm.objects.get().visitor == whose
