"""A department's desk: who is expected, to whom she goes, what the board makes of it, and that the ledger holds."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clinic.models import AuditEntry, Branch, Department
from clinic.problems import Refused, Stale
from consultations import services
from consultations.expecting import Receiver, Waiting, expectations
from consultations.models import Consultation, DeskCase, Treatment
from reception.models import Visit
from tests.conftest import make_branch
from tests.consultations.desk_scenes import Desk, open_desk
from tests.factories.consultations import TreatmentFactory
from tests.triage.compared import agrees
from triage.models import Decision
from triage.selectors.decisions import decisions_of, replayed
from triage.services import close_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(branch: Branch, now: datetime) -> Desk:
    return open_desk(branch, now)


def state(case: DeskCase) -> str:
    return str(DeskCase.objects.get(pk=case.pk).state)


# Who comes


def test_a_review_is_expected_where_she_was_treated(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    treatment = desk.operated(desk.people[1])
    visit = desk.arrive(treatment.visitor)
    (row,) = desk.expected()
    assert (row.visit, row.purpose, row.doctor) == (visit, "review", desk.people[1])
    assert laser.expected() == []
    desk.take_in(visit, treatment)
    assert desk.expected() == []


def test_a_project_named_at_the_desk_decides_the_department(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    visitor = desk.visitor()
    desk.operated(desk.people[0], visitor)
    laser.operated(laser.people[0], visitor)
    visit = desk.arrive(visitor)
    assert len(desk.expected()) == len(laser.expected()) == 1
    visit.wishes.create(project=laser.project, position=0)
    assert desk.expected() == [] and len(laser.expected()) == 1


def test_of_several_doctors_the_last_is_offered_first(desk: Desk) -> None:
    visitor = desk.visitor()
    desk.operated(desk.people[0], visitor, days=3)
    other = TreatmentFactory.create(
        doctor=desk.people[1], visitor=visitor, treated_on=desk.board.day, state=Treatment.State.DONE
    )
    desk.arrive(visitor)
    (row,) = desk.expected()
    assert [one.doctor for one in row.choices] == [desk.people[1], desk.people[0]]
    assert row.choices[0] == other and row.doctor is None


def test_todays_treatment_is_expected_once_its_visitor_is_here(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0], days=0, state=Treatment.State.PLANNED)
    assert desk.expected() == []
    visit = desk.arrive(treatment.visitor, visit_type="first", purpose="consult", state=Visit.State.FINISHED)
    (row,) = desk.expected()
    assert (row.visit, row.purpose, list(row.choices)) == (visit, "treatment", [treatment])
    case = desk.take_in(visit, treatment, purpose="treatment")
    assert desk.expected() == [] and case.doctor == desk.people[0]


@pytest.mark.parametrize("gone", [Visit.State.LEFT, Visit.State.VOID])
def test_who_is_gone_is_not_expected_nor_taken_in(desk: Desk, gone: str) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor, state=gone)
    assert desk.expected() == []
    with pytest.raises(Stale) as stale:
        desk.take_in(visit, treatment)
    assert stale.value.code == "gone"


def test_a_suspected_infection_is_not_taken_in(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor, isolated_at=desk.now)
    assert desk.expected() == []
    with pytest.raises(Stale) as stale:
        desk.take_in(visit, treatment)
    assert stale.value.code == "isolated"


def test_taken_in_twice_is_taken_in_once(desk: Desk) -> None:
    treatment = desk.operated(desk.people[0])
    visit = desk.arrive(treatment.visitor)
    first = desk.take_in(visit, treatment)
    desk.later()
    assert desk.take_in(visit, treatment) == first
    assert DeskCase.objects.get().arrived_at == first.arrived_at


@pytest.mark.parametrize("wrong", ["another visitor's", "another department's", "not done"])
def test_a_treatment_that_does_not_fit_is_refused(desk: Desk, branch: Branch, now: datetime, wrong: str) -> None:
    visit = desk.arrive()
    made = {
        "another visitor's": lambda: desk.operated(desk.people[0]),
        "another department's": lambda: open_desk(branch, now, kind="laser").operated(desk.people[0], visit.visitor),
        "not done": lambda: desk.operated(desk.people[0], visit.visitor, state="planned"),
    }[wrong]()
    with pytest.raises(Refused) as refused:
        desk.take_in(visit, made)
    assert refused.value.code == "treatment_unfit"


def test_a_consultant_sends_her_visitor_on(desk: Desk, branch: Branch, now: datetime) -> None:
    visit = desk.arrive(visit_type="first", purpose="consult", state=Visit.State.FINISHED, consultant=desk.people[0])
    consultation = Consultation.objects.create(
        visit=visit,
        visitor=visit.visitor,
        consultant=desk.people[0],
        branch=branch,
        day=visit.day,
        offered_at=now,
    )
    sent = services.send_to_desk(
        consultation=consultation, department=desk.department, staff=desk.people[0], now=desk.now
    )
    assert sent == services.send_to_desk(
        consultation=consultation, department=desk.department, staff=desk.people[0], now=desk.now
    )
    (row,) = desk.expected()
    assert (row.case, row.purpose) == (sent, "consult")
    assert desk.take_in(visit, purpose="consult").pk == sent.pk
    assert state(sent) == "waiting" and desk.expected() == []
    reception = Department.objects.get(branch=branch, kind="reception")
    with pytest.raises(Refused) as refused:
        services.send_to_desk(consultation=consultation, department=reception, staff=desk.people[0], now=desk.now)
    assert refused.value.code == "no_desk"
    with pytest.raises(Refused) as refused:
        desk.take_in(visit, purpose="consult", department=reception)
    assert refused.value.code == "no_desk"


# Rotation


def test_rotation_counts_turns_and_the_ledger_holds(desk: Desk) -> None:
    for _visitor in range(7):
        case = desk.give(desk.take_in())
        assert case.state == "called"
        case = desk.work(services.enter_case, case)
        desk.later(5)
        desk.work(services.finish_case, case)
    assert max(desk.turns()) - min(desk.turns()) <= 1 and sum(desk.turns()) == 7
    assert desk.holds()
    assert all(replayed(one) for one in Decision.objects.filter(board=desk.board))
    for one in Decision.objects.filter(board=desk.board):
        assert replayed(one).to_json() == one.answer


def test_a_busy_seat_is_passed_and_makes_it_up(desk: Desk) -> None:
    desk.say(desk.people[0], "busy")
    assert desk.give(desk.take_in()).staff == desk.people[1]
    assert desk.owed() == ["赵医生"]
    desk.later()
    desk.say(desk.people[0], "free")
    assert desk.give(desk.take_in()).staff == desk.people[0]
    assert desk.owed() == [] and desk.turns() == [1, 1, 0]
    assert desk.holds()


def test_scope_binds_the_rotation(desk: Desk) -> None:
    desk.people[0].excluded.add(desk.project)
    visit = desk.arrive()
    visit.wishes.create(project=desk.project, position=0)
    assert desk.give(desk.take_in(visit, purpose="consult")).staff == desk.people[1]


def test_two_desks_and_the_front_desk_do_not_meet(desk: Desk, branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser")
    visit = desk.arrive()
    here, there = desk.take_in(visit), laser.take_in(visit, purpose="consult")
    here = desk.give(here)
    there = laser.give(there)
    assert here.staff == desk.people[0] and there.staff == laser.people[0]
    visit.refresh_from_db()
    assert (visit.state, visit.consultant, visit.rule) == ("registered", None, "A1")
    assert decisions_of(visit) == []
    for one in (here, there):
        assert state(desk.work(services.enter_case, one)) == "with_staff"
    desk.work(services.finish_case, here)
    visit.refresh_from_db()
    assert visit.state == "registered"
    laser.work(services.finish_case, there)
    visit.refresh_from_db()
    assert visit.state == "finished"
    assert desk.holds() and laser.holds()


def test_nobody_free_leaves_her_in_the_list(desk: Desk) -> None:
    for one in desk.people:
        desk.say(one, "busy")
    case = desk.take_in()
    with pytest.raises(Refused) as refused:
        desk.give(case)
    assert refused.value.code == "nobody_free"
    assert state(case) == "waiting" and desk.turns() == [0, 0, 0] and desk.owed() == []
    desk.say(desk.people[2], "free")
    assert desk.give(case).staff == desk.people[2]


def test_a_stale_proposal_and_a_second_screen(desk: Desk) -> None:
    first, second = desk.take_in(), desk.take_in()
    seen = desk.board.sequence
    desk.give(first, expected_sequence=seen)
    with pytest.raises(Stale) as stale:
        desk.give(second, expected_sequence=seen)
    assert stale.value.code == "board_moved"
    with pytest.raises(Stale) as stale:
        desk.give(first)
    assert stale.value.code == "moved_on"


@pytest.mark.parametrize("closed", [False, True])
def test_without_an_open_board_nobody_is_given_out(desk: Desk, branch: Branch, now: datetime, closed: bool) -> None:
    laser = Department.objects.get(branch=branch, kind="laser")
    if closed:
        opened = open_desk(branch, now, kind="laser")
        close_board(board=opened.board, staff=opened.clerk, now=now)
    case = services.take_in(visit=desk.arrive(), department=laser, purpose="consult", staff=desk.clerk, now=desk.now)
    with pytest.raises(Refused) as refused:
        desk.give(case)
    assert refused.value.code == ("day_closed" if closed else "no_board")


def test_undo_within_ten_seconds(desk: Desk) -> None:
    case = desk.give(desk.take_in())
    desk.later(5 / 60)
    case = desk.work(services.undo_case, case)
    assert (case.state, case.staff, case.called_at) == ("waiting", None, None)
    assert desk.turns() == [0, 0, 0] and desk.holds()
    case = desk.give(case)
    assert case.staff == desk.people[0]
    desk.later(1)
    with pytest.raises(Refused) as refused:
        desk.work(services.undo_case, case)
    assert refused.value.code == "too_late"
    with pytest.raises(Refused) as refused:
        desk.work(services.undo_case, desk.take_in())
    assert refused.value.code == "nothing_to_undo"


def test_an_override_needs_a_reason_and_says_whose_turn_it_was(desk: Desk) -> None:
    case = desk.take_in()
    with pytest.raises(Refused) as refused:
        desk.work(services.name_for_case, case, consultant=desk.people[2], reason=" ", turn=None)
    assert refused.value.code == "reason_missing"
    case = desk.work(services.name_for_case, case, consultant=desk.people[2], reason="顾客怕男医生", turn=None)
    assert case.staff == desk.people[2] and desk.turns() == [0, 0, 1]
    case = desk.work(services.name_for_case, case, consultant=desk.people[1], reason="又换", turn="free")
    assert case.staff == desk.people[1] and desk.turns() == [0, 0, 0] and desk.owed() == ["孙护士"]
    assert desk.holds()
    last = Decision.objects.order_by("-pk")[0]
    assert (last.rule, last.answer["reason"]) == ("K9", "又换")
    assert replayed(last).to_json() == last.answer


def test_leaving_early_gives_the_turn_back(desk: Desk) -> None:
    early, late = desk.give(desk.take_in()), desk.give(desk.take_in())
    visit = Visit.objects.get(pk=early.visit_id)
    early = desk.work(services.leave_case, early, reason="有急事")
    assert (early.state, early.left_reason) == ("left", "有急事")
    assert desk.turns() == [0, 1, 0] and desk.owed() == ["赵医生"]
    visit.refresh_from_db()
    assert visit.state == "left"
    desk.later(10)
    desk.work(services.leave_case, late, reason="")
    assert desk.turns() == [0, 1, 0] and desk.holds()
    assert desk.work(services.leave_case, early, reason="").left_reason == "有急事"


# The doctor it belongs to

BUSY, ABSENT, GONE, HERE = "in theatre", "absent", "gone", "here"


def stand(desk: Desk, doctor: Any, how: str) -> None:
    """Let the doctor be here, in theatre with somebody, absent, or not with us any more."""
    if how == BUSY:
        case = desk.work(services.enter_case, desk.give(desk.take_in(treatment=desk.operated(doctor))))
        assert case.staff == doctor
    elif how == ABSENT:
        desk.say(doctor, "off")
    elif how == GONE:
        doctor.active_until = desk.board.day - timedelta(days=1)
        doctor.save()


@pytest.mark.parametrize(
    ("how", "agrees", "outcome"),
    [
        (HERE, False, ("called", 0)),
        (HERE, True, ("called", 0)),
        (BUSY, False, ("waiting", 0)),
        (BUSY, True, ("called", 1)),
        (ABSENT, False, "doctor_absent"),
        (ABSENT, True, ("called", 1)),
        (GONE, False, "doctor_absent"),
        (GONE, True, ("called", 1)),
    ],
)
def test_a_review_and_its_doctor(desk: Desk, how: str, agrees: bool, outcome: Any) -> None:
    """`outcome`: the state it comes to and how many turns it uses, or why it is refused."""
    doctor = desk.people[0]
    treatment = desk.operated(doctor)
    stand(desk, doctor, how)
    case = desk.take_in(treatment=treatment)
    if agrees:
        case = desk.work(services.agree_to_another, case, expected_version=case.version)
        assert case.agreed_noted_by == desk.clerk
    if isinstance(outcome, str):
        with pytest.raises(Refused) as refused:
            desk.give(case)
        assert refused.value.code == outcome and state(case) == "waiting"
        return
    case = desk.give(case)
    assert (case.state, sum(desk.turns())) == outcome
    assert (case.staff == doctor) is (outcome[1] == 0)
    assert desk.holds()
    decision = Decision.objects.order_by("-pk")[0]
    assert replayed(decision).to_json() == decision.answer
    assert decision.rule == ("A12" if outcome[1] else "A1")


def test_in_theatre_she_waits_with_a_time_and_then_agrees_to_another(desk: Desk) -> None:
    doctor = desk.people[0]
    stand(desk, doctor, BUSY)
    desk.later(5)
    other = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    case = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    assert (case.state, case.staff) == ("waiting", doctor)
    row = next(one for one in desk.waiting() if one.case.pk == case.pk)
    assert (row.receiving.word, row.receiving.free_in, row.expectation.ahead) == ("in_theatre", 5, 1)
    assert row.expectation.minutes == 15 and case.expected_at == desk.now + timedelta(minutes=15)
    case = desk.work(services.agree_to_another, case, expected_version=case.version)
    assert (case.state, case.staff) == ("called", desk.people[1])
    assert desk.turns() == [0, 1, 0] and desk.holds()
    case = desk.work(services.undo_case, case)
    assert (case.state, case.staff, case.agreed_at) == ("waiting", doctor, None)
    assert desk.turns() == [0, 0, 0] and desk.holds()
    assert state(other) == "waiting"


def test_nobody_else_free_she_goes_on_waiting(desk: Desk) -> None:
    doctor = desk.people[0]
    stand(desk, doctor, BUSY)
    case = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    for one in desk.people[1:]:
        desk.say(one, "out")
    with pytest.raises(Refused) as refused:
        desk.work(services.agree_to_another, case, expected_version=case.version)
    assert refused.value.code == "nobody_free"
    case.refresh_from_db()
    assert (case.staff, case.agreed_at) == (doctor, None)


def test_she_waits_for_a_doctor_who_is_out(desk: Desk) -> None:
    doctor = desk.people[0]
    desk.say(doctor, "out", until=desk.now + timedelta(minutes=38))
    case = desk.take_in(treatment=desk.operated(doctor))
    case = desk.work(services.wait_for_doctor, case, expected_version=case.version)
    assert case.expected_at == desk.now + timedelta(minutes=40)
    again = desk.work(services.wait_for_doctor, case, expected_version=1)
    assert again.version == case.version
    with pytest.raises(Stale):
        desk.work(services.agree_to_another, case, expected_version=1)
    desk.later(38)
    desk.say(doctor, "on")
    assert desk.give(case).staff == doctor and desk.turns() == [0, 0, 0]


def test_who_came_for_nobody_in_particular_has_nobody_to_wait_for(desk: Desk) -> None:
    case = desk.take_in()
    for service in (services.agree_to_another, services.wait_for_doctor):
        with pytest.raises(Refused) as refused:
            desk.work(service, case, expected_version=case.version)
        assert refused.value.code == "no_doctor"


# How far she has come


def test_each_step_is_taken_once_and_in_order(desk: Desk) -> None:
    case = desk.take_in()
    for service in (services.call_case, services.enter_case):
        with pytest.raises(Refused) as refused:
            desk.work(service, case)
        assert refused.value.code == "nobody_has_her"
    with pytest.raises(Stale):
        desk.work(services.finish_case, case)
    case = desk.give(case)
    called = desk.work(services.call_case, case)
    assert called.called_at == case.called_at
    entered = desk.work(services.enter_case, called)
    desk.later()
    assert desk.work(services.enter_case, entered).entered_at == entered.entered_at
    with pytest.raises(Stale):
        desk.work(services.leave_case, entered, reason="")
    done = desk.work(services.finish_case, entered)
    desk.later()
    assert desk.work(services.finish_case, done).ended_at == done.ended_at
    with pytest.raises(Stale):
        desk.work(services.call_case, done)
    said = set(AuditEntry.objects.values_list("action", flat=True))
    assert {f"consultations.{one}" for one in ("take_in", "enter_case", "finish_case")} <= said


def test_numbing_runs_is_told_and_ends(desk: Desk) -> None:
    case = desk.take_in()
    for minutes in (0, 181):
        with pytest.raises(Refused):
            desk.work(services.start_numbing, case, minutes=minutes)
    case = desk.work(services.start_numbing, case, minutes=30)
    (row,) = desk.waiting()
    assert (row.numbing.minutes, row.numbing.nearly_over) == (30, False)
    desk.later(28)
    (row,) = desk.waiting()
    assert (row.numbing.minutes, row.numbing.nearly_over) == (2, True)
    seen = desk.work(services.see_numbing, case).numbing_seen_at
    desk.later()
    assert desk.work(services.see_numbing, case).numbing_seen_at == seen
    assert desk.work(services.start_numbing, case, minutes=20).numbing_seen_at is None
    assert desk.work(services.end_numbing, case).numbing_over_at is None


# A past day is played again as it was


def test_a_departments_day_is_rehearsed_as_it_was(desk: Desk) -> None:
    doctor = desk.people[0]
    stand(desk, doctor, BUSY)
    desk.later()
    first = desk.give(desk.take_in(treatment=desk.operated(doctor)))
    desk.later()
    desk.work(services.agree_to_another, first, expected_version=first.version)
    desk.later()
    named = desk.take_in()
    desk.work(services.name_for_case, named, consultant=desk.people[1], reason="点名", turn=None)
    desk.later()
    desk.give(desk.take_in())
    agrees(desk, least=4)


# Any day


class AnyDayTest(TestCase):
    """R13 for departments: whatever happens in whatever order, the ledger folds to the board and no turn is lost."""

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["arrive", "give", "enter", "finish", "leave", "busy", "free", "undo", "agree", "name"]
                ),
                st.integers(0, 5),
            ),
            max_size=25,
        )
    )
    def test_the_ledger_folds(self, steps: list[tuple[str, int]]) -> None:
        now = datetime.fromisoformat("2026-03-11T02:30:00+00:00")
        desk = open_desk(make_branch(), now)
        cases: list[DeskCase] = []
        for step, which in steps:
            desk.later(0.1)
            try:
                self._step(desk, cases, step, which)
            except Refused:
                continue
        assert desk.holds()
        counted = [
            one.answer
            for one in Decision.objects.filter(board=desk.board)
            if one.answer["turn"] in ("counted", "make_up")
        ]
        assert sum(desk.turns()) <= len(counted)

    def _step(self, desk: Desk, cases: list[DeskCase], step: str, which: int) -> None:
        person = desk.people[which % 3]
        if step == "arrive":
            treatment = desk.operated(person) if which < 3 else None
            cases.append(desk.take_in(treatment=treatment))
            return
        if step in ("busy", "free"):
            desk.say(person, step)
            return
        if not cases:
            return
        case = DeskCase.objects.get(pk=cases[which % len(cases)].pk)
        said: dict[str, dict[str, Any]] = {
            "leave": {"reason": ""},
            "agree": {"expected_version": case.version},
            "name": {"consultant": person, "reason": "换", "turn": None},
        }
        if step == "give":
            desk.give(case)
            return
        service = {
            "enter": services.enter_case,
            "finish": services.finish_case,
            "leave": services.leave_case,
            "undo": services.undo_case,
            "agree": services.agree_to_another,
            "name": services.name_for_case,
        }[step]
        desk.work(service, case, **said.get(step, {}))


# What those who wait are told


@pytest.mark.parametrize(
    ("waiting", "receivers", "told"),
    [
        ([Waiting(1, None, 30)], {7: Receiver(True, 0)}, {1: (0, 0)}),
        ([Waiting(1, None, 30), Waiting(2, None, 30)], {7: Receiver(True, 0)}, {1: (0, 0), 2: (1, 30)}),
        ([Waiting(1, None, 30), Waiting(2, None, 30)], {7: Receiver(True, 0), 8: Receiver(True, 12)}, {2: (1, 15)}),
        ([Waiting(1, 7, 10), Waiting(2, 7, 10)], {7: Receiver(True, 38)}, {1: (0, 40), 2: (1, 50)}),
        ([Waiting(1, 7, 10)], {7: Receiver(True, None)}, {1: (0, None)}),
        ([Waiting(1, 7, 10)], {}, {1: (0, None)}),
        ([Waiting(1, 7, 10)], {7: Receiver(False, 20)}, {1: (0, 20)}),
        ([Waiting(1, None, 10)], {7: Receiver(False, 20)}, {1: (0, None)}),
        ([], {7: Receiver(True, 0)}, {}),
    ],
)
def test_how_long_yet(waiting: list[Waiting], receivers: dict[int, Receiver], told: dict[int, Any]) -> None:
    found = expectations(waiting, receivers)
    assert {key: (found[key].ahead, found[key].minutes) for key in told} == told


@given(
    st.lists(st.tuples(st.sampled_from([None, 1, 2, 9]), st.integers(5, 60)), max_size=12),
    st.dictionaries(st.sampled_from([1, 2]), st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 90)))),
)
def test_who_comes_later_is_never_told_less(
    asked: list[tuple[int | None, int]], people: dict[int, tuple[bool, int | None]]
) -> None:
    waiting = [Waiting(key, receiver, minutes) for key, (receiver, minutes) in enumerate(asked)]
    found = expectations(waiting, {key: Receiver(*one) for key, one in people.items()})
    for receiver in (None, 1, 2, 9):
        minutes = [found[one.key].minutes for one in waiting if one.receiver == receiver]
        known = [one for one in minutes if one is not None]
        assert known == sorted(known)
        assert [found[one.key].ahead for one in waiting if one.receiver == receiver] == list(range(len(minutes)))
