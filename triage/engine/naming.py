"""Naming a consultant by hand: the answer to an open question (A8, A14, K4), a helper (K5), an override (K9)."""

from dataclasses import replace
from datetime import timedelta

from .allocate.case import Answer, Case
from .allocate.deciding import decided
from .classify import classify
from .corrections.case import moved_from, released
from .corrections.wishes import waited_long_enough
from .decision import Decision, Namer, Outcome, Refused, Situation, Verdict
from .facts.board import Held, Pending, Seat
from .facts.words import Fate, Turn, VisitType
from .rotation import minutes_left


def name(situation: Situation, *, consultant: str, by: Namer, reason: str = "", turn: Turn | None = None) -> Decision:
    """The decision when somebody names who receives the visit.

    The visit waits for a name (A14, K4: the supervisor gives it; A8: the owner or the supervisor); a first visit named
    under A14 is counted (T4), any other is free. The owner of a visitor who has waited for her for too long names a
    colleague to help, and keeps her (K5). With a `reason` the supervisor overrides (K9), at the turn she says, a first
    visit counted unless she says otherwise; what somebody else had used for it is returned. The pointer and owed turns
    stay. Under `senior_phone` the visitor's own phone consultant may be named, who has no seat, once the visit has
    waited `max_wait_minutes` (A14).

    Raises Refused when nobody asked, when it is not hers to name, or when the one named is not here or may not do what
    the visitor comes to a department for.
    """
    board, visit = situation.board, situation.arrival.visit
    pending = board.pending_for(visit)
    override = bool(reason) and by is Namer.SUPERVISOR
    seat = board.seat_of(visit)
    held = seat.holds(visit) if seat is not None else None
    rule = _rule(pending, override, by, held)
    if turn is not None and not override:
        raise Refused("K9", "turn_needs_reason")
    if turn is Turn.MAKE_UP:
        raise Refused("K9", "make_up_is_not_named")
    if seat is not None and held is not None:
        if rule == "K5":
            waited_long_enough(situation, seat, held)
        if seat.consultant == consultant:
            raise Refused(rule, "same", {"consultant": consultant})
    free = released(situation) if held is not None else situation
    case = Case(free, classify(situation.arrival, situation.person, situation.policy))
    hers = case.present_seat(consultant)
    seated = any(one.consultant == consultant for one in situation.board.seats)
    allowed = hers is not None if seated else _may_be_guest(situation, consultant, rule, pending)
    guest = allowed and hers is None
    if not allowed:
        raise Refused(rule, "named_absent", {"consultant": consultant})
    if consultant in case.barred:
        raise Refused("A1", "barred", {"consultant": consultant})
    answer = _answer(case, hers, consultant, rule, turn, held, pending)
    says = "override" if rule == "K9" else "helper" if rule == "K5" else f"named_by_{by.value}"
    decision = decided(case, rule, answer, [case.typing.verdict, Verdict(rule, says, {"consultant": consultant})])
    previous = None
    if held is not None:
        returned = rule == "K9" and held.turn is not Turn.FREE
        previous = moved_from(board, visit, Fate.RETURNED if returned else Fate(held.turn.value))
    return replace(decision, named_by=by, reason=reason, guest=guest, previous=previous)


def _rule(pending: Pending | None, override: bool, by: Namer, held: Held | None) -> str:
    """The rule by which somebody is named; raises Refused when nobody asked, or it is not hers to name."""
    if override:
        return "K9"
    if pending is None:
        if by is Namer.OWNER and held is not None and not held.entered:
            return "K5"
        raise Refused("A14", "nobody_asked")
    if by is Namer.OWNER and pending.rule != "A8":
        raise Refused(pending.rule, "supervisor_names")
    return pending.rule


def _answer(
    case: Case,
    seat: Seat | None,
    consultant: str,
    rule: str,
    turn: Turn | None,
    held: Held | None,
    pending: Pending | None,
) -> Answer:
    first = case.typing.visit_type is VisitType.FIRST and not case.belongs
    wish = case.situation.arrival.at_desk
    if wish is not None:
        # On a department's board the turns of the rotation are those of visitors without a doctor of their own.
        first = wish.doctor is None
    if turn is None:
        turn = Turn.COUNTED if first and rule in ("A14", "K9") else Turn.FREE
    turn_rule = "K9" if rule == "K9" else "T4" if turn is Turn.COUNTED else "T2"
    owner = case.owner_after(consultant)
    if rule == "K5" and held is not None:
        owner = held.owner
    elif rule == "K4" and pending is not None:
        moves = case.situation.policy.change_credit == "new" and case.typing.visit_type is not VisitType.OTHER
        owner = consultant if moves else pending.owner
    elif pending is not None and pending.before is not None and pending.owner is not None:
        # Taken from somebody before nobody could take it: whoever she belonged to then, by K4, keeps her.
        owner = pending.owner if case.situation.policy.change_credit == "first" else owner
    busy = seat is not None and seat.busy
    return Answer(
        Outcome.WAIT if busy else Outcome.ASSIGN,
        consultant=consultant,
        turn=turn,
        turn_rule=turn_rule,
        owner=owner,
        wait_minutes=minutes_left(seat, case.situation.now) if seat is not None and busy else 0,
        others="not_named",
        everyone=True,
        params={"consultant": consultant},
    )


def _may_be_guest(situation: Situation, consultant: str, rule: str, pending: Pending | None) -> bool:
    """A14: whether the one named is the visitor's own phone consultant, and the visit has waited long enough."""
    known = situation.consultants.get(consultant)
    if rule != "A14" or pending is None or known is None or not known.phone or not situation.policy.senior_phone:
        return False
    if situation.arrival.agent != consultant:
        return False
    if situation.now - pending.since < timedelta(minutes=situation.policy.max_wait_minutes):
        raise Refused("A14", "phone_too_early", {"minutes": situation.policy.max_wait_minutes})
    return True
