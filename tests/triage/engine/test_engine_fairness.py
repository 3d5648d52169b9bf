"""Fairness: what a day's ledger amounts to, seat by seat, and that it never says anything else than the board."""

from datetime import timedelta

import pytest
from hypothesis import given, settings

from tests.triage.engine.desk import NINE, Desk, asks
from tests.triage.engine.test_engine_properties import Event, events, play, policies
from triage.engine.corrections import change_consultant, misallocated, transfer, wait_over
from triage.engine.facts import Fate, Turn
from triage.engine.fairness import Day, Figures, Mark, MarkKind, Month, fairness_of, jain, month_of, total
from triage.engine.ledger import CheckedIn, Moved, Opened, OpeningSeat, Reordered, apply
from triage.engine.policy import preset


def of(desk: Desk, *, first: str = "") -> Day:
    return fairness_of(desk.entries, first_visits=first.split())


def figures(day: Day, seat: str) -> Figures:
    return next(one.figures for one in day.seats if one.seat == seat)


def told(day: Day, seat: str) -> str:
    """The figures of a seat that are not nought, short enough for a table: `counted 1 owed_given 1`."""
    ours = figures(day, seat)
    names = (
        "counted", "make_up", "free", "owed_carried", "owed_given", "owed_paid", "lost", "returned", "exchanged",
        "receptions", "overrides", "corrections",
    )  # fmt: skip
    return " ".join(f"{name} {getattr(ours, name)}" for name in names if getattr(ours, name))


def round_of_two() -> Desk:
    desk = Desk("AB")
    for visit in ("v1", "v2", "v3"):
        desk.arrive(visit)
        desk.enter(visit).finish(visit)
    return desk


def passed_and_paid() -> Desk:
    desk = Desk("AB").says("A", "busy")
    desk.arrive("v1")
    desk.says("A", "free").arrive("v2")
    return desk


def owners_own() -> Desk:
    desk = Desk("AB").knows("v1", "B")
    desk.arrive("v1")
    return desk.enter("v1")


def declined() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.decline("v1")
    return desk


def left_early() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    return desk.at(3).leave("v1")


def left_late() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    return desk.at(9).leave("v1")


def not_offered() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.enter("v1")
    desk.not_offered("v1")
    return desk.finish("v1")


def cannot_do_stands() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.enter("v1")
    desk.cannot_do("v1")
    return desk.finish("v1")


def another_asked_for() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.enter("v1")
    desk.confirms(change_consultant(desk.situation("v1"), reason="she asked"))
    return desk.enter("v1")


def transferred() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.confirms(transfer(desk.situation("v1"), to="B", reason="not my field"))
    return desk


def misallocated_and_found() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.confirms(misallocated(desk.situation("v1"), owner="B", reason="old record"))
    return desk


def exchanged() -> Desk:
    desk = Desk("AB").says("A", "busy", 5)
    desk.arrive("v1")
    desk.at(11).confirms(wait_over(desk.situation("v1"), reason="waited"))
    return desk


def overridden() -> Desk:
    desk = Desk("AB")
    desk.arrive("v1")
    desk.name("v1", "B", reason="speaks English")
    return desk


def undone() -> Desk:
    desk = Desk("AB").says("A", "busy")
    desk.arrive("v1")
    return desk.undo("v1")


def carried() -> Desk:
    desk = Desk("AB", owed="A")
    desk.arrive("v1")
    return desk


CASES = {
    "a round": (round_of_two, "counted 2 receptions 2", "counted 1 receptions 1"),
    "passed, then paid": (passed_and_paid, "make_up 1 owed_given 1 owed_paid 1", "counted 1"),
    "her own visitor": (owners_own, "", "free 1 receptions 1"),
    "declined": (declined, "lost 1", "counted 1"),
    "left early": (left_early, "owed_given 1 returned 1", ""),
    "left late": (left_late, "counted 1", ""),
    "K1 returned": (not_offered, "owed_given 1 returned 1 receptions 1 corrections 1", ""),
    "K2 stands": (cannot_do_stands, "counted 1 receptions 1 corrections 1", ""),
    "K4": (another_asked_for, "counted 1 receptions 1 corrections 1", "counted 1 receptions 1 corrections 1"),
    "K7": (transferred, "counted 1 corrections 1", "free 1 corrections 1"),
    "K6": (misallocated_and_found, "owed_given 1 returned 1 corrections 1", "free 1 corrections 1"),
    "K5": (exchanged, "exchanged 1 corrections 1", "counted 1 corrections 1"),
    "K9": (overridden, "owed_given 1 returned 1 overrides 1", "counted 1 overrides 1"),
    "K8": (undone, "", "corrections 1"),
    "carried": (carried, "make_up 1 owed_carried 1 owed_paid 1", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_what_happens_to_a_turn_is_counted_where_it_belongs(case: str) -> None:
    played, first, second = CASES[case]
    day = of(played())
    assert (told(day, "A"), told(day, "B")) == (first, second)


@settings(max_examples=150, deadline=None)
@given(policies, events)
def test_whatever_happens_the_figures_are_those_of_the_board(policy: str, sequence: list[Event]) -> None:
    desk, _ = play(policy, sequence)
    day = of(desk)
    assert [seat.seat for seat in day.seats] == [seat.consultant for seat in desk.board.seats]
    for seat in desk.board.seats:
        ours = figures(day, seat.consultant)
        assert (ours.counted, ours.make_up) == (seat.counted, seat.make_ups)
        assert ours.receptions == seat.receptions
        assert ours.owed_left == len(desk.board.owed_to(seat.consultant))
    assert figures_of_rows(day) == {seat.seat: seat.figures.turns for seat in day.seats}


def figures_of_rows(day: Day) -> dict[str, int]:
    standing = (Fate.COUNTED, Fate.MAKE_UP)
    return {seat.seat: sum(one.fate in standing for one in seat.given) for seat in day.seats}


@pytest.mark.parametrize(
    ("turns", "index"),
    [([3, 3, 3], 1.0), ([4, 0, 0, 0], 0.25), ([1, 2, 3], 36 / 42), ([0, 0], None), ([], None)],
)
def test_jains_index(turns: list[int], index: float | None) -> None:
    assert jain(turns) == (pytest.approx(index) if index is not None else None)


def test_the_spread_is_over_the_seats_that_were_there() -> None:
    desk = Desk("ABC", C="late")
    for number in range(4):
        desk.arrive(f"v{number}")
        desk.finish(f"v{number}")
    assert (of(desk).spread, of(desk).evenness) == (0, 1.0)
    desk.at(60).check_in("C")
    day = of(desk)
    assert day.spread == 2
    assert [(one.seat, one.here_from) for one in day.seats][-1] == ("C", NINE + timedelta(minutes=60))


def test_a_board_nobody_came_to_has_no_spread() -> None:
    day = of(Desk("AB", A="off", B="late"))
    assert (day.spread, day.evenness, day.turns) == (None, None, 0)
    assert fairness_of([]).seats == ()


def test_waits_are_of_first_visits_from_allocation_to_entry() -> None:
    desk = Desk("AB").knows("own", "A")
    desk.arrive("v1")
    desk.at(4).enter("v1").finish("v1")
    desk.arrive("v2")
    desk.arrive("own")
    desk.at(10).enter("v2").enter("own")
    day = of(desk, first="v1 v2")
    assert figures(day, "A").waits == (timedelta(minutes=4),)
    assert figures(day, "B").waits == (timedelta(minutes=6),)
    both = total([figures(day, "A"), figures(day, "B")])
    assert (both.wait_median, both.wait_longest) == (timedelta(minutes=5), timedelta(minutes=6))
    assert Figures().wait_median is None and Figures().wait_longest is None


def test_an_override_and_every_correction_leave_a_mark_with_its_reason() -> None:
    desk = overridden()
    desk.arrive("v2")
    desk.decline("v2")
    desk.record(Reordered(at=desk.now, by="boss", reason="by request", seats=("B", "A")))
    marks = of(desk).marks
    assert [(one.kind, one.rule, one.seat, one.left, one.reason) for one in marks] == [
        (MarkKind.OVERRIDE, "K9", "B", "A", "speaks English"),
        (MarkKind.DECLINED, "T7", "A", None, ""),
        (MarkKind.ORDER, "", None, None, "by request"),
    ]
    assert [one.seat for one in of(desk).seats] == ["B", "A"]
    assert (of(desk).overrides, of(desk).corrections) == (1, 1)


def test_an_override_that_was_undone_is_seen_and_counts_no_more() -> None:
    desk = Desk("AB")
    desk.proposes("v1")
    desk.name("v1", "B", reason="a friend")
    desk.undo("v1")
    day = of(desk)
    assert [(one.kind, one.taken_back, one.undoes) for one in day.marks] == [
        (MarkKind.OVERRIDE, True, None),
        (MarkKind.UNDONE, False, 2),
    ]
    assert (day.overrides, day.corrections, day.turns) == (0, 1, 0)


def test_an_undone_correction_names_whom_it_had_been_taken_from() -> None:
    desk = transferred()
    desk.undo("v1")
    mark: Mark = of(desk).marks[-1]
    assert (mark.kind, mark.seat, mark.left, mark.visit) == (MarkKind.UNDONE, "B", "A", "v1")
    assert figures(of(desk), "A").counted == 1 and figures(of(desk), "B").free == 0


def test_a_free_visit_declined_is_no_lost_turn() -> None:
    desk = Desk("AB")
    desk.arrive("v1", designation=asks("B"))
    desk.decline("v1")
    assert told(of(desk), "B") == "free 1"
    assert of(desk).marks[0].fate is Fate.FREE


def test_a_team_is_one_seat_with_the_turns_of_all_its_members() -> None:
    opened = Opened(at=NINE, seats=tuple(OpeningSeat(one) for one in "AXBY"), teams=(("A", "X"), ("B", "Y")))
    desk = Desk("AXBY", policy=preset("teams"))
    desk.entries, desk.board = [opened], apply(desk.board._replace(seats=(), sequence=0), opened)
    for number in range(3):
        desk.arrive(f"v{number}")
        desk.enter(f"v{number}").finish(f"v{number}")
    day = of(desk)
    assert [(one.seat, one.members, one.figures.turns, one.figures.receptions) for one in day.seats] == [
        ("A", ("A", "X"), 2, 2),
        ("B", ("B", "Y"), 1, 1),
    ]
    assert {one.person for one in day.seats[0].given} == {"A", "X"}


def test_a_guest_is_listed_and_not_measured() -> None:
    desk = Desk("AB")
    desk.arrive("v1")
    held = desk.board.seats[0].visits[0]
    desk.record(
        Moved(
            at=desk.now, visit="v1", seat="P", rule="K7", turn=Turn.FREE, turn_rule="K7", guest=True, left_seat="A",
            left_place=0, held=held, waited=False, fate=Fate.COUNTED,
        )
    )  # fmt: skip
    guest = of(desk).seats[-1]
    assert (guest.seat, guest.seated, guest.present, guest.figures.free) == ("P", False, False, 1)
    assert of(desk).spread == 1


def test_somebody_who_comes_without_a_seat_gets_a_row() -> None:
    desk = Desk("A").at(30)
    desk.record(CheckedIn(at=desk.now, seat="Z"))
    assert [(one.seat, one.seated) for one in of(desk).seats] == [("A", True), ("Z", True)]


def test_closing_says_whether_what_is_owed_ends() -> None:
    day = of(Desk("AB", owed="A").close())
    assert day.owed_ends and day.closed_at == NINE and figures(day, "A").owed_left == 1
    kept = of(Desk("AB", owed="A", policy=preset("teams")).close())
    assert not kept.owed_ends


def test_a_month_adds_up_days_and_measures_turns_a_day() -> None:
    monday, tuesday = Desk("AB", owed="AB"), Desk("AB", B="off", owed="B")
    for desk, count in ((monday, 1), (tuesday, 2)):
        for number in range(count):
            desk.arrive(f"v{number}")
            desk.finish(f"v{number}")
    month = month_of([of(monday), of(tuesday)])
    ours = dict(month.seats)
    assert (ours["A"].days, ours["A"].turns, ours["A"].turns_a_day) == (2, 3, 1.5)
    assert (ours["B"].days, ours["B"].turns_a_day) == (1, 0.0)
    assert (ours["A"].owed_carried, ours["A"].owed_paid, ours["A"].owed_left) == (1, 1, 0)
    assert (ours["B"].owed_carried, ours["B"].owed_paid, ours["B"].owed_left) == (1, 0, 1)
    assert month.spread == 1.5
    assert month.evenness == pytest.approx(0.5)
    assert (Month(()).spread, Month(()).evenness) == (None, None)
