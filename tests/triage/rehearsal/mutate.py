"""Takes the rules apart, one at a time, and sees which scenario days notice.

A day that stays green whatever is done to a rule says nothing about it. As a script it prints, for every rule and for
every knob of the policy, the days that turned red: `python -m tests.triage.rehearsal.mutate`.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.triage.rehearsal.scenarios import RULES, Scenario, differences, scenarios
from triage.engine import classify, credit, naming
from triage.engine.allocate import Answer, Case, Ruling, deciding
from triage.engine.allocate import turns as turn_rules
from triage.engine.corrections import leave
from triage.engine.decision import Decision, Outcome, Situation, Typing, Verdict
from triage.engine.facts import Board, Fate, Turn, VisitType
from triage.engine.ledger import Allocated, Declined
from triage.engine.policy import Policy
from triage.engine.rehearsal.player import corrections, happenings
from triage.engine.rehearsal.reader import NotADay

Patch = pytest.MonkeyPatch
Mutation = Callable[[Patch], None]


def _without_type(name: str) -> Mutation:
    """A C rule that never speaks."""
    kept = tuple(rule for rule in classify.TYPE_RULES if rule.__name__ != name)
    assert len(kept) < len(classify.TYPE_RULES), name
    return lambda patch: patch.setattr(classify, "TYPE_RULES", kept)


def _without(rule: str) -> Mutation:
    """An A rule that never speaks."""
    kept = tuple(pair for pair in deciding.RULES if pair[0] != rule)
    assert len(kept) < len(deciding.RULES), rule
    return lambda patch: patch.setattr(deciding, "RULES", kept)


def _answers(change: Callable[[Answer], Answer]) -> Mutation:
    """All A rules, with their answers changed."""

    def changed(ask: Callable[[Case], Ruling | None]) -> Callable[[Case], Ruling | None]:
        def rule(case: Case) -> Ruling | None:
            ruling = ask(case)
            return ruling._replace(answer=change(ruling.answer)) if ruling is not None and ruling.answer else ruling

        return rule

    rules = tuple((name, changed(ask)) for name, ask in deciding.RULES)
    return lambda patch: patch.setattr(deciding, "RULES", rules)


def _turn(turn_rule: str, turn: Turn) -> Mutation:
    """What a T rule says a visit uses up, said otherwise."""
    return _answers(lambda answer: answer._replace(turn=turn) if answer.turn_rule == turn_rule else answer)


def _named(rule: str, turn: Turn) -> Mutation:
    """The turn of who is named by hand under a rule, said otherwise."""
    answer_of = naming._answer

    def answer(*given: Any) -> Answer:
        found = answer_of(*given)
        return found._replace(turn=turn) if given[3] == rule and found.turn is Turn.COUNTED else found

    return lambda patch: patch.setattr(naming, "_answer", answer)


def _correction(name: str, change: Callable[[Decision], Decision]) -> Mutation:
    """A correction whose decision is changed."""
    correct: Callable[..., Decision] = getattr(corrections, name)
    return lambda patch: patch.setattr(corrections, name, lambda *given, **said: change(correct(*given, **said)))


def _under(name: str, change: Callable[[Policy], Policy]) -> Mutation:
    """A correction that reads another policy."""
    correct: Callable[..., Decision] = getattr(corrections, name)

    def corrected(situation: Situation, **said: Any) -> Decision:
        return correct(replace(situation, policy=change(situation.policy)), **said)

    return lambda patch: patch.setattr(corrections, name, corrected)


def _fate(fate: Fate | None) -> Callable[[Decision], Decision]:
    """The turn of a corrected visit ends as `fate`, None: it stands."""

    def change(decision: Decision) -> Decision:
        previous = decision.previous
        if previous is None or previous.turn in (None, Turn.FREE):
            return decision
        ends = fate if fate is not None else Fate(previous.turn)
        return replace(decision, previous=replace(previous, fate=ends))

    return change


def _no_debt(decision: Decision) -> Decision:
    return replace(decision, previous=replace(decision.previous, exchanged=False) if decision.previous else None)


def _first_returns(patch: Patch) -> None:
    first = Typing(VisitType.RETURN, Verdict("C1", "first"))
    patch.setattr(classify, "_FIRST", first)


def _declined_without_consequence(patch: Patch) -> None:
    applied = Declined.applied

    def unpunished(entry: Declined, board: Board, sequence: int) -> Board:
        after = applied(entry, board, sequence)
        return after._replace(seats=tuple(seat._replace(suspended=False) for seat in after.seats))

    patch.setattr(Declined, "applied", unpunished)


def _never_returned(patch: Patch) -> None:
    patch.setattr(happenings, "leave", lambda *given, **said: replace(leave(*given, **said), returned=False))


def _undo_leaves_the_pointer(patch: Patch) -> None:
    reverted = Allocated.reverted
    patch.setattr(
        Allocated,
        "reverted",
        lambda entry, board, sequence: reverted(entry, board, sequence)._replace(pointers=board.pointers),
    )


def _claims_turned(patch: Patch) -> None:
    def claimant(reports: Any, day: date, policy: Policy) -> str | None:
        other = "earliest" if policy.claims == "follow_up" else "follow_up"
        return credit.claimant(reports, day, replace(policy, claims=other))

    patch.setattr(happenings, "claimant", claimant)


MUTATIONS: dict[str, Mutation] = {
    "C1": _first_returns,
    "C2": _without_type("c2_return"),
    "C3": _without_type("c3_review"),
    "C4": lambda patch: patch.setattr(
        classify,
        "TYPE_RULES",
        tuple(
            (lambda *_: classify._RETURN) if rule is classify.c4_repurchase else rule for rule in classify.TYPE_RULES
        ),
    ),
    "C5": _without_type("c5_other"),
    "C6": _without("C6"),
    "C7": _without_type("c7_companion"),
    "C8": _without_type("c8_friend"),
    "C9": _without_type("c9_claimed"),
    "C10": _without_type("c10_simple"),
    **{rule: _without(rule) for rule in ("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A13")},
    "A12": lambda patch: patch.setattr(turn_rules, "oldest_make_up", lambda *_: None),
    "A14": _answers(
        lambda answer: answer._replace(outcome=Outcome.NONE) if answer.outcome is Outcome.ESCALATE else answer
    ),
    "T1": _turn("T1", Turn.FREE),
    "T2": _turn("T2", Turn.COUNTED),
    "T3": _turn("T3", Turn.FREE),
    "T4": _named("A14", Turn.FREE),
    "T5": _turn("T5", Turn.COUNTED),
    "T6": _turn("T6", Turn.FREE),
    "T7": _declined_without_consequence,
    "T8": _never_returned,
    "T9": _turn("T9", Turn.COUNTED),
    "K1": _under("not_offered", lambda policy: replace(policy, not_offered_returns=not policy.not_offered_returns)),
    "K2": _under("cannot_do", lambda policy: replace(policy, cannot_do_returns=not policy.cannot_do_returns)),
    "K3": _correction("referral_found", _fate(None)),
    "K4": _correction("change_consultant", _fate(Fate.RETURNED)),
    "K5": _correction("wait_over", _no_debt),
    "K6": _correction("misallocated", _fate(None)),
    "K7": _correction("transfer", _fate(Fate.RETURNED)),
    "K8": _undo_leaves_the_pointer,
    "K9": _named("K9", Turn.FREE),
    "O1": lambda patch: patch.setattr(Case, "owner_after", lambda case, receiver: receiver),
    "O2": _claims_turned,
    "O3": lambda patch: patch.setattr(credit, "gives_credit", lambda report, day: True),
    "O4": lambda patch: patch.setattr(happenings, "deal_shares", lambda *, owner, receiver: {receiver: 1}),
    "O5": lambda patch: patch.setattr(deciding, "o5_hidden", lambda *_: None),
}

# Key → two values a day can tell apart. Ages and `out_needs_supervisor` are asked at the desk and shown on screens;
# `hide_project` only adds a sentence; `check_in` and `roster` give the same day once the order at opening is known.
KNOBS: dict[str, tuple[Any, Any]] = {
    "typing": ("standing", "simple"),
    "group": ("lead", "each"),
    "other_in_rotation": (False, True),
    "busy_wait_minutes": (10, 5),
    "max_wait_minutes": (10, 20),
    "left_early_minutes": (5, 0),
    "make_up": (("busy", "scope"), ("off", "out")),
    "designation": ("free", "counted"),
    "staff_introduction": ("ignored", "designation"),
    "return_to": ("owner", "named"),
    "owner_absent": ("ask", "rotate"),
    "decline": ("suspend", "forbidden"),
    "not_offered_returns": (True, False),
    "cannot_do_returns": (False, True),
    "change_credit": ("new", "first"),
    "claims": ("earliest", "follow_up"),
    "senior_phone": (False, True),
    "opening": ("check_in", "continue"),
    "carry_owed": (False, True),
    "turn_size": (1, 2),
    "priority": ({}, {"eyes": ("C", "A")}),
}


def red_under(rule: str, days: Iterable[Scenario]) -> list[str]:
    """Which of the days notice when the rule is taken apart."""
    with Patch.context() as patch:
        MUTATIONS[rule](patch)
        return [one.name for one in days if _red(one)]


def red_when_turned(key: str, given: Any, other: Any) -> Iterator[str]:
    """The days under a policy that says `given` which notice when it says `other`."""
    for one in scenarios():
        if getattr(one.day.policy, key) != given:
            continue
        turned = replace(one.day.policy, **{key: other})
        if _red(replace(one, day=replace(one.day, policy=turned))):
            yield one.name


def turns() -> Iterator[tuple[str, Any, Any]]:
    """Every knob, turned both ways."""
    for key, (one, other) in KNOBS.items():
        yield key, one, other
        yield key, other, one


def _red(scenario: Scenario) -> bool:
    try:
        return bool(differences(scenario))
    except NotADay:
        return True


def table() -> Iterator[str]:
    """Rule or knob, and the days that turned red."""
    for rule in RULES:
        said = ", ".join(red_under(rule, scenarios())) or "GREEN"
        yield f"{rule:4} {said}"
    for key, given, other in turns():
        yield f"{key}: {given} turned to {other}: {', '.join(red_when_turned(key, given, other)) or 'GREEN'}"


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in table()))
