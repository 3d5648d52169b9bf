"""A12 and A14: whose turn it is, and what is to be done when nobody can take the visit."""

from ..decision import Outcome, Verdict, Wait
from ..facts.board import FIRST_LANE, OTHER_LANE, Debt
from ..facts.words import Cause, Turn
from ..rotation import Place, minutes_left, oldest_make_up, walk
from .case import Answer, Case, Ruling


def a12_rotation(case: Case) -> Ruling | None:
    """Make-ups first, then one walk from the pointer."""
    board, policy = case.situation.board, case.situation.policy
    own_lane = case.lane == OTHER_LANE
    make_up = None if own_lane else oldest_make_up(board.owed, case.places, case.without)
    if make_up is not None:
        owed, place = make_up
        return Ruling(
            Verdict("A12", "make_up", {"seat": place.person, "cause": owed.cause}),
            Answer(
                Outcome.ASSIGN,
                consultant=place.person,
                turn=Turn.MAKE_UP,
                turn_rule="T1",
                owner=case.owner_after(place.person),
                lane=FIRST_LANE,
                make_up=owed,
                place=place,
                used_after=board.used,
                others="make_up_first",
            ),
        )
    found = walk(case.places, case.order, () if own_lane else policy.make_up, case.without)
    if found.taker is None:
        return Ruling(Verdict("A12", "nobody"))
    debt, place = (None, found.taker) if own_lane else _creditor(case, found.taker)
    minutes = place.found.minutes
    pointer_after, used_after = found.pointer_after, 0
    if not own_lane and policy.turn_size > 1:
        at_pointer = found.taker.key == (board.pointers.get(FIRST_LANE) or board.keys[0])
        used_after = (board.used if at_pointer else 0) + 1
        if used_after < policy.turn_size:
            pointer_after = found.taker.key
        else:
            used_after = 0
    return Ruling(
        _walk_verdict(place, found.taker, minutes),
        Answer(
            Outcome.ASSIGN if minutes is None else Outcome.WAIT,
            consultant=place.person,
            turn=Turn.FREE if own_lane else Turn.COUNTED,
            turn_rule="T5" if own_lane else "T1",
            owner=case.owner_after(place.person),
            wait_minutes=minutes or 0,
            passed=found.passed,
            lane=case.lane,
            pointer_after=pointer_after,
            place=place,
            used_after=used_after,
            debt=debt,
        ),
    )


def _creditor(case: Case, taker: Place) -> tuple[Debt | None, Place]:
    """K5: the turn that comes to who exchanged goes to whom she owes it, if that one can take it now."""
    for debt in case.situation.board.debts:
        if debt.debtor != taker.key:
            continue
        place = case.places.of(debt.creditor) if debt.creditor not in case.without else None
        if place is not None and place.found.cause is None:
            return debt, place
    return None, taker


def _walk_verdict(place: Place, turn_of: Place, minutes: int | None) -> Verdict:
    seat = place.person
    if place.key != turn_of.key:
        return Verdict("A12", "exchanged", {"seat": seat, "debtor": turn_of.person})
    if minutes is None:
        return Verdict("A12", "turn", {"seat": seat})
    return Verdict("A12", "wait" if minutes else "any_minute", {"seat": seat, "minutes": minutes})


def a14_escalate(case: Case) -> Ruling | None:
    """Nobody can take it: the supervisor names somebody, with the shortest waits before her."""
    waits = shortest_waits(case)
    return Ruling(Verdict("A14", "nobody"), Answer(Outcome.ESCALATE, owner=case.owner, waits=waits))


def shortest_waits(case: Case) -> tuple[Wait, ...]:
    """The busy seats that could take the visit once they are free: fewest already waiting first, then soonest."""
    seats, found, now = case.situation.board.seats, case.found, case.situation.now
    waits = []
    for index in case.asked:
        if found[index].cause is Cause.BUSY:
            seat = seats[index]
            before = len([held for held in seat.visits if not held.entered])
            waits.append(Wait(seat.consultant, minutes_left(seat, now), before))
    return tuple(sorted(waits, key=lambda wait: (wait.minutes is None, wait.before, wait.minutes or 0)))
