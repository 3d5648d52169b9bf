"""A day that was closed while somebody was in a room, and is opened again: whoever has finished meanwhile is free."""

import pytest

from clinic.models import Staff
from tests.consultations.conftest import Morning
from tests.consultations.desk_scenes import Desk
from tests.consultations.test_at_desk import busy, case_of, planned
from tests.consultations.test_services_course import go
from triage import services as triage
from triage.models import Board
from triage.selectors.boards import state_of
from triage.selectors.integrity import check_board

pytestmark = pytest.mark.django_db


def close(board: Board, morning: Morning | Desk) -> None:
    triage.close_board(board=Board.objects.get(pk=board.pk), staff=morning.clerk, now=morning.now)


def open_again(board: Board, morning: Morning | Desk) -> None:
    fresh = Board.objects.select_related("branch", "policy").get(pk=board.pk)
    triage.reopen_board(board=fresh, reason="还有一位", staff=morning.clerk, now=morning.now)


def held(board: Board) -> list[str]:
    state = state_of(Board.objects.get(pk=board.pk))
    return [one.visit for seat in state.seats for one in seat.visits]


def test_a_consultant_who_has_finished_meanwhile_is_given_the_next(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    close(morning.board, morning)
    morning.part(consultation)
    open_again(morning.board, morning)
    assert held(morning.board) == []
    assert {morning.arrive(name).consultant for name in ("甲一", "乙二")} == {morning.first, morning.second}
    assert not check_board(Board.objects.get(pk=morning.board.pk)).problems


def test_a_consultant_who_has_not_finished_is_still_busy(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    close(morning.board, morning)
    open_again(morning.board, morning)
    assert held(morning.board) == [str(consultation.visit_id)]
    morning.part(consultation)
    assert held(morning.board) == []


def test_a_doctor_who_has_finished_in_theatre_meanwhile_is_free(desk: Desk) -> None:
    nurse: Staff = desk.people[2]
    treatment = go(planned(desk, desk.people[0]), "arrived", "preparing", "in_theatre", by=nurse, now=desk.later())
    close(desk.board, desk)
    assert busy(desk) == ["赵医生"]
    go(treatment, "done", by=nurse, now=desk.later())
    assert case_of(treatment).state == "done"
    open_again(desk.board, desk)
    assert busy(desk) == [] and desk.holds()


def test_closed_twice_is_opened_twice(morning: Morning) -> None:
    consultation = morning.enter(morning.arrive())
    for _twice in range(2):
        close(morning.board, morning)
        open_again(morning.board, morning)
    close(morning.board, morning)
    morning.part(consultation)
    open_again(morning.board, morning)
    assert held(morning.board) == []
    assert not check_board(Board.objects.get(pk=morning.board.pk)).problems
