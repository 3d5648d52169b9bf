"""A6 to A10: whose visitor she is, and who receives her while that one is busy, absent or gone."""

from ..decision import Outcome, Params, Verdict
from ..facts.words import Turn, VisitType
from ..rotation import walk
from .case import OWN_VISITORS, Answer, Case, Ruling, owner_today


def a9_succession(case: Case) -> Ruling | None:
    """The owner has left or moved: her successor is the owner, or else the visit goes round and finds a new one.

    Asked before the owner rules, which then look at the successor.
    """
    own = case.typing.visit_type in OWN_VISITORS or case.typing.rule == "C8"
    if not own or len(case.succession) == (0 if case.owner is None else 1) or _not_asked_for(case):
        return None
    first = case.succession[0]
    if case.owner is None:
        return Ruling(Verdict("A9", "nobody", {"former": first}), then="A12")
    params = {"former": first, "owner": case.owner}
    seat = case.present_seat(case.owner)
    verdict = Verdict("A9", "successor", params)
    if seat is None or seat.busy or case.owner in case.situation.arrival.declined_by:
        return Ruling(verdict)
    return Ruling(verdict, _to_owner(case.owner))


def a6_owner(case: Case) -> Ruling | None:
    """A return or repurchase visit goes to its owner."""
    if not case.belongs or case.owner is None:
        return None
    if _not_asked_for(case):
        return Ruling(Verdict("A6", "not_named", {"owner": case.owner}), then="A12")
    seat = case.present_seat(case.owner)
    verdict = Verdict("A6", "owner", {"owner": case.owner})
    if seat is None or seat.busy or case.owner in case.situation.arrival.declined_by:
        return Ruling(verdict)
    return Ruling(verdict, _to_owner(case.owner))


def a7_owner_busy(case: Case) -> Ruling | None:
    """The owner is busy: wait for her when it is short, else a stand-in. Who declined this visit is not asked twice."""
    if not case.belongs or case.owner is None:
        return None
    seat = case.present_seat(case.owner)
    if seat is None:
        return None
    params = {"owner": case.owner}
    if case.owner in case.situation.arrival.declined_by:
        return stand_in(case, "A7", "declined", params, case.owner)
    cause, minutes = case.openness(seat)
    if cause is None:
        waiting: Params = {**params, "minutes": minutes or 0, "limit": case.situation.policy.busy_wait_minutes}
        return Ruling(Verdict("A7", "wait" if minutes else "any_minute", waiting), _to_owner(case.owner, wait=minutes))
    return stand_in(case, "A7", "busy", params, case.owner)


def a8_owner_absent(case: Case) -> Ruling | None:
    """The owner is off, out, or has no seat here: she is asked, or a stand-in is taken."""
    if not case.belongs or case.owner is None:
        return None
    params = {"owner": case.owner}
    if case.situation.policy.owner_absent == "ask":
        answer = Answer(Outcome.ASK_OWNER, owner=case.owner, others="to_be_named", everyone=True)
        return Ruling(Verdict("A8", "ask", params), answer)
    return stand_in(case, "A8", "absent", params, case.owner)


def a10_referral(case: Case) -> Ruling | None:
    """A first visitor brought by an existing one goes to the referrer's owner."""
    referral = case.situation.arrival.referral
    if referral is None or case.typing.visit_type is not VisitType.FIRST or case.belongs:
        return None
    if referral.referrer is None:
        return Ruling(Verdict("A10", "unknown"), then="A12")
    if len(set(referral.referrer.received_by)) > 1:
        return Ruling(Verdict("A10", "several"), then="A12")
    owner, _ = owner_today(case.situation, referral.referrer.owner)
    if owner is None:
        return Ruling(Verdict("A10", "no_owner"), then="A12")
    params = {"owner": owner}
    seat = case.present_seat(owner)
    if seat is None:
        return _referral_while_absent(case, owner)
    if owner in case.situation.arrival.declined_by:
        return stand_in(case, "A10", "declined", params, owner)
    cause, minutes = case.openness(seat)
    if cause is not None:
        return stand_in(case, "A10", "busy", params, owner)
    return Ruling(Verdict("A10", "owner", params), _to_owner(owner, wait=minutes))


def _referral_while_absent(case: Case, owner: str) -> Ruling:
    """The referrer's owner is absent: the stand-in she named beforehand, if that one can take it; else rotation."""
    name = case.consultant(owner).stand_in
    seat = case.present_seat(name) if name is not None else None
    if seat is None or seat.consultant in case.situation.arrival.declined_by:
        return Ruling(Verdict("A10", "absent", {"owner": owner}), then="A12")
    cause, minutes = case.openness(seat)
    if cause is not None:
        return Ruling(Verdict("A10", "absent", {"owner": owner}), then="A12")
    return Ruling(
        Verdict("A10", "stand_in", {"owner": owner, "seat": seat.consultant}),
        _to_owner(owner, wait=minutes)._replace(consultant=seat.consultant),
    )


def stand_in(case: Case, rule: str, says: str, params: Params, owner: str) -> Ruling:
    """A7: the first seat from the pointer that could take it, free of charge; nothing moves. Nobody: A14."""
    found = walk(case.places, case.order, (), case.without)
    if found.taker is None:
        return Ruling(Verdict(rule, f"{says}_nobody", params), then="A14")
    seat = found.taker.person
    minutes = found.taker.found.minutes
    return Ruling(
        Verdict(rule, says, {**params, "seat": seat}),
        Answer(
            Outcome.ASSIGN if minutes is None else Outcome.WAIT,
            consultant=seat,
            turn=Turn.FREE,
            turn_rule="T2",
            owner=owner,
            wait_minutes=minutes or 0,
        ),
    )


def _to_owner(owner: str, wait: int | None = None) -> Answer:
    return Answer(
        Outcome.ASSIGN if wait is None else Outcome.WAIT,
        consultant=owner,
        turn=Turn.FREE,
        turn_rule="T2",
        owner=owner,
        wait_minutes=wait or 0,
        others="not_owner",
        everyone=True,
        params={"owner": owner},
    )


def _not_asked_for(case: Case) -> bool:
    """`return_to: named`: she goes to her owner only when she asks for her."""
    if case.situation.policy.return_to != "named" or case.typing.rule == "C8":
        return False
    designation = case.designation()
    return designation is None or designation.consultant != case.owner
