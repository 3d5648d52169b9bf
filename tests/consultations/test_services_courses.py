"""K1–K4, K6 and K7 as they begin in the room, on the real board."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from clinic.models import Department, OutboxEvent, Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import Consultation, OwnerHint, Participant
from consultations.selectors import people, queue, records
from reception import services as reception
from reception.models import Standing, Visit, Visitor
from tests.conftest import MakeStaff
from tests.consultations.conftest import Morning
from tests.factories.consultations import make_deal
from triage import services as triage
from triage.engine import facts
from triage.selectors.boards import board_of_day, state_of
from triage.selectors.corrections import Correction, Kind, kinds_for

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


def common(morning: Morning, consultation: Consultation) -> dict[str, Any]:
    return {"consultation": consultation, "staff": consultation.consultant, "now": morning.now}


def head_of_surgery(morning: Morning) -> Staff:
    Department.objects.filter(branch=morning.branch, kind=Department.Kind.SURGERY).update(head=morning.doctor)
    return morning.doctor


def own_visitor(morning: Morning, owner: Staff, name: str = "王美") -> Visitor:
    visitor = morning.register(name)
    visitor.owner, visitor.standing = owner, Standing.NO_DEAL
    visitor.save()
    return visitor


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


def test_c8_the_friend_she_enquired_for_is_this_consultants_when_she_comes(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    done = services.record_for_friend(name="刘芳", phone="139 0000 1234", note="想做双眼皮", **common(morning, held))
    services.finish_consultation(consultation=done, staff=morning.first, now=morning.now)
    done.visit.refresh_from_db()
    friend = done.visit.friend
    assert friend is not None and (friend.name, friend.phone) == ("刘芳", "+8613900001234")
    assert (done.outcome, done.visit.other_reason) == ("for_friend", "for_friend")
    assert morning.arrive("甲").consultant == morning.second, "the next in turn"
    comes = morning.arrive(friend)
    assert (comes.visit_type, comes.type_rule, comes.consultant) == ("first", "C8", morning.first)


def test_c8_a_friend_on_file_is_not_put_on_file_twice(morning: Morning) -> None:
    known = reception.register_visitor(
        name="刘芳", phone="13900001234", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive())
    for name, phone in (("刘芳", "139 0000 1234"), ("刘芳", "")):
        services.record_for_friend(name=name, phone=phone, **common(morning, held))
        held.visit.refresh_from_db()
        assert held.visit.friend == known
    services.record_for_friend(name="刘芬", phone="13900001234", **common(morning, held))
    held.visit.refresh_from_db()
    assert held.visit.friend != known, "another name is another person"


def test_nobody_is_her_own_friend(morning: Morning) -> None:
    herself = reception.register_visitor(
        name="刘芳", phone="13900001234", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    held = morning.enter(morning.arrive(herself))
    with pytest.raises(Refused, match="same_person"):
        services.record_for_friend(name="刘芬", phone="13900001234", **common(morning, held))


@pytest.mark.parametrize(("name", "phone", "code"), [("", "", "name"), ("刘芳", "12", "phone")])
def test_a_friend_needs_a_name_and_a_phone_that_is_one(morning: Morning, name: str, phone: str, code: str) -> None:
    held = morning.enter(morning.arrive())
    with pytest.raises(Refused, match=code):
        services.record_for_friend(name=name, phone=phone, **common(morning, held))
    held.refresh_from_db()
    assert held.outcome == ""


def test_a_product_is_an_outcome_and_a_deal_takes_its_place(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    done = services.record_product(note="面膜", expected_version=held.version, **common(morning, held))
    assert (done.outcome, done.outcome_note) == ("product", "面膜")
    with pytest.raises(Stale, match="changed"):
        services.record_product(note="面膜", expected_version=held.version, **common(morning, held))
    services.record_deal(kind="paid", lines=[services.Line(morning.nose, Decimal(100))], **common(morning, held))
    held.refresh_from_db()
    assert (held.outcome, held.outcome_note) == ("deal", "")
    with pytest.raises(Refused, match="deal_recorded"):
        services.record_product(**common(morning, held))


def test_nobody_is_found_by_a_part_of_a_name_or_phone(morning: Morning) -> None:
    visitor = reception.register_visitor(
        name="欧阳娜娜", phone="13912345678", branch=morning.branch, staff=morning.clerk, now=morning.now
    )
    for whole in ("欧阳娜娜", "13912345678", "139 1234 5678", "+86 139 1234 5678", visitor.file_number):
        assert people.found_exactly(whole) == [visitor], whole
    for part in ("欧阳", "欧", "娜娜", "5678", "1391234567", "oynn", "ouyangnana", "", "%", "F"):
        assert people.found_exactly(part) == [], part


def test_nothing_is_corrected_once_the_desk_has_closed_its_day(morning: Morning) -> None:
    held = morning.enter(morning.arrive())
    triage.close_board(board=morning.board, staff=morning.clerk, now=morning.now)
    with pytest.raises(Refused, match="day_closed"):
        services.change_consultant(designated=None, reason="想换一位", **common(morning, held))
