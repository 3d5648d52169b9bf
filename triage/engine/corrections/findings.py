"""K1, K2, K3 and K6: what is found out about a visit after it was given out."""

from ..allocate.case import Answer, Case
from ..allocate.deciding import decided
from ..allocate.owners import a10_referral
from ..classify import classify
from ..decision import Decision, Outcome, Params, Previous, Refused, Situation, Verdict
from ..facts.people import Referral
from ..facts.words import Fate, Fault, OtherReason, Turn, VisitType
from ..records import replace
from .case import given_to, moves, returned_if, stands, stays_with_her, with_her


def not_offered(situation: Situation, *, reason: str = "") -> Decision:
    """K1: the project is not offered here. The visit becomes `other` and creates no owner; it stays where it is.

    Raises Refused when the visit is with nobody.
    """
    _, held, case = with_her("K1", situation, other=OtherReason.NOT_OFFERED)
    fate = returned_if(situation.policy.not_offered_returns, held)
    return stays_with_her(case, "K1", "not_offered", fate, owner=case.owner, reason=reason)


def cannot_do(situation: Situation, *, reason: str = "") -> Decision:
    """K2: it was decided that it cannot be done here. The visit becomes `other`; it stays where it is.

    Raises Refused when the visit is with nobody.
    """
    _, held, case = with_her("K2", situation, other=OtherReason.CANNOT_DO)
    fate = returned_if(situation.policy.cannot_do_returns, held)
    return stays_with_her(case, "K2", "cannot_do", fate, owner=held.owner, reason=reason)


def referral_found(situation: Situation, *, referral: Referral, reason: str = "") -> Decision:
    """K3: a referral is discovered during consultation. The referrer's owner receives as A10 and A7 say, free, and the
    first receiver's turn is returned; she stays with her when the owner is absent or the referral is none.

    Raises Refused when the visit is with nobody or is no first visit.
    """
    seat, held, case = with_her("K3", situation, referral=referral)
    if case.typing.visit_type is not VisitType.FIRST or case.belongs:
        raise Refused("K3", "not_first")
    ruling = a10_referral(case)
    answer = ruling.answer if ruling is not None else None
    params: Params = ruling.verdict.params if ruling is not None else {}
    fate = returned_if(True, held)
    if answer is None or answer.consultant is None:
        return stays_with_her(
            case,
            "K3",
            ruling.verdict.says if ruling else "unknown",
            stands(held),
            owner=held.owner,
            params=params,
            reason=reason,
        )
    owner = answer.owner
    if owner is None or case.present_seat(owner) is None:
        return stays_with_her(
            case, "K3", "absent", stands(held), owner=held.owner, params={"owner": owner or ""}, reason=reason
        )
    if answer.consultant == seat.consultant:
        return stays_with_her(case, "K3", "hers", fate, owner=owner, params={"owner": owner}, reason=reason)
    says = "owner" if answer.consultant == owner else "stand_in"
    return moves(case, "K3", Verdict("K3", says, {"owner": owner, "seat": answer.consultant}), answer, fate, reason)


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
    seat, held, case = with_her("K6", situation)
    fate = returned_if(True, held)
    hers = case.present_seat(owner)
    if owner == seat.consultant or hers is None:
        says = "absent" if hers is None and owner != seat.consultant else says
        return stays_with_her(case, "K6", says, fate, owner=owner, params={"owner": owner}, reason=reason)
    answer = given_to(case, hers, Turn.FREE, "T2", owner)
    return moves(case, "K6", Verdict("K6", says, {"owner": owner}), answer, fate, reason)
