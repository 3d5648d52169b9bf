"""Closing a day: who still waits, what ends with it, and taking it back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from clinic.problems import Refused, Stale
from clinic.roles import Role
from reception.models import Visit
from tests.factories.triage import Morning, make_consultant, open_morning
from triage import services
from triage.models import Board, LedgerEntry, Policy
from triage.selectors.boards import state_of
from triage.selectors.integrity import check_board
from triage.tasks import close_past_boards


def owes_one(morning: Morning) -> Visit:
    """The first seat is busy and passed over: one turn is owed; the visit is over."""
    morning.say(morning.consultants[0], "busy")
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    morning.serve(visit)
    return visit


def fresh(morning: Morning) -> Board:
    return Board.objects.select_related("branch", "policy").get(pk=morning.board.pk)


def test_a_closed_day_gives_nothing_out_and_what_was_owed_ends(morning: Morning) -> None:
    owes_one(morning)
    assert len(state_of(fresh(morning)).owed) == 1
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later(30))

    board = fresh(morning)
    assert board.closed_at == morning.now
    assert state_of(board).closed and state_of(board).owed == ()
    assert not check_board(board).problems
    late = morning.arrive("eyes")
    with pytest.raises(Refused, match="day_closed"):
        morning.allocate(late)
    with pytest.raises(Stale):
        services.close_board(board=board, staff=morning.clerk, now=morning.later())
    with pytest.raises(Stale):
        morning.say(morning.consultants[0], "free")


def test_what_a_day_was_opened_with_stands_in_the_database(morning: Morning) -> None:
    other = Policy.objects.create(branch=morning.branch, version=2, starts_on=morning.board.day, preset="even")
    for change in ({"policy": other}, {"day": morning.board.day + timedelta(days=1)}, {"desk": "laser"}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Board.objects.filter(pk=morning.board.pk).update(**change)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from triage_board where id = %s", [morning.board.pk])


def test_owed_turns_stay_where_the_policy_keeps_them(branch: object) -> None:
    morning = open_morning(branch, carry_owed=True)  # type: ignore[arg-type]
    owes_one(morning)
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later(30))

    assert len(state_of(fresh(morning)).owed) == 1


@pytest.mark.parametrize("how", ["waits for somebody", "waits for an answer", "nothing decided"])
def test_nobody_is_left_waiting_by_closing(morning: Morning, how: str) -> None:
    if how == "waits for an answer":
        for one in morning.consultants:
            morning.say(one, "busy")
    visit = morning.arrive("eyes")
    if how != "nothing decided":
        morning.allocate(visit)
    with pytest.raises(Refused, match="still_waiting") as refused:
        services.close_board(board=morning.board, staff=morning.clerk, now=morning.later())
    assert f"Still waiting: {visit}." in str(refused.value.message)

    services.record_leave(visit=visit, staff=morning.clerk, now=morning.later())
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later())
    assert fresh(morning).closed_at is not None


def test_who_is_in_a_room_at_closing_is_finished_afterwards(morning: Morning) -> None:
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    Visit.objects.filter(pk=visit.pk).update(state=Visit.State.ACCEPTED)
    visit.refresh_from_db()
    services.record_entry(visit=visit, staff=morning.clerk, now=morning.later())
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later())
    services.record_finish(visit=visit, staff=morning.clerk, now=morning.later(20))

    visit.refresh_from_db()
    assert visit.state == Visit.State.FINISHED
    assert not check_board(fresh(morning)).problems


def test_opened_again_the_day_is_as_it_was(morning: Morning) -> None:
    owes_one(morning)
    before = state_of(fresh(morning))
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later())
    supervisor = make_consultant(morning.branch, "前厅主管", Role.DESK_SUPERVISOR)
    with pytest.raises(Refused, match="reason_missing"):
        services.reopen_board(board=fresh(morning), reason=" ", staff=supervisor, now=morning.later())
    services.reopen_board(board=fresh(morning), reason="还有顾客到院", staff=supervisor, now=morning.later())

    board = fresh(morning)
    assert board.closed_at is None
    after = state_of(board)
    assert (after.owed, after.pointers, after.seats, after.closed) == (
        before.owed, before.pointers, before.seats, False,
    )  # fmt: skip
    assert not check_board(board).problems
    assert LedgerEntry.objects.get(board=board, sequence=board.sequence).reason == "还有顾客到院"
    visit = morning.arrive("eyes")
    assert morning.allocate(visit).consultant is not None
    with pytest.raises(Stale):
        services.reopen_board(board=board, reason="再开", staff=supervisor, now=morning.later())


def test_yesterday_is_not_opened_again(morning: Morning) -> None:
    services.close_board(board=morning.board, staff=morning.clerk, now=morning.later())
    with pytest.raises(Refused, match="another_day"):
        services.reopen_board(
            board=fresh(morning), reason="忘了", staff=morning.clerk, now=morning.now + timedelta(days=1)
        )


def test_what_nobody_closed_is_closed_in_the_night_and_before_the_next_opening(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
) -> None:
    owes_one(morning)
    monkeypatch.setattr("triage.tasks.timezone.now", lambda: morning.now)
    assert close_past_boards() == 0
    monkeypatch.setattr("triage.tasks.timezone.now", lambda: morning.now + timedelta(days=1))
    assert close_past_boards() == 1
    assert close_past_boards() == 0
    assert state_of(fresh(morning)).owed == ()

    second = services.open_board(
        branch=morning.branch,
        day=morning.board.day + timedelta(days=1),
        consultants=morning.consultants,
        staff=morning.clerk,
        now=morning.now + timedelta(days=1),
    )
    services.open_board(
        branch=morning.branch,
        day=morning.board.day + timedelta(days=2),
        consultants=morning.consultants,
        staff=morning.clerk,
        now=morning.now + timedelta(days=2),
    )
    assert Board.objects.get(pk=second.pk).closed_at == morning.now + timedelta(days=2)


def test_what_is_not_done_is_said_on_the_page_of_the_board(
    now: object, branch: object, client_as: Callable[..., Client]
) -> None:
    morning = open_morning(branch, day=branch.today(now))  # type: ignore[attr-defined, arg-type]
    supervisor = client_as(Role.DESK_SUPERVISOR)
    page, close, reopen, reorder = (
        reverse(f"triage:{name}", args=[morning.board.pk])
        for name in ("board", "close_board", "reopen_board", "reorder")
    )
    visit = morning.arrive("eyes")
    morning.allocate(visit)

    refused = supervisor.post(close)
    told = refused.content.decode()
    assert refused.status_code == 422 and "then close" in told and close in told
    assert f'href="{reverse("triage:decision", args=[visit.pk])}">{visit}</a>' in told
    assert fresh(morning).closed_at is None

    seats = [one.pk for one in morning.consultants]
    typed = {"seat": seats, "place": [*range(41, 40 + len(seats)), "x"], "reason": "换一换"}
    refused = supervisor.post(reorder, typed)
    told = refused.content.decode()
    assert refused.status_code == 422 and 'value="41"' in told and 'value="换一换"' in told

    refused = supervisor.post(reopen, {"reason": "再开"})
    assert refused.status_code == 409 and "This board is open." in refused.content.decode()
    for address in (close, reopen, reorder):
        assert supervisor.get(address).headers["Location"] == page


def test_the_pages_of_closing_and_opening_again(
    now: object, branch: object, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    morning = open_morning(branch, day=branch.today(now))  # type: ignore[attr-defined, arg-type]
    desk, supervisor = client_as(Role.RECEPTION), client_as(Role.DESK_SUPERVISOR)
    consultant = client_as(Role.CONSULTANT)
    page = reverse("triage:board", args=[morning.board.pk])
    close = reverse("triage:close_board", args=[morning.board.pk])
    reopen = reverse("triage:reopen_board", args=[morning.board.pk])
    assert close in desk.get(page).content.decode()
    seat_state = reverse("triage:seat_state", args=[morning.board.pk])
    late = morning.arrive("eyes")
    Visit.objects.filter(pk=late.pk).update(type_rule="C1")
    assert close not in consultant.get(page).content.decode()
    assert consultant.post(close).status_code == 403

    assert desk.post(close).status_code == 302
    assert desk.post(close).status_code == 409
    said = {"consultant": morning.consultants[0].pk, "state": "free"}
    assert desk.post(seat_state, said).status_code == 409
    assert "supervisor can open it again" in desk.get(reverse("triage:proposal", args=[late.pk])).content.decode()
    assert reopen not in desk.get(page).content.decode() and desk.post(reopen, {"reason": "x"}).status_code == 403
    closed = supervisor.get(page).content.decode()
    assert "Day closed" in closed and reopen in closed
    assert supervisor.post(reopen, {"reason": ""}).status_code == 422
    assert supervisor.post(reopen, {"reason": "顾客到院"}, follow=True).status_code == 200
    told = desk.get(reverse("triage:board_log", args=[morning.board.pk])).content.decode()
    assert "opened again" in told and "顾客到院" in told
    assert supervisor.get(reverse("triage:board_fairness", args=[morning.board.pk])).status_code == 200
