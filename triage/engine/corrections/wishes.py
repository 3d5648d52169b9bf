"""K4, K5, K7, a refused wait and C4: the visit is to go to somebody else, or a review wants a consultation."""

from dataclasses import replace
from datetime import timedelta

from ..allocate.case import Answer
from ..allocate.deciding import allocate, by_rules
from ..allocate.owners import stand_in
from ..classify import classify
from ..decision import Decision, Outcome, Params, Refused, Situation, Verdict
from ..facts.board import Held, Seat
from ..facts.words import Fate, Purpose, Turn, VisitType
from ..rotation import FREE_NOW
from .case import corrected, given_to, moves, returned_if, stands, with_her

# Who waits for her own consultant: a stand-in helps when she does not want to (A7).
OWNER_RULES = ("A6", "A7", "A9", "A10")


def change_consultant(situation: Situation, *, designates: str | None = None, reason: str = "") -> Decision:
    """K4: the visitor asks for another consultant.

    A first visit goes to the next in turn, or to whom she designates when that one is here; the first receiver's turn
    stands, on a team board a designation returns it. For a visitor of somebody's own the supervisor is asked to name
    the new consultant, unless she designates her. With `change_credit: first` whoever she belonged to keeps her. Raises
    Refused when the visit is with nobody, or she names the same.
    """
    seat, held, case = with_her("K4", situation, without=True)
    if designates == seat.consultant:
        raise Refused("K4", "same", {"consultant": designates})
    named = case.present_seat(designates) if designates is not None else None
    first = case.typing.visit_type is VisitType.FIRST and not case.belongs
    fate = stands(held)
    stays = situation.policy.change_credit == "first"
    if named is not None:
        if situation.policy.preset == "teams":
            fate = returned_if(True, held)
        turn = Turn(situation.policy.designation) if first else Turn.FREE
        owner = held.owner if stays else case.owner_after_choice(named.consultant)
        answer = given_to(case, named, turn, "A4" if first else "T2", owner)
        return moves(case, "K4", Verdict("K4", "designated", {"consultant": named.consultant}), answer, fate, reason)
    if not first:
        answer = Answer(Outcome.NONE, owner=held.owner, others="to_be_named", everyone=True)
        return replace(
            moves(case, "K4", Verdict("K4", "asked", {"consultant": seat.consultant}), answer, fate, reason), asks="K4"
        )
    verdict = Verdict("K4", "next", {"consultant": seat.consultant})
    decision = by_rules(case, [case.typing.verdict, verdict], start="A12", rule="K4")
    if stays:
        decision = replace(decision, owner=held.owner)
    return corrected(case, decision, fate, reason)


def wait_over(situation: Situation, *, reason: str = "") -> Decision:
    """K5: the visit has waited long enough for a busy consultant.

    A first visit is exchanged: the next free seat receives, counted, and owes the next turn that comes to it; a visitor
    of somebody's own gets a stand-in. Raises Refused when she has not waited long enough or for nobody busy, and when
    nobody is free.
    """
    seat, held, case = with_her("K5", situation, without=True)
    waited_long_enough(situation, seat, held)
    params: Params = {"consultant": seat.consultant, "minutes": situation.policy.max_wait_minutes}
    if case.typing.visit_type is not VisitType.FIRST or case.belongs:
        ruling = stand_in(
            case, "K5", "stand_in", {"owner": held.owner or seat.consultant}, held.owner or seat.consultant
        )
        if ruling.answer is None:
            answer = Answer(Outcome.ESCALATE, owner=held.owner, others="to_be_named")
            return replace(moves(case, "K5", ruling.verdict, answer, stands(held), reason), asks="A14")
        return moves(case, "K5", ruling.verdict, ruling.answer, stands(held), reason)
    places = [case.places.at(index) for index in case.order]
    place = next((one for one in places if one.found is FREE_NOW and one.key not in case.without), None)
    if place is None:
        raise Refused("K5", "nobody_free")
    counted = held.turn is not Turn.FREE
    answer = Answer(
        Outcome.ASSIGN,
        consultant=place.person,
        turn=Turn.COUNTED,
        turn_rule="K5",
        owner=case.owner_after(place.person),
        place=place,
    )
    verdict = Verdict("K5", "exchanged" if counted else "next", {**params, "seat": place.person})
    decision = moves(case, "K5", verdict, answer, Fate.EXCHANGED if counted else stands(held), reason)
    assert decision.previous is not None
    return replace(decision, previous=replace(decision.previous, exchanged=counted))


def waited_long_enough(situation: Situation, seat: Seat, held: Held) -> None:
    """Raise Refused unless the visit waits for a busy consultant, and for `max_wait_minutes` or longer (K5)."""
    before_her = [one for one in seat.visits if one.visit != held.visit]
    if held.entered or not (before_her or seat.stated_busy):
        raise Refused("K5", "not_waiting", {"consultant": seat.consultant})
    limit = situation.policy.max_wait_minutes
    left = timedelta(minutes=limit) - (situation.now - held.at)
    if left > timedelta():
        raise Refused("K5", "too_early", {"minutes": limit, "left": -(-left // timedelta(minutes=1))})


def transfer(situation: Situation, *, to: str, reason: str = "") -> Decision:
    """K7: the consultant cannot serve the case and passes it on. Her turn stays used, the receiver's is free.

    Raises Refused when the visit is with nobody, or the receiver is not here or is herself.
    """
    seat, held, case = with_her("K7", situation)
    if to == seat.consultant:
        raise Refused("K7", "same", {"consultant": to})
    hers = case.present_seat(to)
    if hers is None:
        raise Refused("K7", "named_absent", {"consultant": to})
    first = case.typing.visit_type is VisitType.FIRST and not case.belongs
    answer = given_to(case, hers, Turn.FREE, "K7", to if first else held.owner)
    verdict = Verdict("K7", "transferred", {"former": seat.consultant, "consultant": to})
    return moves(case, "K7", verdict, answer, stands(held), reason)


def refuse_wait(situation: Situation, *, reason: str = "") -> Decision:
    """The visitor does not want to wait for the consultant she was given to.

    One she designated: the visit goes round (A4). Her owner: a stand-in receives (A7). At a department's desk, the
    doctor it belongs to: she agrees to another, and the visit goes round (A1). Raises Refused otherwise.
    """
    seat, held, case = with_her("A4", situation, without=True)
    before_her = [one for one in seat.visits if one.visit != held.visit]
    if held.entered or not (before_her or seat.stated_busy):
        raise Refused("A4", "not_waiting", {"consultant": seat.consultant})
    fate = stands(held) if held.turn is Turn.FREE else Fate.UNDONE
    if held.rule in OWNER_RULES and held.owner == seat.consultant:
        ruling = stand_in(case, "A7", "refused", {"owner": seat.consultant}, seat.consultant)
        if ruling.answer is None:
            decision = by_rules(case, [case.typing.verdict, ruling.verdict], start="A14")
            return corrected(case, decision, fate, reason)
        return moves(case, "A7", ruling.verdict, ruling.answer, fate, reason)
    at_desk = situation.arrival.at_desk is not None and held.rule == "A1"
    if held.rule != "A4" and not at_desk:
        raise Refused("A4", "no_wait_offered")
    rule, says = ("A1", "agreed_busy") if at_desk else ("A4", "wait_refused")
    verdict = Verdict(rule, says, {"consultant": seat.consultant})
    return corrected(case, by_rules(case, [case.typing.verdict, verdict], start="A12"), fate, reason)


def wants_consultation(situation: Situation) -> Decision:
    """A review visitor asks for a consultation: C4 from now on, and given out as such.

    Raises Refused when the visit is no review or is with somebody already.
    """
    arrival = situation.arrival
    typing = classify(arrival, situation.person, situation.policy)
    if typing.visit_type is not VisitType.REVIEW or situation.board.seat_of(arrival.visit) is not None:
        raise Refused("C4", "no_review")
    wants = replace(arrival, purpose=Purpose.CONSULT, after_review=True, stated_type=None, stated_reason="")
    return allocate(replace(situation, arrival=wants))
