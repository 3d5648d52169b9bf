"""The board on its screens: opened, kept, looked at by others and from across the room."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Staff
from clinic.roles import Role
from reception.masking import masked_name
from tests.factories.triage import Morning, make_consultant, open_morning
from triage.models import Board, Policy
from triage.selectors.boards import state_of

HTMX = {"HX-Request": "true"}


def test_before_the_day_is_open_the_proposal_says_so_and_the_board_offers_to_open(
    desk: Client, branch: Branch, now: object
) -> None:
    for name in ("王欣", "李敏"):
        make_consultant(branch, name)
    page = desk.get(reverse("triage:desk_board")).content.decode()
    assert "Open the day" in page and "王欣" in page

    opened = desk.post(reverse("triage:open_board"), {"desk": "front"}, headers=HTMX)
    assert "Not checked in" in opened.content.decode()
    board = Board.objects.get()
    assert Policy.objects.get().preset == "standard"
    second = Staff.objects.get(display_name="李敏")
    desk.post(reverse("triage:check_in", args=[board.pk]), {"consultant": second.pk}, headers=HTMX)
    board.refresh_from_db()
    assert state_of(board).pointer() in {seat.consultant for seat in state_of(board).seats}
    assert desk.post(reverse("triage:open_board"), {"desk": "front"}, headers=HTMX).status_code == 409


def test_the_order_of_checking_in_is_the_order_of_the_board(desk: Client, branch: Branch, now: object) -> None:
    staff = [make_consultant(branch, name) for name in "甲乙丙"]
    desk.post(reverse("triage:open_board"), {"desk": "front"}, headers=HTMX)
    board = Board.objects.get()
    for one in (staff[2], staff[0], staff[1]):
        desk.post(reverse("triage:check_in", args=[board.pk]), {"consultant": one.pk}, headers=HTMX)

    board.refresh_from_db()
    assert [int(seat.consultant) for seat in state_of(board).seats] == [staff[2].pk, staff[0].pk, staff[1].pk]
    assert state_of(board).pointer() == str(staff[2].pk)
    again = desk.post(reverse("triage:check_in", args=[board.pk]), {"consultant": staff[0].pk}, headers=HTMX)
    assert again.status_code == 409


def test_what_a_consultant_says_is_noted_and_shown(desk: Client, today: Morning) -> None:
    address = reverse("triage:seat_state", args=[today.board.pk])
    who = today.consultants[1].pk
    busy = desk.post(address, {"consultant": who, "state": "busy", "free_in": "5"}, headers=HTMX).content.decode()
    assert "~5′" in busy or "~4′" in busy
    out = desk.post(address, {"consultant": who, "state": "out", "until": "11:20"}, headers=HTMX).content.decode()
    assert "until" in out and "11:20" in out
    assert desk.post(address, {"consultant": who, "state": "out", "until": "25:99"}, headers=HTMX).status_code == 422
    over = desk.post(address, {"consultant": who, "state": "out", "until": "08:00"}, headers=HTMX)
    assert over.status_code == 422 and "passed already" in over.content.decode()
    assert desk.post(address, {"consultant": who, "state": "busy", "free_in": "-3"}, headers=HTMX).status_code == 422
    back = desk.post(address, {"consultant": who, "state": "on"}, headers=HTMX).content.decode()
    assert "11:20" not in back.split("board-lines")[0]
    menu = desk.get(reverse("triage:seat", args=[today.board.pk]), {"consultant": who}).content.decode()
    assert 'value="busy"' in menu
    assert desk.get(reverse("triage:seat", args=[today.board.pk]), {"consultant": 0}).status_code == 404


def test_free_said_of_somebody_who_was_not_said_to_be_busy_writes_nothing(desk: Client, today: Morning) -> None:
    who = today.consultants[1]
    menu = reverse("triage:seat", args=[today.board.pk])
    assert 'value="free"' not in desk.get(menu, {"consultant": who.pk}).content.decode()
    today.board.refresh_from_db()
    before = today.board.sequence
    answer = desk.post(
        reverse("triage:seat_state", args=[today.board.pk]), {"consultant": who.pk, "state": "free"}, headers=HTMX
    )
    today.board.refresh_from_db()
    assert answer.status_code == 200 and today.board.sequence == before
    today.say(who, "busy")
    assert 'value="free"' in desk.get(menu, {"consultant": who.pk}).content.decode()


def test_who_does_not_come_back_in_time_is_marked(desk: Client, today: Morning) -> None:
    panel = reverse("triage:board_panel", args=[today.board.pk])
    today.say(today.consultants[1], "out", until=today.now + timedelta(minutes=5))
    assert "expected" not in desk.get(panel).content.decode()
    today.now -= timedelta(minutes=10)
    today.say(today.consultants[1], "out", until=today.now + timedelta(minutes=5))
    assert "state-late" in desk.get(panel).content.decode()
    assert "expected" in desk.get(reverse("triage:wall_panel", args=[today.board.pk])).content.decode()


def test_what_is_owed_is_told_once_a_person_and_cause_and_a_wall_shows_who_is_waited_for(
    desk: Client, today: Morning
) -> None:
    today.say(today.consultants[0], "busy", free_in=40)
    for count in range(len(today.consultants)):
        visit = today.arrive("eyes")
        today.allocate(visit)
        if count + 1 < len(today.consultants):
            today.serve(visit)
    panel = desk.get(reverse("triage:board_panel", args=[today.board.pk])).content.decode()
    line = panel.split("Owed:")[1].split("</p>")[0]
    assert line.count(today.consultants[0].display_name) == 1 and "×2</span> (busy)" in line
    assert "Visits waiting for her" in desk.get(reverse("triage:wall_panel", args=[today.board.pk])).content.decode()


def test_a_wall_shows_the_board_and_nothing_that_is_told_to_a_person(
    today: Morning, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    supervisor = client_as(staff_with(Role.CONSULTING_SUPERVISOR, branch=today.branch))
    assert 'id="notices"' in supervisor.get(reverse("triage:board", args=[today.board.pk])).content.decode()
    wall = supervisor.get(reverse("triage:wall", args=[today.board.pk])).content.decode()
    assert 'id="notices"' not in wall and today.consultants[0].display_name in wall


def test_consultants_see_the_board_and_cannot_touch_it(today: Morning, client_as: Callable[..., Client]) -> None:
    me = client_as(today.consultants[1])
    panel = me.get(reverse("triage:board_panel", args=[today.board.pk])).content.decode()
    assert "mine" in panel and "seat-button" not in panel
    visit = today.arrive("eyes")
    for name, arguments in [
        ("triage:seat_state", [today.board.pk]),
        ("triage:check_in", [today.board.pk]),
        ("triage:open_board", []),
        ("triage:confirm", [visit.pk]),
        ("triage:undo", [visit.pk]),
        ("triage:leave", [visit.pk]),
    ]:
        assert me.post(reverse(name, args=arguments)).status_code == 403, name
    for name in ("triage:proposal", "triage:seat"):
        assert me.get(reverse(name, args=[today.board.pk])).status_code == 403, name


def test_the_rules_in_force_are_shown_with_a_sentence_each(desk: Client, branch: Branch, now: object) -> None:
    open_morning(branch, busy_wait_minutes=25, make_up=[])
    page = desk.get(reverse("triage:policy")).content.decode()

    assert "within 25 minutes" in page and "never owed" in page and "not the standard" in page
    for key in ("typing", "turn_size", "priority", "out_needs_supervisor"):
        assert f"<code>{key}</code>" in page


def test_a_department_opens_and_shows_its_own_board_and_no_other(
    today: Morning, branch: Branch, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    laser = branch.departments.get(code="laser")
    staff_with(Role.DOCTOR, department=laser, display_name="林医生")
    clerk = client_as(staff_with(Role.DEPARTMENT_DESK, department=laser))
    assert "Laser" in clerk.get(reverse("triage:boards")).content.decode()
    opened = clerk.post(reverse("triage:open_board"), {"desk": "laser"}, follow=True)
    assert "林医生" in opened.content.decode()
    assert Board.objects.get(desk="laser").department == laser
    assert clerk.post(reverse("triage:open_board"), {"desk": "surgery"}).status_code == 404
    assert clerk.post(reverse("triage:open_board"), {"desk": "front"}).status_code == 404
    assert clerk.get(reverse("triage:board", args=[today.board.pk])).status_code == 404


def test_the_panel_asks_the_same_number_of_questions_however_long_the_day(
    desk: Client, today: Morning, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    address = reverse("triage:board_panel", args=[today.board.pk])
    today.allocate(today.arrive("eyes"))
    desk.get(address)
    with django_assert_num_queries(5):
        desk.get(address)
    for _ in range(50):
        visit = today.arrive("eyes")
        today.allocate(visit)
        today.serve(visit)
    with django_assert_num_queries(5):
        desk.get(address)


def test_the_lists_ask_the_same_number_of_questions_at_one_and_at_fifty(
    desk: Client,
    today: Morning,
    client_as: Callable[..., Client],
    django_assert_num_queries: Callable[..., AbstractContextManager[object]],
) -> None:
    supervisor = client_as(Role.CONSULTING_SUPERVISOR)
    log = reverse("triage:board_log", args=[today.board.pk])
    boards, questions = reverse("triage:boards"), reverse("triage:questions")
    for one in today.consultants:
        today.say(one, "busy")
    today.allocate(today.arrive("eyes"))
    policy, day = today.board.policy, today.board.day
    Board.objects.create(branch=today.branch, day=day - timedelta(days=1), policy=policy, opened_at=today.now)
    desk.get(log), desk.get(boards), supervisor.get(questions)
    counts = {log: 6, boards: 6, questions: 9}
    for client, address in ((desk, log), (desk, boards), (supervisor, questions)):
        with django_assert_num_queries(counts[address]):
            client.get(address)
    for days in range(2, 51):
        past = day - timedelta(days=days)
        Board.objects.create(branch=today.branch, day=past, policy=policy, opened_at=today.now)
        today.allocate(today.arrive("eyes"))
    for client, address in ((desk, log), (desk, boards), (supervisor, questions)):
        with django_assert_num_queries(counts[address]):
            client.get(address)


@pytest.mark.parametrize(("name", "masked"), [("欧阳娜娜", "欧*"), ("王欣", "王*"), ("曾", "*"), ("", "")])
def test_a_masked_name_never_shows_the_whole(name: str, masked: str) -> None:
    assert masked_name(name) == masked
