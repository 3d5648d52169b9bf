"""What changes after a visit was given out: T7, T8 and the K rules.

Each function looks at the board as it is and returns what a correction amounts to: a decision that says who has the
visit now and what became of the turn it used, or an entry. Nothing that was written is changed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .allocate import Answer, Case, a10_referral, allocate, by_rules, decided, stand_in
from .classify import classify
from .decision import Decision, Outcome, Params, Previous, Refused, Situation, Verdict
from .facts import (
    Board,
    Cause,
    Fate,
    Fault,
    Held,
    OtherReason,
    Purpose,
    Referral,
    Seat,
    Turn,
    VisitType,
)
from .ledger import (
    Allocated,
    Corrected,
    Declined,
    Entered,
    Entry,
    Escalated,
    LedgerError,
    Left,
    Moved,
    OwnerAsked,
    Released,
    Returned,
    Undone,
    entry_to_json,
    fold,
)
from .policy import Policy
from .rotation import FREE_NOW, minutes_left

# Who waits for her own consultant: a stand-in helps when she does not want to (A7).
OWNER_RULES = ("A6", "A7", "A9", "A10")
Undoable = Allocated | Released | Returned | Corrected | Escalated | OwnerAsked


def decline(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Declined:
    """T7: the allocated consultant declines; the visit is then allocated again, with her in `Arrival.declined_by`.

    Raises Refused where the policy forbids it, and once the visitor is in the room.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        raise Refused("T7", "not_allocated")
    if policy.decline == "forbidden":
        raise Refused("T7", "forbidden", {"consultant": seat.consultant})
    if held.entered:
        raise Refused("T7", "in_room", {"consultant": seat.consultant})
    return Declined(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn)


def leave(board: Board, policy: Policy, *, visit: str, at: datetime, by: str, reason: str = "") -> Left:
    """T8: the visitor walks out. A turn is returned within `left_early_minutes` of allocation, unless she went in.

    Raises Refused when the visit is neither with a seat nor waiting for a name.
    """
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat else None
    if seat is None or held is None:
        if board.pending_for(visit) is None:
            raise Refused("T8", "not_allocated")
        return Left(at=at, by=by, reason=reason, visit=visit)
    early = at - held.at <= timedelta(minutes=policy.left_early_minutes)
    returned = early and not held.entered and held.turn is not Turn.FREE
    return Left(at=at, by=by, reason=reason, visit=visit, seat=seat.consultant, turn=held.turn, returned=returned)


def not_offered(situation: Situation, *, reason: str = "") -> Decision:
    """K1: the project is not offered here. The visit becomes `other` and creates no owner; it stays where it is.

    Raises Refused when the visit is with nobody.
    """
    _, held, case = _with_her("K1", situation, other=OtherReason.NOT_OFFERED)
    fate = _returned_if(situation.policy.not_offered_returns, held)
    return _stays(case, "K1", "not_offered", fate, owner=case.owner, reason=reason)


def cannot_do(situation: Situation, *, reason: str = "") -> Decision:
    """K2: it was decided that it cannot be done here. The visit becomes `other`; it stays where it is.

    Raises Refused when the visit is with nobody.
    """
    _, held, case = _with_her("K2", situation, other=OtherReason.CANNOT_DO)
    fate = _returned_if(situation.policy.cannot_do_returns, held)
    return _stays(case, "K2", "cannot_do", fate, owner=held.owner, reason=reason)


def referral_found(situation: Situation, *, referral: Referral, reason: str = "") -> Decision:
    """K3: a referral is discovered during consultation. The referrer's owner receives as A10 and A7 say, free, and the
    first receiver's turn is returned; she stays with her when the owner is absent or the referral is none.

    Raises Refused when the visit is with nobody or is no first visit.
    """
    seat, held, case = _with_her("K3", situation, referral=referral)
    if case.typing.visit_type is not VisitType.FIRST or case.belongs:
        raise Refused("K3", "not_first")
    ruling = a10_referral(case)
    answer = ruling.answer if ruling is not None else None
    params: Params = ruling.verdict.params if ruling is not None else {}
    fate = _returned_if(True, held)
    if answer is None or answer.consultant is None:
        return _stays(
            case,
            "K3",
            ruling.verdict.says if ruling else "unknown",
            _stands(held),
            owner=held.owner,
            params=params,
            reason=reason,
        )
    owner = answer.owner
    if owner is None or case.present_seat(owner) is None:
        return _stays(
            case, "K3", "absent", _stands(held), owner=held.owner, params={"owner": owner or ""}, reason=reason
        )
    if answer.consultant == seat.consultant:
        return _stays(case, "K3", "hers", fate, owner=owner, params={"owner": owner}, reason=reason)
    says = "owner" if answer.consultant == owner else "stand_in"
    return _moves(case, "K3", Verdict("K3", says, {"owner": owner, "seat": answer.consultant}), answer, fate, reason)


def change_consultant(situation: Situation, *, designates: str | None = None, reason: str = "") -> Decision:
    """K4: the visitor asks for another consultant.

    A first visit goes to the next in turn, or to whom she designates when that one is here; the first receiver's turn
    stands, on a team board a designation returns it. For a visitor of somebody's own the supervisor is asked to name
    the new consultant, unless she designates her. With `change_credit: first` whoever she belonged to keeps her. Raises
    Refused when the visit is with nobody, or she names the same.
    """
    seat, held, case = _with_her("K4", situation, without=True)
    if designates == seat.consultant:
        raise Refused("K4", "same", {"consultant": designates})
    named = case.present_seat(designates) if designates is not None else None
    first = case.typing.visit_type is VisitType.FIRST and not case.belongs
    fate = _stands(held)
    stays = situation.policy.change_credit == "first"
    if named is not None:
        if situation.policy.preset == "teams":
            fate = _returned_if(True, held)
        turn = Turn(situation.policy.designation) if first else Turn.FREE
        owner = held.owner if stays else case.owner_after_choice(named.consultant)
        answer = _to(case, named, turn, "A4" if first else "T2", owner)
        return _moves(case, "K4", Verdict("K4", "designated", {"consultant": named.consultant}), answer, fate, reason)
    if not first:
        answer = Answer(Outcome.NONE, owner=held.owner, others="to_be_named", everyone=True)
        return replace(
            _moves(case, "K4", Verdict("K4", "asked", {"consultant": seat.consultant}), answer, fate, reason), asks="K4"
        )
    verdict = Verdict("K4", "next", {"consultant": seat.consultant})
    decision = by_rules(case, [case.typing.verdict, verdict], start="A12", rule="K4")
    if stays:
        decision = replace(decision, owner=held.owner)
    return _corrected(case, decision, fate, reason)


def wait_over(situation: Situation, *, reason: str = "") -> Decision:
    """K5: the visit has waited long enough for a busy consultant.

    A first visit is exchanged: the next free seat receives, counted, and owes the next turn that comes to it; a visitor
    of somebody's own gets a stand-in. Raises Refused when she has not waited long enough or for nobody busy, and when
    nobody is free.
    """
    seat, held, case = _with_her("K5", situation, without=True)
    waited_long_enough(situation, seat, held)
    params: Params = {"consultant": seat.consultant, "minutes": situation.policy.max_wait_minutes}
    if case.typing.visit_type is not VisitType.FIRST or case.belongs:
        ruling = stand_in(
            case, "K5", "stand_in", {"owner": held.owner or seat.consultant}, held.owner or seat.consultant
        )
        if ruling.answer is None:
            answer = Answer(Outcome.ESCALATE, owner=held.owner, others="to_be_named")
            return replace(_moves(case, "K5", ruling.verdict, answer, _stands(held), reason), asks="A14")
        return _moves(case, "K5", ruling.verdict, ruling.answer, _stands(held), reason)
    free = [case.places[index] for index in case.order if case.places[index].found is FREE_NOW]
    place = next((one for one in free if one.key not in case.without), None)
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
    decision = _moves(case, "K5", verdict, answer, Fate.EXCHANGED if counted else _stands(held), reason)
    assert decision.previous is not None
    return replace(decision, previous=replace(decision.previous, exchanged=counted))


def waited_long_enough(situation: Situation, seat: Seat, held: Held) -> None:
    """Raise Refused unless the visit waits for a busy consultant, and for `max_wait_minutes` or longer (K5)."""
    before_her = [one for one in seat.visits if one.visit != held.visit]
    if held.entered or not (before_her or seat.stated_busy):
        raise Refused("K5", "not_waiting", {"consultant": seat.consultant})
    if situation.now - held.at < timedelta(minutes=situation.policy.max_wait_minutes):
        raise Refused("K5", "too_early", {"minutes": situation.policy.max_wait_minutes})


def misallocated(
    situation: Situation, *, owner: str, fault: Fault | None = None, finished: Previous | None = None, reason: str = ""
) -> Decision:
    """K6: the visitor has an owner, found out later. She goes back to her; the receiver's turn is returned.

    A busy owner is waited for; when she is absent the receiver keeps the visit in her place. `finished` says who
    received, once the consultation is over: then only the turn comes back. Raises Refused when nobody has the visit.
    """
    says = f"fault_{fault.value}" if fault is not None else "owner"
    if finished is not None:
        case = Case(situation, classify(situation.arrival, situation.person, situation.policy))
        answer = Answer(Outcome.NONE, owner=owner, others="not_owner", everyone=True, params={"owner": owner})
        verdict = Verdict("K6", says, {"owner": owner})
        returned = finished.turn is not None and finished.turn is not Turn.FREE
        fate = Fate.RETURNED if returned else Fate.FREE
        decision = decided(case, "K6", answer, [case.typing.verdict, verdict])
        return replace(decision, previous=replace(finished, fate=fate), reason=reason, answers=None)
    seat, held, case = _with_her("K6", situation)
    fate = _returned_if(True, held)
    hers = case.present_seat(owner)
    if owner == seat.consultant or hers is None:
        says = "absent" if hers is None and owner != seat.consultant else says
        return _stays(case, "K6", says, fate, owner=owner, params={"owner": owner}, reason=reason)
    answer = _to(case, hers, Turn.FREE, "T2", owner)
    return _moves(case, "K6", Verdict("K6", says, {"owner": owner}), answer, fate, reason)


def transfer(situation: Situation, *, to: str, reason: str = "") -> Decision:
    """K7: the consultant cannot serve the case and passes it on. Her turn stays used, the receiver's is free.

    Raises Refused when the visit is with nobody, or the receiver is not here or is herself.
    """
    seat, held, case = _with_her("K7", situation)
    if to == seat.consultant:
        raise Refused("K7", "same", {"consultant": to})
    hers = case.present_seat(to)
    if hers is None:
        raise Refused("K7", "named_absent", {"consultant": to})
    first = case.typing.visit_type is VisitType.FIRST and not case.belongs
    answer = _to(case, hers, Turn.FREE, "K7", to if first else held.owner)
    verdict = Verdict("K7", "transferred", {"former": seat.consultant, "consultant": to})
    return _moves(case, "K7", verdict, answer, _stands(held), reason)


def refuse_wait(situation: Situation, *, reason: str = "") -> Decision:
    """The visitor does not want to wait for the consultant she was given to.

    One she designated: the visit goes round (A4). Her owner: a stand-in receives (A7). Raises Refused otherwise.
    """
    seat, held, case = _with_her("A4", situation, without=True)
    before_her = [one for one in seat.visits if one.visit != held.visit]
    if held.entered or not (before_her or seat.stated_busy):
        raise Refused("A4", "not_waiting", {"consultant": seat.consultant})
    fate = _stands(held) if held.turn is Turn.FREE else Fate.UNDONE
    if held.rule in OWNER_RULES and held.owner == seat.consultant:
        ruling = stand_in(case, "A7", "refused", {"owner": seat.consultant}, seat.consultant)
        if ruling.answer is None:
            decision = by_rules(case, [case.typing.verdict, ruling.verdict], start="A14")
            return _corrected(case, decision, fate, reason)
        return _moves(case, "A7", ruling.verdict, ruling.answer, fate, reason)
    if held.rule != "A4":
        raise Refused("A4", "no_wait_offered")
    verdict = Verdict("A4", "wait_refused", {"consultant": seat.consultant})
    return _corrected(case, by_rules(case, [case.typing.verdict, verdict], start="A12"), fate, reason)


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
    return replace(situation, board=replace(entry.applied(board, board.sequence), sequence=board.sequence))


def _with_her(
    rule: str,
    situation: Situation,
    *,
    without: bool = False,
    other: OtherReason | None = None,
    referral: Referral | None = None,
) -> tuple[Seat, Held, "_Correction"]:
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
    return seat, held, _Correction(situation, free, (key,) if without else ())


class _Correction(Case):
    """The case of a correction: the rules see the visit as free, the decision is made on the board as it is."""

    __slots__ = ("before",)

    def __init__(self, before: Situation, free: Situation, without: tuple[str, ...]) -> None:
        super().__init__(free, classify(free.arrival, free.person, free.policy), without=without)
        self.before = before


def _stands(held: Held) -> Fate:
    return Fate(held.turn.value)


def _returned_if(returns: bool, held: Held) -> Fate:
    return Fate.RETURNED if returns and held.turn is not Turn.FREE else _stands(held)


def _to(case: Case, seat: Seat, turn: Turn, turn_rule: str, owner: str | None) -> Answer:
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


def _moves(case: "_Correction", rule: str, verdict: Verdict, answer: Answer, fate: Fate, reason: str) -> Decision:
    decision = decided(case, rule, answer, [case.typing.verdict, verdict])
    return _corrected(case, decision, fate, reason)


def _corrected(case: "_Correction", decision: Decision, fate: Fate, reason: str) -> Decision:
    previous = moved_from(case.before.board, decision.visit, fate)
    asks = "A14" if decision.decision is Outcome.ESCALATE else ""
    return replace(decision, previous=previous, reason=reason, answers=None, asks=asks)


def _stays(
    case: "_Correction",
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


def undo(entries: Sequence[Entry], corrects: int, *, at: datetime, by: str, reason: str = "") -> Undone:
    """K8: take back entry number `corrects` of the day's whole ledger; what happened since stays.

    Allocations, namings, open questions and corrections can be undone. How many seconds it may be ago is for the
    caller to say. Raises Refused when it was undone already, or when a later entry depends on it: the visit went on, a
    later turn was given, the seat has the next visit or was passed over because of it, the order of seats changed.
    """
    if not 1 <= corrects <= len(entries):
        raise Refused("K8", "no_such_entry")
    entry = entries[corrects - 1]
    undone = {one.corrects for one in entries if isinstance(one, Undone)}
    if corrects in undone:
        raise Refused("K8", "undone_already")
    if not isinstance(entry, Undoable):
        raise Refused("K8", "not_an_allocation")
    since = [
        (sequence, later)
        for sequence, later in enumerate(entries[corrects:], start=corrects + 1)
        if sequence not in undone and not (isinstance(later, Undone) and later.corrects > corrects)
    ]
    for _, later in since:
        _refuse_dependent(entry, later)
    board = fold(entries)
    without = fold(entries[: corrects - 1])
    try:
        for sequence, later in since:
            without = later.applied(without, sequence)
        reverted = entry.reverted(board, corrects)
    except LedgerError as error:
        raise Refused("K8", "depends") from error
    if replace(reverted, sequence=0) != replace(without, sequence=0):
        raise Refused("K8", "depends")
    return Undone(at=at, by=by, reason=reason, corrects=corrects, entry=entry_to_json(entry))


def _refuse_dependent(entry: Entry, later: Entry) -> None:
    if getattr(later, "visit", None) == getattr(entry, "visit", None):
        raise Refused("K8", "visit_went_on")
    if isinstance(later, Entered) and isinstance(entry, Moved | Released) and entry.held.entered:
        left = entry.left_seat if isinstance(entry, Moved) else entry.seat
        if later.seat == left:
            raise Refused("K8", "seat_has_next", {"seat": left})
    if not isinstance(entry, Allocated) or not isinstance(later, Allocated):
        return
    if entry.lane is not None and later.lane == entry.lane:
        raise Refused("K8", "later_turn", {"seat": later.seat})
    if later.seat == entry.seat:
        raise Refused("K8", "seat_has_next", {"seat": later.seat})
    if any(passed.seat == entry.seat and passed.cause is Cause.BUSY for passed in later.passed):
        raise Refused("K8", "seat_was_passed", {"seat": entry.seat})
