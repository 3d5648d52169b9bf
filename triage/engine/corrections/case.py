"""The case of a correction: who has the visit now, the board as if nobody had it, and what becomes of its turn."""

from dataclasses import replace

from ..allocate.case import Answer, Case
from ..allocate.deciding import decided
from ..classify import classify
from ..decision import Decision, Outcome, Params, Previous, Refused, Situation, Verdict
from ..facts.board import Board, Held, Seat
from ..facts.people import Referral
from ..facts.words import Fate, OtherReason, Turn
from ..ledger.afterwards import Released
from ..rotation import minutes_left


def moved_from(board: Board, visit: str, fate: Fate) -> Previous:
    """Who has a visit, and what a correction makes of the turn it used; raises LookupError when nobody has it."""
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat is not None else None
    if seat is None or held is None:
        raise LookupError(f"visit {visit!r} is with nobody")
    return Previous(
        seat=seat.consultant,
        fate=fate,
        turn=held.turn,
        team=held.team,
        held=held,
        place=seat.visits.index(held),
        waited=seat.waited_by == visit,
    )


def released(situation: Situation) -> Situation:
    """The situation as it would be had nobody the visit; turns as they are."""
    board, visit = situation.board, situation.arrival.visit
    previous = moved_from(board, visit, Fate.FREE)
    assert previous.held is not None
    entry = Released(
        at=situation.now,
        rule="",
        visit=visit,
        seat=previous.seat,
        place=previous.place,
        held=previous.held,
        waited=previous.waited,
        fate=Fate(previous.held.turn.value),
    )
    return replace(situation, board=entry.applied(board, board.sequence)._replace(sequence=board.sequence))


class Correction(Case):
    """The case of a correction: the rules see the visit as free, the decision is made on the board as it is."""

    __slots__ = ("before",)

    def __init__(self, before: Situation, free: Situation, without: tuple[str, ...]) -> None:
        super().__init__(free, classify(free.arrival, free.person, free.policy), without=without)
        self.before = before


def with_her(
    rule: str,
    situation: Situation,
    *,
    without: bool = False,
    other: OtherReason | None = None,
    referral: Referral | None = None,
) -> tuple[Seat, Held, Correction]:
    """The seat that holds the visit, how it holds it, and the case as if nobody had it.

    `without`: she is not asked again. `other`, `referral`: what is known now. Raises Refused when nobody has it.
    """
    arrival = situation.arrival
    seat = situation.board.seat_of(arrival.visit)
    held = seat.holds(arrival.visit) if seat is not None else None
    if seat is None or held is None:
        raise Refused(rule, "not_allocated")
    if other is not None:
        arrival = replace(arrival, other=other, stated_type=None)
    if referral is not None:
        arrival = replace(arrival, referral=referral)
    free = replace(released(situation), arrival=arrival)
    key = situation.board.team_of(seat.consultant) or seat.consultant
    return seat, held, Correction(situation, free, (key,) if without else ())


def stands(held: Held) -> Fate:
    """The turn it had stands as it is."""
    return Fate(held.turn.value)


def returned_if(returns: bool, held: Held) -> Fate:
    """The turn it had is returned, when it was one and the policy says so; else it stands."""
    return Fate.RETURNED if returns and held.turn is not Turn.FREE else stands(held)


def given_to(case: Case, seat: Seat, turn: Turn, turn_rule: str, owner: str | None) -> Answer:
    """To a consultant who is here, waiting for her when she is busy."""
    return Answer(
        Outcome.WAIT if seat.busy else Outcome.ASSIGN,
        consultant=seat.consultant,
        turn=turn,
        turn_rule=turn_rule,
        owner=owner,
        wait_minutes=minutes_left(seat, case.situation.now) if seat.busy else 0,
        others="not_named",
        everyone=True,
        params={"consultant": seat.consultant},
    )


def moves(case: Correction, rule: str, verdict: Verdict, answer: Answer, fate: Fate, reason: str) -> Decision:
    """The decision by which the visit goes elsewhere: one verdict, one answer."""
    decision = decided(case, rule, answer, [case.typing.verdict, verdict])
    return corrected(case, decision, fate, reason)


def corrected(case: Correction, decision: Decision, fate: Fate, reason: str) -> Decision:
    """The decision as a correction of how the board has the visit; nobody can take it: the supervisor is asked."""
    previous = moved_from(case.before.board, decision.visit, fate)
    asks = "A14" if decision.decision is Outcome.ESCALATE else ""
    return replace(decision, previous=previous, reason=reason, answers=None, asks=asks)


def stays_with_her(
    case: Correction,
    rule: str,
    says: str,
    fate: Fate,
    *,
    owner: str | None,
    params: Params | None = None,
    reason: str = "",
) -> Decision:
    """The visit stays with her; only its kind, its owner or its turn changes."""
    previous = moved_from(case.before.board, case.situation.arrival.visit, fate)
    held = previous.held
    assert held is not None
    seat = case.before.board.seat(previous.seat)
    waits = seat is not None and not held.entered and (seat.stated_busy or seat.visits[0].visit != held.visit)
    returned = fate is Fate.RETURNED
    answer = Answer(
        Outcome.WAIT if waits else Outcome.ASSIGN,
        consultant=previous.seat,
        turn=Turn.FREE if returned else held.turn,
        owner=owner,
        wait_minutes=minutes_left(seat, case.situation.now) if waits and seat is not None else 0,
        others="not_named",
        everyone=True,
        params={"consultant": previous.seat},
    )
    verdict = Verdict(rule, says, {"consultant": previous.seat, **(params or {})})
    decision = decided(case, rule, answer, [case.typing.verdict, verdict])
    return replace(
        decision,
        previous=replace(previous, stays=True),
        reason=reason,
        turn_rule=rule if returned else held.turn_rule,
        answers=None,
        team=held.team,
    )
