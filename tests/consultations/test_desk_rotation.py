"""A department's rotation: turns, overrides, what is taken back, and a ledger that folds to the board."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clinic.models import Branch, Department
from clinic.problems import Refused, Stale
from clinic.roles import Role
from consultations import services
from consultations.models import DeskCase
from reception.models import Visit
from tests.conftest import make_branch
from tests.consultations.desk_scenes import BUSY, Desk, open_desk, stand, state
from tests.factories.triage import make_consultant
from tests.triage.compared import agrees
from triage.models import Decision
from triage.selectors.boards import desk_roster
from triage.selectors.decisions import decisions_of, replayed
from triage.services import close_board

pytestmark = pytest.mark.django_db


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


def test_beauticians_rotate_with_doctors_and_nurses_of_their_department(branch: Branch, now: datetime) -> None:
    laser = open_desk(branch, now, kind="laser", names=("赵医生", "孙护士", "周美容"))
    make_consultant(branch, "美容科外", Role.BEAUTICIAN)
    make_consultant(branch, "前台", Role.RECEPTION, department=laser.department)
    assert set(desk_roster(laser.department, laser.board.day)) == set(laser.people)
    given = [laser.give(laser.take_in(purpose="treatment")).staff for _visitor in range(3)]
    assert given == laser.people and laser.turns() == [1, 1, 1]
    assert laser.holds()


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
    assert state(desk.work(services.enter_case, here)) == "with_staff"
    desk.work(services.finish_case, here)
    visit.refresh_from_db()
    assert visit.state == "registered"
    assert state(laser.work(services.enter_case, there)) == "with_staff"
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
    @example([("undo", 0)])
    @example([("name", 1), ("undo", 0), ("leave", 0)])
    def test_the_ledger_folds(self, steps: list[tuple[str, int]]) -> None:
        now = datetime.fromisoformat("2026-03-11T02:30:00+00:00")
        desk = open_desk(make_branch(), now)
        cases: list[DeskCase] = []
        # By case the turns of its decisions that stand, the newest last.
        standing: dict[int, list[str]] = {}
        for step, which in [("arrive", 3), ("give", 0), *steps]:
            desk.later(0.1)
            decisions = Decision.objects.count()
            case = which % len(cases) if cases else 0
            try:
                self._step(desk, cases, step, which)
            except Refused:
                continue
            turns = standing.setdefault(case, [])
            if step == "undo":
                turns.pop()
            elif step == "leave":
                # All happens within five minutes: her turn comes back.
                turns.clear()
            turns += [made.answer["turn"] for made in Decision.objects.order_by("pk")[decisions:]]
        assert desk.holds()
        used = [turns[-1] for turns in standing.values() if turns]
        assert sum(desk.turns()) == len(used) - used.count("free")

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
