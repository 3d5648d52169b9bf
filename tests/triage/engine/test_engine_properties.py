"""Whatever happens on a day: the invariants of the rulebook."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triage.engine.desk import Desk, brought_by, left
from triage.engine.allocate import allocate
from triage.engine.decision import Decision, Refused, facts_to_json, situation_from_json
from triage.engine.explain import explain
from triage.engine.facts import FIRST_LANE, Board, Consultant, DesignatedBy, Designation, Fate, OtherReason, Turn
from triage.engine.ledger import (
    Allocated,
    Closed,
    Entry,
    LedgerError,
    Moved,
    apply,
    board_from_json,
    board_to_json,
    entry_from_json,
    entry_to_json,
    fold,
)
from triage.engine.policy import PRESETS, preset

SEATS = "ABCDE"
PROJECTS = ("breast", "nose", "eyes", "skin")
OWNERS = (*SEATS, "X", "Y", None)


@dataclass(frozen=True)
class Event:
    """One random event; what it touches is taken modulo what there is."""

    kind: str
    number: int
    minutes: int
    word: str


events = st.lists(
    st.builds(
        Event,
        kind=st.sampled_from(
            ["arrive"] * 6
            + ["finish"] * 4
            + [
                "asked",
                "referred",
                "other",
                "correct",
                "move",
                "move",
                "return",
                "repurchase",
                "review",
                "enter",
                "seat",
                "seat",
                "decline",
                "leave",
                "undo",
                "name",
            ]
        ),
        number=st.integers(0, 1000),
        minutes=st.integers(0, 8),
        word=st.sampled_from(["free", "busy", "busy", "out", "on", "off", "late"]),
    ),
    max_size=40,
)


@dataclass
class Step:
    """What one event did: the board before and after, its entries, its decision."""

    before: Board
    after: Board
    entries: list[Entry]
    decision: Decision | None


def play(policy: str, sequence: list[Event]) -> tuple[Desk, list[Step]]:
    desk = Desk(
        SEATS,
        Consultant("B", scope=("eyes", "skin")),
        Consultant("D", excluded=("breast",)),
        left("X", "C"),
        left("Y"),
        policy=preset(policy),
        owed="C" if policy == "teams" else "",
        E="late",
    )
    steps: list[Step] = []
    minute = 0
    for index, event in enumerate(sequence):
        minute += event.minutes
        desk.at(minute)
        before, count = desk.board, len(desk.entries)
        try:
            decision = happen(desk, event, index)
        except Refused as refused:
            assert desk.board == before, refused  # a refusal changes nothing
            continue
        steps.append(Step(before, desk.board, desk.entries[count:], decision))
    return desk, steps


def happen(desk: Desk, event: Event, index: int) -> Decision | None:
    project = PROJECTS[event.number % len(PROJECTS)]
    visits = [held.visit for seat in desk.board.seats for held in seat.visits]
    visit = visits[event.number % len(visits)] if visits else None
    new = f"v{index}"
    seat = SEATS[event.number % len(SEATS)]
    if event.kind == "asked":
        by = list(DesignatedBy)[event.number % len(DesignatedBy)]
        return desk.arrive(new, project, designation=Designation(seat, by, refuses_wait=event.minutes > 6))
    if event.kind == "referred":
        return desk.arrive(new, project, referral=brought_by(OWNERS[event.number % len(OWNERS)]))
    if event.kind == "other":
        return desk.arrive(new, project, other=list(OtherReason)[event.number % len(OtherReason)])
    if event.kind in ("arrive", "return", "repurchase", "review"):
        if event.kind in ("return", "repurchase"):
            standing = "no_deal" if event.kind == "return" else "treated"
            desk.knows(new, OWNERS[event.number % len(OWNERS)], standing)
        return desk.arrive(new, project, purpose="review" if event.kind == "review" else "consult")
    if event.kind == "seat":
        free_in = event.number % 30 if event.word == "busy" and event.number % 3 else None
        desk.says(seat, event.word, free_in)
    elif event.kind == "name" and desk.board.pending:
        pending = desk.board.pending[event.number % len(desk.board.pending)]
        return desk.name(pending.visit, SEATS[event.number % len(SEATS)])
    elif event.kind == "undo" and len(desk.entries) > 1:
        names = [entry.visit for entry in desk.entries if isinstance(entry, Allocated)]
        if names:
            desk.undo(names[-1])
    elif visit is None:
        pass
    elif event.kind == "enter":
        desk.enter(visit)
    elif event.kind == "finish":
        desk.finish(visit)
    elif event.kind == "decline":
        return desk.decline(visit)
    elif event.kind == "correct":
        return desk.not_offered(visit)
    elif event.kind == "move":
        return desk.correct(visit, event.number + event.minutes, SEATS[(event.number + 1) % len(SEATS)])
    elif event.kind == "leave":
        desk.leave(visit)
    return None


policies = st.sampled_from(tuple(PRESETS))


@settings(max_examples=150, deadline=None)
@given(policies, events)
def test_invariants(policy: str, sequence: list[Event]) -> None:
    _, steps = play(policy, sequence)
    for step in steps:
        held = [one.visit for seat in step.after.seats for one in seat.visits]
        assert len(held) == len(set(held)), "a visitor with two consultants at once"
        assert not set(held) & {one.visit for one in step.after.pending}
        assert len({(one.given, one.order) for one in step.after.owed}) == len(step.after.owed)
        for seat in step.after.seats:
            assert min(seat.counted, seat.make_ups, seat.receptions) >= 0
        only_rotation_moves_the_pointer(step)
        owed_turns_are_only_used(step)


def only_rotation_moves_the_pointer(step: Step) -> None:
    given = [entry for entry in step.entries if isinstance(entry, Allocated)]
    if len(given) == 1 and given[0].turn is Turn.COUNTED and given[0].lane == FIRST_LANE:
        seats = [seat.consultant for seat in step.after.seats]
        unfinished = given[0].used_after > 0
        assert step.after.pointer() == seats[(seats.index(given[0].seat) + (not unfinished)) % len(seats)]
        return
    order_kept = [seat.consultant for seat in step.before.seats] == [seat.consultant for seat in step.after.seats]
    undone = any(entry.kind == "undone" for entry in step.entries)
    if order_kept and not undone:
        assert step.after.pointer() == step.before.pointer()
    for entry in given:
        returns = isinstance(entry, Moved) and entry.fate is Fate.RETURNED
        if entry.turn is Turn.FREE and not returns:
            assert step.after.owed == step.before.owed or len(step.entries) > 1


def owed_turns_are_only_used(step: Step) -> None:
    """An owed turn goes when its seat makes it up, and in no other way; undo brings back or takes away its own."""
    if any(entry.kind == "undone" for entry in step.entries):
        return
    gone = set(step.before.owed) - set(step.after.owed)
    assert gone == {entry.make_up for entry in step.entries if isinstance(entry, Allocated) and entry.make_up}


@settings(max_examples=60, deadline=None)
@given(policies, events)
def test_the_board_is_the_fold_of_its_ledger(policy: str, sequence: list[Event]) -> None:
    desk, _ = play(policy, sequence)
    assert fold(desk.entries) == desk.board
    stored = json.loads(json.dumps([entry_to_json(entry) for entry in desk.entries]))
    again = [entry_from_json(one) for one in stored]
    assert again == desk.entries
    assert fold(again) == desk.board
    assert board_from_json(json.loads(json.dumps(board_to_json(desk.board)))) == desk.board


@settings(max_examples=60, deadline=None)
@given(policies, events)
def test_decisions_are_repeated_and_round_trip_and_have_words(policy: str, sequence: list[Event]) -> None:
    desk, steps = play(policy, sequence)
    for step in steps:
        if step.decision is None:
            continue
        stored = json.loads(json.dumps(step.decision.to_json()))
        assert Decision.from_json(stored) == step.decision
        assert sorted(one.seat for one in step.decision.seats) == sorted(SEATS)
        for language in ("en", "zh"):
            told = explain(step.decision, "en" if language == "en" else "zh")
            words = [told.answer, *(one.text for one in (*told.rules, *told.seats, *told.waits))]
            assert all(words)
            assert not any("None" in one for one in words)
    desk.arrivals.pop("again", None)
    decision = desk.proposes("again")
    facts = json.loads(json.dumps(facts_to_json(desk.situation("again"))))
    assert allocate(situation_from_json(facts, desk.policy)) == decision


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 60), st.integers(0, 100))
def test_with_everyone_free_and_in_scope_the_spread_is_one(seats: int, visits: int, start: int) -> None:
    names = "ABCDEFGHIJKL"[:seats]
    desk = Desk(names, pointer=names[start % seats])
    for number in range(visits):
        desk.arrive(f"v{number}", "eyes")
        desk.finish(f"v{number}")
    turns = desk.turns().values()
    assert max(turns) - min(turns) <= 1
    assert sum(turns) == visits


@settings(max_examples=100, deadline=None)
@given(policies, events, st.integers(0, 7))
def test_undo_restores_the_board(policy: str, sequence: list[Event], project: int) -> None:
    desk, _ = play(policy, sequence)
    before = desk.board
    desk.knows("last", OWNERS[project % len(OWNERS)]) if project % 2 else None
    decision = desk.arrive("last", PROJECTS[project % 4])
    assert decision.decision != "none"
    desk.undo("last")
    after = desk.board
    assert (after.seats, after.owed, after.pending) == (before.seats, before.owed, before.pending)
    assert after.pointers == before.pointers
    assert after.sequence == before.sequence + 2


@pytest.mark.parametrize("policy", ["standard", "teams"])
def test_owed_turns_are_lost_at_closing_unless_they_are_carried(policy: str) -> None:
    desk = Desk("AB", policy=preset(policy), owed="AB").close()
    assert desk.owed == ("AB" if policy == "teams" else "")
    with pytest.raises(LedgerError, match="closed"):
        apply(desk.board, Closed(at=desk.now))
