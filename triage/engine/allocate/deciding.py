"""The rules in their order, and the decision that the first answer becomes.

The trace is what the evaluation itself left behind.
"""

from collections.abc import Sequence
from functools import lru_cache

from ..classify import classify
from ..decision import Decision, Situation, Verdict
from ..facts.board import Board
from ..facts.words import Turn
from .case import IGNORED, Answer, Case, Rule
from .designations import (
    a1_no_consultant,
    a2_arrangement,
    a3_division,
    a4_designation,
    a5_third_party,
    a13_introduction,
    c6_emergency,
)
from .desks import a1_doctor, given_to_another
from .judging import judgements
from .owners import a6_owner, a7_owner_busy, a8_owner_absent, a9_succession, a10_referral
from .projects import a11_dedicated
from .turns import a12_rotation, a14_escalate

RULES: tuple[tuple[str, Rule], ...] = (
    ("C6", c6_emergency),
    ("A1", a1_no_consultant),
    ("A2", a2_arrangement),
    ("A3", a3_division),
    ("A13", a13_introduction),
    ("A4", a4_designation),
    ("A5", a5_third_party),
    ("A9", a9_succession),
    ("A6", a6_owner),
    ("A7", a7_owner_busy),
    ("A8", a8_owner_absent),
    ("A10", a10_referral),
    ("A11", a11_dedicated),
    ("A12", a12_rotation),
    ("A14", a14_escalate),
)
# What is asked on a department's board: consultants, owners and referrals are none of its business.
DESK_RULES: tuple[tuple[str, Rule], ...] = (
    ("C6", c6_emergency),
    ("A1", a1_doctor),
    ("A11", a11_dedicated),
    ("A12", a12_rotation),
    ("A14", a14_escalate),
)


def allocate(situation: Situation) -> Decision:
    """The decision about an arrival. The same situation always gives the same decision.

    Raises LookupError when a consultant that matters is missing from the facts, ValueError when the visit is with a
    seat already.
    """
    typing = classify(situation.arrival, situation.person, situation.policy)
    if situation.arrival.at_desk is not None:
        case = Case(situation, typing, without=given_to_another(situation))
        return by_rules(case, [typing.verdict], rules=DESK_RULES)
    case = Case(situation, typing)
    return by_rules(case, [typing.verdict])


def by_rules(
    case: Case,
    trace: list[Verdict],
    *,
    start: str | None = None,
    rule: str | None = None,
    rules: Sequence[tuple[str, Rule]] | None = None,
) -> Decision:
    """Ask the rules in order, from `start` on (None: from the first), until one answers.

    `rule` is the correction on whose behalf they are asked: the decision is its. `rules`: None for the front desk's.
    """
    wanted = start
    for name, ask in RULES if rules is None else rules:
        if wanted is not None and name != wanted:
            continue
        ruling = ask(case)
        wanted = None
        if ruling is None:
            continue
        trace.append(ruling.verdict)
        if ruling.answer is not None:
            return decided(case, rule or ruling.verdict.rule, ruling.answer, trace)
        wanted = ruling.then
    raise AssertionError("A14 answers whatever the others leave")


def decided(case: Case, rule: str, answer: Answer, trace: list[Verdict]) -> Decision:
    """The answer as a decision, with the turn's rule in the trace and a judgement for every seat."""
    situation = case.situation
    board = situation.board
    team = _team(board, answer)
    member = _next_member(board, team)
    if answer.turn_rule is not None and answer.turn is not None:
        trace.append(_turn_verdict(answer.turn_rule, answer.turn.value))
        hidden = o5_hidden(case, answer)
        if hidden is not None:
            trace.append(hidden)
    return Decision(
        visit=situation.arrival.visit,
        sequence=board.sequence,
        visit_type=case.typing.visit_type,
        type_rule=case.typing.rule,
        decision=answer.outcome,
        consultant=answer.consultant,
        rule=rule,
        turn=answer.turn,
        turn_rule=answer.turn_rule,
        owner=answer.owner,
        passed=answer.passed,
        ignored=tuple([verdict.rule for verdict in trace if verdict.says == IGNORED]),
        wait_minutes=answer.wait_minutes,
        waits=answer.waits,
        trace=tuple(trace),
        seats=judgements(case, answer),
        lane=answer.lane,
        pointer_before=board.pointers.get(answer.lane) if answer.lane is not None else None,
        pointer_after=answer.pointer_after,
        make_up=answer.make_up,
        answers=board.pending_for(situation.arrival.visit),
        team=team,
        used_before=board.used,
        used_after=answer.used_after,
        member_before=member,
        member_after=(answer.place.member + 1) % len(board.members(team)) if answer.place and team else member,
        debt=answer.debt,
    )


def o5_hidden(case: Case, answer: Answer) -> Verdict | None:
    """With `hide_project` whoever is newly given the visit is not told the project before she has accepted."""
    if not case.situation.policy.hide_project or case.project is None or answer.consultant is None:
        return None
    return Verdict("O5", "hidden", {"consultant": answer.consultant})


def _team(board: Board, answer: Answer) -> str | None:
    """The team whose turn is used: the one rotation found, else that of the person who receives."""
    if not board.teams:
        return None
    if answer.place is not None:
        return answer.place.key
    return board.team_of(answer.consultant) if answer.consultant is not None and answer.turn is not Turn.FREE else None


def _next_member(board: Board, team: str | None) -> int:
    seat = board.seat(team) if team is not None else None
    return seat.next_member if seat is not None else 0


@lru_cache(maxsize=64)
def _turn_verdict(rule: str, turn: str) -> Verdict:
    return Verdict(rule, turn)
