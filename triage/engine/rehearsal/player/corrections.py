"""Corrections, undo and naming by hand: what was decided about a visit becomes something else."""

from datetime import datetime

from ...corrections.findings import cannot_do, misallocated, not_offered, referral_found
from ...corrections.undoing import undo
from ...corrections.wishes import change_consultant, refuse_wait, transfer, wait_over, wants_consultation
from ...credit import shares_after_misallocation
from ...decision import Decision, Namer, Outcome, Previous, Refused, Verdict
from ...facts.people import Arrival, Referral
from ...facts.words import Fate, OtherReason, Purpose, ReferralBy, Turn
from ...ledger.folding import Undone
from ...naming import name
from ...records import replace
from ..day import Correct, CorrectionKind, Name
from .desk import Desk, Impossible, Line, Visit


def corrects(desk: Desk, event: Correct) -> list[Line]:
    """A K rule, an undo or a wish of the visitor; raises Impossible when the visit is over or never was."""
    visit = desk.visits.get(event.visitor)
    if visit is None:
        raise Impossible(f"{event.visitor} has not arrived")
    try:
        if event.kind is CorrectionKind.UNDO:
            return [_undone(desk, visit, event.at)]
        if visit.over and event.kind is not CorrectionKind.MISALLOCATED:
            raise Impossible(f"the visit of {event.visitor} is over")
        decision = _correction(desk, visit, event)
    except Refused as refused:
        return [desk.stands(visit, refused, event.at)]
    fate = decision.previous.fate if decision.previous is not None else None
    arrival = known_after(visit.arrival, event.kind, desk.referral(event.referrer, event.referral_by))
    if event.kind is CorrectionKind.MISALLOCATED and event.owner is not None:
        return [_misallocated(desk, visit, decision, event)]
    return [desk.carry_out(visit, decision, event.at, fate=fate, corrects=True, arrival=arrival)]


def known_after(arrival: Arrival, kind: CorrectionKind, referral: Referral | None = None) -> Arrival:
    """What is known of a visit once it was corrected; `referral`: the one that was found out (K3).

    A type the clerk set does not outlast the correction that makes another one of it.
    """
    match kind:
        case CorrectionKind.NOT_OFFERED | CorrectionKind.CANNOT_DO:
            return replace(arrival, other=OtherReason(kind.value), stated_type=None, stated_reason="")
        case CorrectionKind.REFERRAL:
            return replace(arrival, referral=referral)
        case CorrectionKind.WANTS_CONSULTATION:
            return replace(arrival, purpose=Purpose.CONSULT, after_review=True, stated_type=None, stated_reason="")
        case CorrectionKind.REFUSE_WAIT if arrival.designation is not None:
            return replace(arrival, designation=replace(arrival.designation, refuses_wait=True))
        case _:
            return arrival


def _correction(desk: Desk, visit: Visit, event: Correct) -> Decision:
    situation = desk.situation(visit.arrival, visit.visitor, event.at)
    match event.kind:
        case CorrectionKind.NOT_OFFERED:
            return not_offered(situation, reason=event.reason)
        case CorrectionKind.CANNOT_DO:
            return cannot_do(situation, reason=event.reason)
        case CorrectionKind.REFERRAL:
            referral = desk.referral(event.referrer, event.referral_by or ReferralBy.VISITOR)
            assert referral is not None
            return referral_found(situation, referral=referral, reason=event.reason)
        case CorrectionKind.CHANGE_CONSULTANT:
            return change_consultant(situation, designates=event.designates, reason=event.reason)
        case CorrectionKind.WAIT_OVER:
            return wait_over(situation, reason=event.reason)
        case CorrectionKind.TRANSFER:
            return transfer(situation, to=event.to or "", reason=event.reason)
        case CorrectionKind.REFUSE_WAIT:
            return refuse_wait(situation, reason=event.reason)
        case CorrectionKind.WANTS_CONSULTATION:
            return wants_consultation(situation)
        case _:
            finished = None
            if visit.over and visit.receiver is not None:
                turn = visit.turn or Turn.FREE
                finished = Previous(seat=visit.receiver, fate=Fate.FREE, turn=turn, team=visit.team)
            return misallocated(
                situation, owner=event.owner or "", fault=event.fault, finished=finished, reason=event.reason
            )


def _misallocated(desk: Desk, visit: Visit, decision: Decision, event: Correct) -> Line:
    owner, receiver = event.owner or "", visit.receiver or ""
    fate = decision.previous.fate if decision.previous is not None else None
    line = desk.carry_out(visit, decision, event.at, fate=fate, corrects=True)
    visit.owner = owner
    known = desk.persons.get(visit.visitor)
    if known is not None:
        desk.persons[visit.visitor] = replace(known, owner=owner)
    if not visit.deals:
        return line
    return replace(line, shares=shares_after_misallocation(owner=owner, receiver=receiver, fault=event.fault))


def _undone(desk: Desk, visit: Visit, at: datetime) -> Line:
    """K8: the newest entry about the visit that can be undone is taken back."""
    numbers = [
        number for number, entry in enumerate(desk.entries, start=1) if getattr(entry, "visit", None) == visit.number
    ]
    undone = {entry.corrects for entry in desk.entries if isinstance(entry, Undone)}
    number = max((one for one in numbers if one not in undone), default=0)
    desk.record(undo(desk.entries, number, at=at, by=""))
    seat = desk.board.seat_of(visit.number)
    held = seat.holds(visit.number) if seat is not None else None
    earlier = visit.before.get(number, visit)
    person = desk.persons.get(visit.visitor)
    if person is not None and earlier.person is not None and visit.last.rule == "K6":
        person = desk.persons[visit.visitor] = replace(person, owner=earlier.person.owner)
    owner = earlier.owner if visit.over else person.owner if person is not None else None
    last = earlier.last
    decision = replace(
        last,
        rule="K8",
        decision=Outcome.NONE if held is None else Outcome.ASSIGN,
        consultant=seat.consultant if seat is not None and held is not None else None,
        turn=held.turn if held is not None else None,
        turn_rule=held.turn_rule if held is not None else None,
        owner=held.owner if held is not None else owner,
        passed=(),
        ignored=(),
        wait_minutes=0,
        previous=None,
        trace=(*[one for one in last.trace if one.rule == last.type_rule], Verdict("K8", "undone")),
        seats=(),
        waits=(),
    )
    visit.last, visit.owner, visit.arrival, visit.team = decision, decision.owner, earlier.arrival, earlier.team
    visit.receiver, visit.turn, visit.turn_rule = decision.consultant, decision.turn, decision.turn_rule
    if visit.over:
        visit.receiver, visit.turn, visit.turn_rule = earlier.receiver, earlier.turn, earlier.turn_rule
    return Line(at, visit.visitor, decision, Fate.UNDONE, corrects=True, team=desk.team_of(decision))


def names(desk: Desk, event: Name) -> list[Line]:
    """The owner or the supervisor names who receives; raises Impossible when the visit is over or never was."""
    visit = desk.open_visit(event.visitor)
    situation = desk.situation(visit.arrival, visit.visitor, event.at)
    try:
        decision = name(
            situation, consultant=event.consultant, by=Namer(event.by), reason=event.reason, turn=event.turn
        )
    except Refused as refused:
        return [desk.stands(visit, refused, event.at, corrects=False)]
    fate = decision.previous.fate if decision.previous is not None else None
    return [desk.carry_out(visit, decision, event.at, fate=fate, corrects=fate is not None)]
