"""Naming a consultant by hand: the answer to an open question (A8, A14), and the supervisor's override (K9)."""

from dataclasses import replace

from .allocate import Answer, Case, decided
from .classify import classify
from .decision import Decision, Namer, Outcome, Refused, Situation, Verdict
from .facts import Turn, VisitType
from .rotation import minutes_left


def name(situation: Situation, *, consultant: str, by: Namer, reason: str = "", turn: Turn | None = None) -> Decision:
    """The decision when somebody names who receives the visit.

    The visit waits for a name (A14: the supervisor gives it; A8: the owner or the supervisor); a first visit named
    under A14 is counted (T4), any other is free. With a `reason` the supervisor overrides (K9) for a visit nobody has
    yet, at the turn she says, a first visit counted unless she says otherwise. The pointer and owed turns stay.

    Raises Refused when nobody asked, when it is not hers to name, or when the one named is not here.
    """
    arrival, board = situation.arrival, situation.board
    typing = classify(arrival, situation.person, situation.policy)
    pending = board.pending_for(arrival.visit)
    override = bool(reason) and by is Namer.SUPERVISOR
    if pending is None and not override:
        raise Refused("A14", "nobody_asked")
    rule = "K9" if override else pending.rule if pending else "A14"
    if by is Namer.OWNER and rule != "A8":
        raise Refused(rule, "supervisor_names")
    if turn is not None and not override:
        raise Refused("K9", "turn_needs_reason")
    if turn is Turn.MAKE_UP:
        raise Refused("K9", "make_up_is_not_named")
    case = Case(situation, typing)
    seat = case.present_seat(consultant)
    if seat is None:
        raise Refused(rule, "named_absent", {"consultant": consultant})
    first = typing.visit_type is VisitType.FIRST
    if turn is None:
        turn = Turn.COUNTED if first and rule != "A8" else Turn.FREE
    turn_rule = "K9" if override else "T4" if turn is Turn.COUNTED else "T2"
    minutes = minutes_left(seat, situation.now) if seat.busy else 0
    answer = Answer(
        Outcome.WAIT if seat.busy else Outcome.ASSIGN,
        consultant=consultant,
        turn=turn,
        turn_rule=turn_rule,
        owner=case.owner_after(consultant),
        wait_minutes=minutes,
        others="not_named",
        everyone=True,
        params={"consultant": consultant},
    )
    says = "override" if override else f"named_by_{by.value}"
    verdict = Verdict(rule, says, {"consultant": consultant})
    decision = decided(case, rule, answer, [typing.verdict, verdict])
    return replace(decision, named_by=by, reason=reason)
