"""How a day begins: the order of its seats, whose turn is next, and what yesterday left behind."""

import pytest

from tests.triage.engine.desk import NINE
from triage.engine.facts import Board, Owed, Presence
from triage.engine.ledger import Reordered, apply
from triage.engine.opening import opening_entry
from triage.engine.policy import policy_from_json

TEAMS = [("A", "X"), ("B", "Y"), ("C",)]


def opened(opening: str, *, teams: bool = False, last: Board | None = None, **more: object) -> Board:
    rules = policy_from_json({"preset": "teams" if teams else "standard", "opening": opening, **more.pop("rules", {})})  # type: ignore[dict-item]
    entry = opening_entry(
        rules=rules,
        roster=more.pop("roster", ["A", "B", "C"]),  # type: ignore[arg-type]
        present=more.pop("present", None),  # type: ignore[arg-type]
        off=more.pop("off", ()),  # type: ignore[arg-type]
        teams=more.pop("today", TEAMS if teams else ()),  # type: ignore[arg-type]
        last=last,
        now=NINE,
        by="clerk",
    )
    return apply(Board(), entry)


def yesterday(board: Board, pointer: str, *, used: int = 0, owed: tuple[str, ...] = ()) -> Board:
    return board._replace(
        pointers={"first": pointer},
        used=used,
        owed=tuple(Owed(seat, 9, order, "busy") for order, seat in enumerate(owed)),
    )


def here(board: Board) -> dict[str, Presence]:
    return {seat.consultant: seat.presence for seat in board.seats}


def test_check_in_puts_who_came_first_in_front_and_the_others_behind() -> None:
    board = opened("check_in", present=["C", "A"])

    assert board.keys == ("C", "A", "B")
    assert here(board) == {"C": Presence.ON, "A": Presence.ON, "B": Presence.LATE}


def test_who_has_the_day_off_keeps_her_seat_and_is_off() -> None:
    board = opened("roster", off=["B"])

    assert board.keys == ("A", "B", "C")
    assert here(board) == {"A": Presence.ON, "B": Presence.OFF, "C": Presence.ON}
    assert not next(seat for seat in board.seats if seat.consultant == "B").came


@pytest.mark.parametrize(
    ("pointer", "roster", "next_in_turn"),
    [("B", ["A", "B", "C"], "B"), ("B", ["A", "C"], "C"), ("C", ["A", "B"], "A"), ("C", ["N", "B"], "B")],
)
def test_yesterdays_pointer_stands_at_its_seat_or_at_the_next_one_here(
    pointer: str, roster: list[str], next_in_turn: str
) -> None:
    last = yesterday(opened("roster"), pointer)

    assert opened("continue", roster=roster, last=last).pointer() == next_in_turn


def test_teams_are_seated_in_the_order_of_yesterday_with_new_ones_behind() -> None:
    last = yesterday(opened("roster", teams=True), "B")
    today = [("D",), ("C", "Z"), ("A", "X"), ("B", "Y")]
    board = opened("continue", teams=True, last=last, today=today)

    assert board.teams == (("A", "X"), ("B", "Y"), ("C", "Z"), ("D",))
    assert board.pointer() == "B"


def test_a_team_comes_with_the_first_of_its_members() -> None:
    board = opened("check_in", teams=True, present=["Y", "A"])

    assert board.keys == ("B", "A", "C")
    assert here(board)["B"] is Presence.LATE and here(board)["Y"] is Presence.ON


def test_a_turn_left_unfinished_is_finished_first_by_who_has_not_received_yet() -> None:
    last = yesterday(opened("roster", teams=True), "B", used=1)
    board = opened("continue", teams=True, last=last)

    assert (board.pointer(), board.used) == ("B", 1)
    assert next(seat for seat in board.seats if seat.consultant == "B").next_member == 1


@pytest.mark.parametrize(
    ("rules", "today"),
    [({"carry_owed": False}, TEAMS), ({}, [("A", "X"), ("C",)]), ({"turn_size": 1}, TEAMS)],
    ids=["not carried", "the team is not here", "turns are shorter now"],
)
def test_an_unfinished_turn_ends_where_nobody_can_finish_it(
    rules: dict[str, object], today: list[tuple[str, ...]]
) -> None:
    last = yesterday(opened("roster", teams=True), "B", used=1)

    assert opened("continue", teams=True, last=last, rules=rules, today=today).used == 0


def test_turns_owed_to_a_team_are_carried_to_the_team_that_person_is_in_today() -> None:
    last = yesterday(opened("roster", teams=True), "A", owed=("B", "C", "B"))
    today = [("Y", "B"), ("A", "X")]
    board = opened("continue", teams=True, last=last, today=today)

    assert [owed.seat for owed in board.owed] == ["Y", "Y"]


def test_from_persons_to_teams_the_pointer_finds_the_team_of_its_person() -> None:
    last = yesterday(opened("roster", roster=["A", "B", "C", "X", "Y"]), "Y")

    assert opened("continue", teams=True, last=last).pointer() == "B"


@pytest.mark.parametrize("teams", [False, True])
def test_another_order_before_the_first_turn_leaves_whose_turn_is_next(teams: bool) -> None:
    board = apply(opened("roster", teams=teams), Reordered(at=NINE, by="boss", reason="早班", seats=("C", "A", "B")))

    assert board.keys == ("C", "A", "B")
    assert board.pointer() == "A"
