"""Fairness of a day and a month: figures recounted from the ledger, everybody on the board sees them, no one else."""

import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from reception.models import Standing, Visit
from tests.factories.triage import NINE, TODAY, Morning, make_consultant, open_morning
from triage import services
from triage.engine.fairness import Figures
from triage.engine.ledger import Closed
from triage.models import Board, LedgerEntry
from triage.selectors.boards import state_of
from triage.services.ledger import append, lock_board

Queries = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def mixed(morning: Morning) -> Morning:
    """A day with a bit of everything, played through the services; returns where it stands."""
    first, second, third, fourth = morning.consultants
    supervisor = make_consultant(morning.branch, "前厅主管", Role.DESK_SUPERVISOR)
    morning.say(first, "busy")
    waited = morning.arrive("eyes", name="王小美")
    morning.allocate(waited)
    morning.later(7)
    morning.serve(waited)
    morning.say(first, "free")
    morning.allocate(morning.arrive("eyes"))
    own = morning.arrive("nose", standing=Standing.PAID, owner=third)
    morning.allocate(own)
    morning.serve(own)
    declined = morning.arrive("eyes")
    morning.allocate(declined)
    morning.later()
    services.record_decline(visit=declined, reason="过敏史不清", staff=third, now=morning.now)
    gone = morning.arrive("eyes")
    morning.allocate(gone)
    services.record_leave(visit=gone, staff=morning.clerk, now=morning.later(2))
    named = morning.arrive("eyes", name="欧阳娜娜")
    services.name_consultant(
        visit=named, consultant=second, by="supervisor", reason="会说英语的只有她", staff=supervisor,
        now=morning.later(90),
    )  # fmt: skip
    undone = morning.arrive("eyes")
    morning.allocate(undone)
    services.undo_allocation(visit=undone, staff=morning.clerk, now=morning.now + timedelta(seconds=5))
    assert fourth
    return morning


def bodies(morning: Morning) -> list[dict[str, Any]]:
    """The day's entries as they are stored, without those that were undone and the undoing."""
    rows = list(LedgerEntry.objects.filter(board=morning.board).order_by("sequence"))
    undone = {row.corrects for row in rows}
    return [row.body for row in rows if row.sequence not in undone and row.kind != "undone"]


def figures_on(client: Client, morning: Morning) -> dict[str, Figures]:
    response = client.get(reverse("triage:board_fairness", args=[morning.board.pk]))
    return {row.seat: row.figures for row in response.context["rows"]}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_figures_of_a_mixed_day_are_those_of_its_ledger(mixed: Morning, client_as: Callable[..., Client]) -> None:
    shown = figures_on(client_as(mixed.consultants[0]), mixed)
    given: Counter[tuple[str, str]] = Counter()
    gone: Counter[tuple[str, str]] = Counter()
    owed: Counter[str] = Counter()
    entered: Counter[str] = Counter()
    for body in bodies(mixed):
        seat = str(body.get("seat", ""))
        if body["kind"] in ("allocated", "named"):
            given[seat, body["turn"]] += 1
            owed.update(one["seat"] for one in body["passed"] if one["owed"])
        elif body["kind"] == "declined":
            gone[seat, body["turn"]] += 1
            gone[seat, "lost"] += 1
        elif body["kind"] == "left" and body["returned"]:
            gone[seat, body["turn"]] += 1
            gone[seat, "returned"] += 1
            owed[seat] += 1
        elif body["kind"] == "entered":
            entered[seat] += 1
    for seat in map(str, (one.pk for one in mixed.consultants)):
        ours = shown[seat]
        assert ours.counted == given[seat, "counted"] - gone[seat, "counted"]
        assert ours.make_up == given[seat, "make_up"] - gone[seat, "make_up"]
        assert ours.free == given[seat, "free"]
        assert (ours.lost, ours.returned) == (gone[seat, "lost"], gone[seat, "returned"])
        assert (ours.owed_given, ours.owed_paid) == (owed[seat], given[seat, "make_up"])
        assert ours.receptions == entered[seat]
    mixed.board.refresh_from_db()
    for one in state_of(mixed.board).seats:
        ours, board = shown[one.consultant], state_of(mixed.board)
        assert (ours.turns, ours.receptions) == (one.turns, one.receptions)
        assert ours.owed_left == len(board.owed_to(one.consultant))
    assert sum(ours.turns for ours in shown.values()) == 4 and sum(gone.values()) == 4


def test_spread_index_and_waits_of_the_mixed_day(mixed: Morning, client_as: Callable[..., Client]) -> None:
    client = client_as(mixed.consultants[0])
    context = client.get(reverse("triage:board_fairness", args=[mixed.board.pk])).context
    turns = mixed.turns()
    assert context["day"].spread == max(turns) - min(turns)
    assert context["day"].evenness == pytest.approx(sum(turns) ** 2 / (4 * sum(one * one for one in turns)))
    waits = [figures.waits for figures in figures_on(client, mixed).values()]
    assert waits == [(), (timedelta(minutes=7),), (), ()]


def test_overrides_and_corrections_are_listed_with_reason_name_and_a_masked_visitor(
    mixed: Morning, client_as: Callable[..., Client]
) -> None:
    response = client_as(mixed.consultants[3]).get(reverse("triage:board_fairness", args=[mixed.board.pk]))
    rows = response.context["marks"]
    assert [(row.mark.kind.value, row.mark.rule, row.by, row.mark.reason) for row in rows] == [
        ("declined", "T7", "陈静", "过敏史不清"),
        ("left_early", "T8", "前台", ""),
        ("override", "K9", "前厅主管", "会说英语的只有她"),
        ("undone", "K8", "前台", ""),
    ]
    page = text_of(response)
    override = rows[2].visit
    assert override is not None
    assert reverse("triage:decision", args=[override.pk]) in page
    assert f"{override}</strong> 欧*" in page and "欧阳娜娜" not in page
    assert "会说英语的只有她" in page and f'href="#entry-{rows[2].mark.number}"' in page


def test_a_seat_opens_its_visits_and_its_marks_and_no_others(mixed: Morning, client_as: Callable[..., Client]) -> None:
    address = reverse("triage:board_fairness", args=[mixed.board.pk])
    client, third = client_as(Role.RECEPTION), mixed.consultants[2]
    response = client.get(address, {"seat": third.pk})
    assert [(row.given.rule, row.given.fate.value) for row in response.context["given"]] == [
        ("A6", "free"), ("A12", "lost"),
    ]  # fmt: skip
    assert [row.mark.rule for row in response.context["marks"]] == ["T7"]
    assert "turn lost" in text_of(response)
    for nobody in ("999999", "x", "'\x00"):
        assert client.get(address, {"seat": nobody}).status_code == 404


def test_the_chart_has_the_numbers_of_the_table(mixed: Morning, client_as: Callable[..., Client]) -> None:
    response = client_as(Role.RECEPTION).get(reverse("triage:board_fairness", args=[mixed.board.pk]))
    written = re.search(r'<script id="charts" type="application/json">(.*?)</script>', text_of(response))
    assert written
    seats = json.loads(written[1])["seats"]
    rows = response.context["rows"]
    assert seats["labels"] == [row.name for row in rows]
    assert [series["values"] for series in seats["series"]] == [
        [row.figures.counted for row in rows],
        [row.figures.make_up for row in rows],
        [row.figures.receptions for row in rows],
    ]


def test_dots_stand_in_the_hour_of_the_branch(mixed: Morning, client_as: Callable[..., Client]) -> None:
    context = client_as(Role.RECEPTION).get(reverse("triage:board_fairness", args=[mixed.board.pk])).context
    assert context["hours"] == [9, 10]
    second = next(row for row in context["rows"] if row.seat == str(mixed.consultants[1].pk))
    assert [hour.turns for hour in second.hours] == [1, 1]
    assert [mark.mark.rule for mark in second.hours[1].marks if mark.mark.rule == "K9"] == ["K9"]


def test_an_open_board_says_so_and_a_closed_one_when(mixed: Morning, client_as: Callable[..., Client]) -> None:
    client, address = client_as(Role.RECEPTION), reverse("triage:board_fairness", args=[mixed.board.pk])
    assert "Still open" in text_of(client.get(address))
    close(mixed)
    page = text_of(client.get(address))
    assert "Still open" not in page and "20:00" in page and "Owed, ended with the day" in page


def test_a_board_without_entries_shows_an_empty_page(morning: Morning, client_as: Callable[..., Client]) -> None:
    empty = Board.objects.create(
        branch=morning.branch, day=TODAY - timedelta(days=1), policy=morning.board.policy, opened_at=NINE
    )
    response = client_as(Role.RECEPTION).get(reverse("triage:board_fairness", args=[empty.pk]))
    assert "Nobody has a seat on this board." in text_of(response)


def close(morning: Morning) -> None:
    """End the day at eight in the evening."""
    board = lock_board(branch_id=morning.branch.pk, desk="front", day=TODAY)
    assert board is not None
    append(board=board, state=state_of(board), entries=[Closed(at=NINE + timedelta(hours=11))])


SEES_THE_FRONT = {
    Role.RECEPTION, Role.CONSULTANT, Role.DESK_SUPERVISOR, Role.CONSULTING_SUPERVISOR, Role.MANAGER, Role.AUDITOR,
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_whoever_may_see_the_board_may_see_its_fairness_and_nobody_else(
    role: Role, mixed: Morning, client_as: Callable[..., Client]
) -> None:
    client = client_as(role)
    board = client.get(reverse("triage:board", args=[mixed.board.pk])).status_code
    assert client.get(reverse("triage:board_fairness", args=[mixed.board.pk])).status_code == board
    assert (board == 200) is (role in SEES_THE_FRONT)


def test_the_board_of_another_branch_is_not_there_but_for_managers_and_auditors(
    mixed: Morning, other_branch: Branch, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    day, month = reverse("triage:board_fairness", args=[mixed.board.pk]), reverse("triage:fairness")
    there: dict[str, str | int] = {"branch": mixed.branch.pk, "month": "2026-03"}
    for role in (Role.RECEPTION, Role.CONSULTANT, Role.CONSULTING_SUPERVISOR):
        client = client_as(staff_with(role, branch=other_branch))
        assert client.get(day).status_code == 404
        assert client.get(month, there).status_code == 404
        assert not client.get(month, {"month": "2026-03"}).context["days"]
    for role in (Role.MANAGER, Role.AUDITOR):
        client = client_as(staff_with(role, branch=other_branch))
        assert client.get(day).status_code == 200
        assert len(client.get(month, there).context["days"]) == 1


def test_a_department_sees_its_own_desk_and_not_the_front(
    mixed: Morning, client_as: Callable[..., Client], staff_with: Callable[..., Staff]
) -> None:
    laser = Department.objects.get(branch=mixed.branch, code="laser")
    doctor = staff_with(Role.DOCTOR, department=laser, display_name="林医生")
    opened = services.open_board(
        branch=mixed.branch, desk="laser", day=TODAY, consultants=[doctor], staff=mixed.clerk, now=NINE
    )
    client, month = client_as(doctor), reverse("triage:fairness")
    assert "林医生" in text_of(client.get(reverse("triage:board_fairness", args=[opened.pk])))
    assert client.get(reverse("triage:board_fairness", args=[mixed.board.pk])).status_code == 404
    assert client.get(month, {"desk": "front", "month": "2026-03"}).status_code == 404
    shown = client.get(month, {"month": "2026-03"})
    assert [row.board for row in shown.context["days"]] == [opened]
    nobody = client_as(staff_with(Role.NURSE))
    assert "No desk of yours has a board" in text_of(nobody.get(month))


def another_day(morning: Morning, day: date, visits: int) -> Board:
    """Open and play a later day of the same desk."""
    now = NINE + (day - TODAY)
    board = services.open_board(
        branch=morning.branch, day=day, consultants=morning.consultants, present=morning.consultants[:3],
        staff=morning.clerk, now=now,
    )  # fmt: skip
    for _ in range(visits):
        visit = morning.arrive("eyes")
        Visit.objects.filter(pk=visit.pk).update(day=day)
        visit.refresh_from_db()
        services.allocate_visit(visit=visit, expected_sequence=None, staff=morning.clerk, now=now)
    return board


def test_a_month_adds_up_its_days_and_divides_by_the_days_each_was_here(
    mixed: Morning, client_as: Callable[..., Client]
) -> None:
    turns = mixed.turns()
    another_day(mixed, TODAY + timedelta(days=1), 3)
    another_day(mixed, date(2026, 4, 1), 2)
    client = client_as(mixed.consultants[0])
    response = client.get(reverse("triage:fairness"), {"month": "2026-03"})
    figures = {row.seat: row.figures for row in response.context["rows"]}
    for place, one in enumerate(mixed.consultants):
        ours = figures[str(one.pk)]
        assert ours.days == (1 if place == 3 else 2)
        assert ours.turns == turns[place] + (place < 3)
    rates = [ours.turns / ours.days for ours in figures.values()]
    assert response.context["month"].spread == pytest.approx(max(rates) - min(rates))
    assert [row.day.turns for row in response.context["days"]] == [sum(turns), 3]
    assert [row.mark.rule for row in response.context["page"].object_list] == ["K8", "K9", "T8", "T7"]
    seat: dict[str, str | int] = {"month": "2026-03", "seat": mixed.consultants[1].pk}
    assert {row.mark.rule for row in client.get(reverse("triage:fairness"), seat).context["marks"]} == {"K9", "T8"}


def test_an_empty_month_says_so_and_links_to_its_neighbours(morning: Morning, client_as: Callable[..., Client]) -> None:
    response = client_as(Role.CONSULTANT).get(reverse("triage:fairness"), {"month": "2025-12"})
    page = text_of(response)
    assert "No board was opened in this month" in page
    assert "month=2025-11" in page and "month=2026-01" in page


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0000-01", "1899-12", "9999-12", "2199-12", "2026-03-01"])
def test_what_is_no_month_is_this_month(
    month: str, morning: Morning, client_as: Callable[..., Client], now: datetime
) -> None:
    response = client_as(Role.RECEPTION).get(reverse("triage:fairness"), {"month": month})
    assert response.context["first"] == date(2026, 3, 1)


@pytest.mark.parametrize("changed", [{"desk": "nowhere"}, {"desk": "front\x00"}, {"branch": "999999"}, {"seat": "9"}])
def test_a_desk_branch_or_seat_that_is_not_there_is_not_found(
    changed: dict[str, str], morning: Morning, client_as: Callable[..., Client]
) -> None:
    asked = {"month": "2026-03", **changed}
    assert client_as(Role.RECEPTION).get(reverse("triage:fairness"), asked).status_code == 404


def test_both_pages_speak_the_language_of_the_reader(mixed: Morning, client_as: Callable[..., Client]) -> None:
    client, chinese = client_as(Role.RECEPTION), {"accept-language": "zh-hans"}
    for address in (reverse("triage:board_fairness", args=[mixed.board.pk]), reverse("triage:fairness")):
        page = text_of(client.get(address, {"month": "2026-03"}, headers=chinese))
        assert 'lang="zh-hans"' in page and "打印" in page and "号数" in page


def test_the_pages_are_linked_from_the_board_and_the_list(mixed: Morning, client_as: Callable[..., Client]) -> None:
    client = client_as(Role.CONSULTANT)
    day = reverse("triage:board_fairness", args=[mixed.board.pk])
    assert day in text_of(client.get(reverse("triage:board", args=[mixed.board.pk])))
    boards = text_of(client.get(reverse("triage:boards")))
    assert day in boards and reverse("triage:fairness") in boards


def test_a_day_asks_the_same_number_of_questions_however_long_it_is(
    morning: Morning, client_as: Callable[..., Client], django_assert_num_queries: Queries
) -> None:
    client, address = client_as(Role.RECEPTION), reverse("triage:board_fairness", args=[morning.board.pk])
    seat = {"seat": morning.consultants[0].pk}
    visit = morning.arrive("eyes")
    morning.allocate(visit)
    services.record_leave(visit=visit, staff=morning.clerk, now=morning.now)
    client.get(address)
    for asked in ({}, seat):
        with django_assert_num_queries(6):
            client.get(address, asked)
    for _ in range(30):
        visit = morning.arrive("eyes")
        morning.allocate(visit)
        services.record_leave(visit=visit, staff=morning.clerk, now=morning.now)
    for asked in ({}, seat):
        with django_assert_num_queries(6):
            client.get(address, asked)


def test_a_month_asks_the_same_number_of_questions_at_one_board_and_at_thirty(
    branch: Branch, client_as: Callable[..., Client], django_assert_num_queries: Queries
) -> None:
    morning = open_morning(branch, day=date(2026, 3, 1))
    client, address, march = client_as(Role.RECEPTION), reverse("triage:fairness"), {"month": "2026-03"}
    client.get(address, march)
    with django_assert_num_queries(7):
        client.get(address, march)
    for days in range(1, 30):
        another_day(morning, date(2026, 3, 1) + timedelta(days=days), 2)
    with django_assert_num_queries(7):
        response = client.get(address, march)
    assert len(response.context["days"]) == 30
