"""K1–K4, K6 and K7 as they begin in the room, on the real board."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from clinic.models import Department, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, OwnerHint, Participant
from consultations.selectors import people, queue
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeStaff
from tests.consultations.change_scenes import common, own_visitor
from tests.consultations.conftest import Morning
from tests.factories.consultations import make_deal
from triage import services as triage
from triage.engine import facts
from triage.selectors.boards import board_of_day, state_of
from triage.selectors.corrections import Correction, Kind

pytestmark = pytest.mark.django_db


def board_now(morning: Morning) -> facts.Board:
    board = board_of_day(morning.branch, "front", morning.board.day)
    assert board is not None
    return state_of(board)


def turns(morning: Morning, *people: Staff) -> list[int]:
    seats = {seat.consultant: seat for seat in board_now(morning).seats}
    return [seats[str(one.pk)].turns for one in people]


def owed(morning: Morning, person: Staff) -> int:
    return len(board_now(morning).owed_to(str(person.pk)))


def head_of_surgery(morning: Morning) -> Staff:
    Department.objects.filter(branch=morning.branch, kind=Department.Kind.SURGERY).update(head=morning.doctor)
    return morning.doctor


def not_offered(morning: Morning, held: Consultation, **more: Any) -> Consultation:
    return services.record_not_offered(reason="植发", **common(morning, held), **more)


def cannot_do(morning: Morning, held: Consultation, **more: Any) -> Consultation:
    return services.record_cannot_do(
        decided_by=head_of_surgery(morning), reason="凝血异常", **common(morning, held), **more
    )


@dataclass(frozen=True)
class Found:
    """What is found out in the room, under a policy: does the turn come back?"""

    record: Callable[..., Consultation]
    rules: dict[str, object]
    outcome: str
    rule: str
    returned: bool


FOUND = [
    Found(not_offered, {}, "not_offered", "K1", True),
    Found(not_offered, {"not_offered_returns": False}, "not_offered", "K1", False),
    Found(cannot_do, {}, "cannot_do", "K2", False),
    Found(cannot_do, {"cannot_do_returns": True}, "cannot_do", "K2", True),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case.rule}-{'returned' if case.returned else 'stands'}")
def test_k1_k2_the_visit_becomes_other_and_the_visitor_stays_in_the_room(morning: Morning, case: Found) -> None:
    morning.run_by(case.rules)
    held = morning.enter(morning.arrive())
    done = case.record(morning, held, expected_sequence=board_now(morning).sequence, expected_version=held.version)
    done.visit.refresh_from_db()
    assert (done.outcome, done.state) == (case.outcome, "in_room")
    assert (done.visit.visit_type, done.visit.rule, done.visit.other_reason) == ("other", case.rule, case.outcome)
    assert (done.visit.consultant, done.visit.state) == (morning.first, Visit.State.IN_ROOM)
    assert turns(morning, morning.first) == [0 if case.returned else 1]
    assert owed(morning, morning.first) == int(case.returned)
    over = services.finish_consultation(consultation=done, staff=morning.first, now=morning.now)
    over.visitor.refresh_from_db()
    assert (over.state, over.visitor.owner) == ("finished", None)


def test_k2_is_decided_by_a_head_and_kept_with_her_name(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match="not_a_head"):
        services.record_cannot_do(decided_by=morning.doctor, reason="x", **common(morning, held))
    done = cannot_do(morning, held)
    assert (done.decided_by, done.outcome_note) == (morning.doctor, "凝血异常")


def test_k2_the_head_of_the_department_concerned_is_offered_first(morning: Morning, staff_with: MakeStaff) -> None:
    laser = staff_with(Role.DOCTOR, display_name="激光主任")
    Department.objects.filter(branch=morning.branch, kind=Department.Kind.LASER).update(head=laser)
    Department.objects.filter(branch=morning.branch, kind=Department.Kind.RECEPTION).update(head=morning.clerk)
    head_of_surgery(morning)
    assert people.deciders(morning.arrive()) == [morning.doctor, laser]


@pytest.mark.parametrize("record", [not_offered, cannot_do])
def test_k1_k2_are_for_a_visitor_in_the_room_and_never_after_a_deal(
    morning: Morning, record: Callable[..., Consultation]
) -> None:
    taken = morning.take(morning.arrive())
    with pytest.raises(Refused, match="not_in_room"):
        record(morning, taken)
    held = services.enter_room(consultation=taken, staff=morning.first, now=morning.now)
    services.record_deal(
        kind="deposit",
        lines=[services.Line(morning.nose, Decimal(100))],
        **common(morning, held),
    )
    before = board_now(morning).sequence
    with pytest.raises(Refused, match="deal_recorded"):
        record(morning, held)
    assert board_now(morning).sequence == before


def test_k1_twice_or_on_a_board_that_moved_is_done_once(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    seen, version = board_now(morning).sequence, held.version
    not_offered(morning, held, expected_sequence=seen, expected_version=version)
    with pytest.raises(Refused, match="found_out"):
        not_offered(morning, held, expected_sequence=seen, expected_version=version)
    second = morning.enter(morning.arrive("李娜"))
    with pytest.raises(Stale, match="board_moved"):
        not_offered(morning, second, expected_sequence=seen)
    with pytest.raises(Stale, match="changed"):
        not_offered(morning, second, expected_version=99)
    second.refresh_from_db()
    assert second.outcome == ""


def test_k8_what_the_desk_takes_back_has_to_be_said_again(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    not_offered(morning, held)
    with pytest.raises(Refused, match="found_out"):
        services.record_no_deal(reason="x", call_again_on=None, **common(morning, held))
    triage.undo_allocation(visit=held.visit, staff=morning.clerk, now=morning.now)
    with pytest.raises(Refused, match="outcome_missing"):
        services.finish_consultation(consultation=held, staff=morning.first, now=morning.now)
    assert not_offered(morning, held).outcome == "not_offered"
    triage.undo_allocation(visit=held.visit, staff=morning.clerk, now=morning.now)
    assert services.record_no_deal(reason="x", call_again_on=None, **common(morning, held)).outcome == "no_deal"


def test_k3_a_referral_found_out_goes_to_the_referrers_owner(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    referrer = own_visitor(morning, morning.second)
    services.record_referral(referrer=referrer, reason="张姐介绍", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.state, held.outcome) == ("withdrawn", "")
    assert (held.visit.consultant, held.visit.turn, held.visit.referrer) == (morning.second, "free", referrer)
    assert (turns(morning, morning.first), owed(morning, morning.first)) == ([0], 1)
    assert morning.enter(held.visit).consultant == morning.second


def test_k3_the_owner_is_absent_the_visitor_stays(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    triage.set_seat_state(
        board=morning.board, consultant=morning.second, state="off", staff=morning.clerk, now=morning.now
    )
    referrer = own_visitor(morning, morning.second)
    services.record_referral(referrer=referrer, reason="张姐介绍", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.state, held.visit.consultant, held.visit.referrer) == ("in_room", morning.first, referrer)


def test_k3_nobody_is_brought_by_herself(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match="same_person"):
        services.record_referral(referrer=held.visitor, reason="x", **common(morning, held))


@pytest.mark.parametrize("named", [True, False])
def test_k4_a_first_visitor_goes_to_another_and_the_turn_stands(morning: Morning, named: bool) -> None:
    held = morning.enter(morning.arrive())
    designated = morning.second if named else None
    services.change_consultant(designated=designated, reason="想换一位", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.state, held.outcome, held.passed_to) == ("finished", "another", morning.second)
    assert held.outcome_note == "想换一位"
    assert (held.visit.consultant, held.visit.state) == (morning.second, Visit.State.WAITING)
    assert turns(morning, morning.first) == [1]
    morning.part(morning.enter(held.visit))
    held.visitor.refresh_from_db()
    assert held.visitor.owner == morning.second
    assert set(held.visitor.consulted_by) == {morning.first.pk, morning.second.pk}


def test_k4_the_new_one_is_told_at_once_and_the_register_follows(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    before = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
    told = {topic for row in OutboxEvent.objects.filter(pk__gt=before) for topic in row.topics}
    branch = morning.branch.pk
    assert {
        f"queue-{morning.first.pk}", f"queue-{morning.second.pk}", f"board-{morning.board.pk}", f"desk-{branch}",
        f"register-{branch}",
    } <= told  # fmt: skip


def test_k4_of_an_owners_visitor_the_supervisor_names_and_the_owner_is_told(
    morning: Morning, staff_with: MakeStaff
) -> None:
    supervisor = staff_with(Role.CONSULTING_SUPERVISOR)
    triage.set_seat_state(
        board=morning.board, consultant=morning.first, state="busy", free_in=90, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive(own_visitor(morning, morning.first)))
    assert held.consultant == morning.second, "a stand-in"
    before = OutboxEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    services.change_consultant(designated=None, reason="不合适", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.state, held.outcome, held.passed_to) == ("finished", "another", None)
    assert (held.visit.consultant, held.visit.state) == (None, Visit.State.REGISTERED)
    told = {topic for row in OutboxEvent.objects.filter(pk__gt=before) for topic in row.topics}
    assert {f"staff-{supervisor.pk}", f"staff-{morning.first.pk}"} <= told
    assert list(queue.gone_to_others(morning.first, morning.now)) == [held.visit]
    assert not queue.gone_to_others(morning.second, morning.now)
    triage.name_consultant(
        visit=held.visit, consultant=morning.first, by="supervisor", staff=supervisor, now=morning.now
    )
    assert not queue.gone_to_others(morning.first, morning.now)


def test_k4_before_she_came_in_is_withdrawn_and_counts_for_nothing(morning: Morning) -> None:
    held = morning.take(morning.arrive())
    services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
    held.refresh_from_db()
    assert (held.state, held.outcome, held.finished_at) == ("withdrawn", "another", None)


def test_k4_a_deal_already_made_stays_and_gives_the_standing(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    make_deal(held, kind="deposit")
    Consultation.objects.filter(pk=held.pk).update(outcome="deal")
    services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.state, held.outcome) == ("finished", "deal")
    morning.part(morning.enter(held.visit))
    held.visitor.refresh_from_db()
    assert held.visitor.standing == Standing.DEPOSIT


def test_k7_to_a_colleague_and_to_a_doctor_on_the_board(morning: Morning, staff_with: MakeStaff) -> None:
    held = morning.enter(morning.arrive())
    services.transfer_visit(to=morning.second, reason="做不了", **common(morning, held))
    held.refresh_from_db()
    held.visit.refresh_from_db()
    assert (held.outcome, held.passed_to) == ("transferred", morning.second)
    assert (held.visit.turn, held.visit.rule, turns(morning, morning.first)) == ("free", "K7", [1])
    seated = staff_with(Role.DOCTOR, Role.CONSULTANT, display_name="钱医生")
    triage.check_in(board=morning.board, consultant=seated, staff=morning.clerk, now=morning.now)
    next_held = morning.enter(held.visit)
    services.refer_to_doctor(doctor=seated, reason="需要手术", **common(morning, next_held))
    next_held.refresh_from_db()
    next_held.visit.refresh_from_db()
    assert (next_held.outcome, next_held.state) == ("referred", "finished")
    assert next_held.visit.consultant == seated
    assert not Participant.objects.exists()


def test_who_bought_was_passed_on_and_left_is_known_by_what_she_bought(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    make_deal(held, kind="paid", received=12000)
    Consultation.objects.filter(pk=held.pk).update(outcome="deal")
    services.transfer_visit(to=morning.second, reason="下班了", **common(morning, held))
    held.visit.refresh_from_db()
    triage.record_leave(visit=held.visit, staff=morning.clerk, now=morning.now)
    event = OutboxEvent.objects.get(event="visit_left")
    (name,) = settings.EVENT_TASKS["visit_left"]
    task = import_string(name)
    assert [task(**event.payload) for _twice in range(2)] == [True, True]
    visitor = Visitor.objects.get(pk=held.visitor_id)
    assert (visitor.standing, visitor.owner, visitor.consulted_by) == (
        Standing.PAID,
        morning.first,
        [morning.first.pk],
    )


def test_who_left_without_being_received_stays_as_she_was(morning: Morning) -> None:
    visit = morning.arrive()
    triage.record_leave(visit=visit, staff=morning.clerk, now=morning.now)
    assert not services.settle_left(visit=visit, now=morning.now)
    visit.visitor.refresh_from_db()
    assert (visit.visitor.standing, visit.visitor.owner) == (Standing.NEW, None)


def test_a_doctor_without_a_seat_takes_part_and_the_visitor_stays(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match="reason_missing"):
        services.refer_to_doctor(doctor=morning.doctor, reason=" ", **common(morning, held))
    done = services.refer_to_doctor(
        doctor=morning.doctor, reason="鼻中隔偏曲", expected_version=held.version, **common(morning, held)
    )
    asked = Participant.objects.get()
    assert (done.state, done.outcome, done.passed_to) == ("in_room", "referred", morning.doctor)
    assert (asked.staff, asked.part, asked.question) == (morning.doctor, "referred", "鼻中隔偏曲")
    with pytest.raises(Stale, match="changed"):
        services.refer_to_doctor(
            doctor=morning.doctor, reason="鼻中隔偏曲", expected_version=held.version, **common(morning, held)
        )
    assert services.finish_consultation(consultation=done, staff=morning.first, now=morning.now).state == "finished"


def test_k6_is_only_told_and_the_visitor_stays(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match="reason_missing"):
        services.tell_owner(owner=None, reason=" ", **common(morning, held))
    services.tell_owner(owner=None, reason="她说是李敏的", **common(morning, held))
    hint = services.tell_owner(owner=morning.second, reason="她说是李敏的", **common(morning, held))
    held.visit.refresh_from_db()
    assert (OwnerHint.objects.count(), hint.owner) == (1, morning.second)
    assert (held.visit.consultant, held.visit.rule) == (morning.first, "A12")


def test_k6_is_shown_to_supervisors_until_it_is_corrected_or_noted(morning: Morning, staff_with: MakeStaff) -> None:
    supervisor = staff_with(Role.RECEPTION, Role.DESK_SUPERVISOR)
    held = morning.enter(morning.arrive())
    hint = services.tell_owner(owner=morning.second, reason="她说是李敏的", **common(morning, held))
    assert list(queue.open_owner_hints(supervisor, morning.now)) == [hint]
    settled = services.settle_owner_hint(hint=hint, staff=supervisor, now=morning.now)
    again = services.settle_owner_hint(hint=hint, staff=morning.clerk, now=morning.now)
    assert (settled.settled_by, again.settled_by) == (supervisor, supervisor)
    assert not queue.open_owner_hints(supervisor, morning.now)
    services.tell_owner(owner=morning.second, reason="又想起来", **common(morning, held))
    assert len(queue.open_owner_hints(supervisor, morning.now)) == 1
    triage.correct_visit(
        visit=held.visit, correction=Correction(Kind.MISALLOCATED, consultant=morning.second, reason="有首诊"),
        expected_sequence=None, staff=supervisor, now=morning.now,
    )  # fmt: skip
    assert not queue.open_owner_hints(supervisor, morning.now)


@pytest.mark.parametrize("change", ["change_consultant", "transfer_visit", "record_referral"])
def test_of_two_windows_the_second_is_told_that_she_is_gone(morning: Morning, change: str) -> None:
    held = morning.enter(morning.arrive())
    changes: dict[str, dict[str, Any]] = {
        "change_consultant": {"designated": None},
        "transfer_visit": {"to": morning.second},
        "record_referral": {"referrer": own_visitor(morning, morning.second)},
    }
    given = changes[change]
    sequence = board_now(morning).sequence
    getattr(services, change)(reason="因故", expected_sequence=sequence, **given, **common(morning, held))
    with pytest.raises(Stale, match="moved_away"):
        getattr(services, change)(reason="因故", expected_sequence=sequence, **given, **common(morning, held))


@pytest.mark.parametrize("change", ["change_consultant", "transfer_visit", "record_not_offered", "tell_owner"])
def test_another_consultant_cannot_pass_on_a_visitor_who_is_not_hers(morning: Morning, change: str) -> None:
    held = morning.enter(morning.arrive())
    changes: dict[str, dict[str, Any]] = {
        "change_consultant": {"designated": None},
        "transfer_visit": {"to": morning.first},
        "record_not_offered": {},
        "tell_owner": {"owner": None},
    }
    common_to_all: dict[str, Any] = {
        "consultation": held,
        "reason": "因故",
        "staff": morning.second,
        "now": morning.now,
    }
    with pytest.raises(Stale, match="moved_away"):
        getattr(services, change)(**common_to_all, **changes[change])


def test_nothing_is_corrected_once_the_desk_has_closed_its_day(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    triage.close_board(board=morning.board, staff=morning.clerk, now=morning.now)
    with pytest.raises(Refused, match="day_closed"):
        services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
