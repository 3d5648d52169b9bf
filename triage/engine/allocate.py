"""Who receives this visit? The A rules, in order; the first that answers wins.

Each rule is a function of the case that returns None when it has nothing to say, or a `Ruling`: its verdict for the
trace, and with it an answer, or the rule it hands over to. The trace is what the evaluation itself left behind.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from .classify import classify
from .decision import NO_PARAMS, Decision, Judgement, Outcome, Params, Situation, Typing, Verdict, Wait
from .facts import (
    FIRST_LANE,
    OTHER_LANE,
    Cause,
    Consultant,
    DesignatedBy,
    Designation,
    Employment,
    OtherReason,
    Owed,
    Presence,
    Seat,
    Turn,
    VisitType,
)
from .ledger import Allocated, Entry, Escalated, Named, OwnerAsked, Passed
from .rotation import Availability, Walk, availability, minutes_left, oldest_make_up, openness, walk, walk_order


class Answer(NamedTuple):
    """What a rule decided. `others` says of the seats that could have taken the visit why they did not.

    With `everyone` it says so of every other seat: they were not asked.
    """

    outcome: Outcome
    consultant: str | None = None
    turn: Turn | None = None
    turn_rule: str | None = None
    owner: str | None = None
    wait_minutes: int | None = 0
    passed: tuple[Passed, ...] = ()
    lane: str | None = None
    pointer_after: str | None = None
    make_up: Owed | None = None
    waits: tuple[Wait, ...] = ()
    others: str = "later"
    everyone: bool = False
    params: Params = NO_PARAMS


class Ruling(NamedTuple):
    """A rule's verdict, with its answer, or the id of the rule it hands over to; neither: the next rule is asked."""

    verdict: Verdict
    answer: Answer | None = None
    then: str | None = None


class Case:
    """A situation with what all rules need to know of it, worked out once."""

    __slots__ = ("found", "lane", "order", "owner", "project", "situation", "succession", "typing")

    def __init__(self, situation: Situation, typing: Typing) -> None:
        board, arrival = situation.board, situation.arrival
        self.situation = situation
        self.typing = typing
        self.project = major_project(situation)
        apart = typing.visit_type is VisitType.OTHER and not situation.policy.other_in_rotation
        self.lane = OTHER_LANE if apart else FIRST_LANE
        self.order = walk_order(board, self.lane)
        self.found = [
            availability(seat, self.consultant(seat.consultant), self.project, situation.now, situation.policy)
            for seat in board.seats
        ]
        owner = situation.person.owner if situation.person else None
        self.owner, self.succession = owner_today(situation, owner)
        if arrival.visit and board.seat_of(arrival.visit) is not None:
            raise ValueError(f"visit {arrival.visit!r} is with a seat already")

    def consultant(self, name: str) -> Consultant:
        """The facts about a consultant; a missing one is a mistake of the caller."""
        try:
            return self.situation.consultants[name]
        except KeyError:
            raise LookupError(f"nothing is known about consultant {name!r}") from None

    def present_seat(self, name: str) -> Seat | None:
        """Her seat when she is here, whether busy, suspended or not."""
        seat = self.situation.board.seat(name)
        if seat is None or seat.presence is not Presence.ON:
            return None
        return seat if self.consultant(name).employment is Employment.HERE else None

    def owner_after(self, receiver: str) -> str | None:
        """Whose visitor she is once `receiver` has the visit (O1, A9): an owner stays, else the receiver becomes it.

        An `other` visit makes nobody an owner.
        """
        if self.typing.visit_type is VisitType.FIRST:
            return receiver
        return receiver if self.owner is None and self.typing.visit_type is not VisitType.OTHER else self.owner

    def designated(self, *by: DesignatedBy) -> Designation | None:
        """The designation, if one of these made it."""
        designation = self.situation.arrival.designation
        return designation if designation is not None and designation.by in by else None

    def designation(self) -> Designation | None:
        """A designation that counts as the visitor's own (A4)."""
        if self.situation.policy.staff_introduction == "designation":
            return self.designated(DesignatedBy.VISITOR, DesignatedBy.STAFF, DesignatedBy.DEPARTMENT)
        return self.designated(DesignatedBy.VISITOR)

    def openness(self, seat: Seat) -> Availability:
        """Whether she could receive her own visitor: scope and suspension do not count."""
        return openness(seat, self.situation.now, self.situation.policy)


Rule = Callable[[Case], Ruling | None]

IGNORED = "ignored"
NO_CONSULTANT = (OtherReason.PAID_TREATMENT, OtherReason.REFUND, OtherReason.PRODUCT, OtherReason.COMPANION)


def allocate(situation: Situation) -> Decision:
    """The decision about an arrival. The same situation always gives the same decision.

    Raises LookupError when a consultant that matters is missing from the facts, ValueError when the visit is with a
    seat already.
    """
    typing = classify(situation.arrival, situation.person, situation.policy)
    case = Case(situation, typing)
    trace = [typing.verdict]
    wanted: str | None = None
    for name, rule in RULES:
        if wanted is not None and name != wanted:
            continue
        ruling = rule(case)
        if ruling is None:
            continue
        trace.append(ruling.verdict)
        if ruling.answer is not None:
            return decided(case, ruling.verdict.rule, ruling.answer, trace)
        wanted = ruling.then
    raise AssertionError("A14 answers whatever the others leave")


def decided(case: Case, rule: str, answer: Answer, trace: list[Verdict]) -> Decision:
    """The answer as a decision, with the turn's rule in the trace and a judgement for every seat."""
    situation = case.situation
    board = situation.board
    if answer.turn_rule is not None and answer.turn is not None:
        trace.append(_turn_verdict(answer.turn_rule, answer.turn.value))
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
        seats=_judgements(case, answer),
        lane=answer.lane,
        pointer_before=board.pointers.get(answer.lane) if answer.lane is not None else None,
        pointer_after=answer.pointer_after,
        make_up=answer.make_up,
        answers=board.pending_for(situation.arrival.visit),
    )


def entries_for(decision: Decision, *, at: datetime, by: str) -> tuple[Entry, ...]:
    """The ledger entries a confirmed decision means, in order; none when the visit needs no consultant."""
    if decision.decision is Outcome.ESCALATE:
        return (Escalated(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.decision is Outcome.ASK_OWNER and decision.owner is not None:
        return (OwnerAsked(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.consultant is None or decision.turn is None or decision.turn_rule is None:
        return ()
    waits = decision.decision is Outcome.WAIT
    if decision.named_by is not None:
        return (
            Named(
                at=at,
                by=by,
                reason=decision.reason,
                visit=decision.visit,
                seat=decision.consultant,
                rule=decision.rule,
                turn=decision.turn,
                turn_rule=decision.turn_rule,
                waits=waits,
                answers=decision.answers,
                named_by=decision.named_by.value,
            ),
        )
    return (
        Allocated(
            at=at,
            by=by,
            visit=decision.visit,
            seat=decision.consultant,
            rule=decision.rule,
            turn=decision.turn,
            turn_rule=decision.turn_rule,
            lane=decision.lane,
            passed=decision.passed,
            pointer_before=decision.pointer_before,
            pointer_after=decision.pointer_after,
            make_up=decision.make_up,
            waits=waits,
            answers=decision.answers,
        ),
    )


def major_project(situation: Situation) -> str | None:
    """The project the visit is judged by: the highest-ranked, the first named among equals; None when none is named."""
    projects = situation.arrival.projects
    if len(projects) < 2:
        return projects[0] if projects else None
    last = len(situation.ranks) + 1
    return min(projects, key=lambda project: situation.ranks.get(project, last))


def owner_today(situation: Situation, owner: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Who the owner is now that some have left (A9), and the consultants that lead there, the first owner first.

    None when the last of them has no successor; going round in a circle is having none.
    """
    chain: list[str] = []
    while owner is not None and owner not in chain:
        chain.append(owner)
        consultant = situation.consultants.get(owner)
        if consultant is None:
            raise LookupError(f"nothing is known about consultant {owner!r}")
        if consultant.employment is Employment.HERE:
            return owner, tuple(chain)
        owner = consultant.successor
    return None, tuple(chain)


def a1_no_consultant(case: Case) -> Ruling | None:
    """A review visit goes to its department's board and the operating doctor; some `other` visits need nobody."""
    other = case.situation.arrival.other
    if case.typing.visit_type is VisitType.OTHER and other in NO_CONSULTANT:
        if case.situation.policy.other_in_rotation:
            return None
        why = {"other": other.value} if other else NO_PARAMS
        nobody = Answer(Outcome.NONE, owner=case.owner, others="no_consultant", everyone=True)
        return Ruling(Verdict("A1", "other", why), nobody)
    if case.typing.visit_type is not VisitType.REVIEW:
        return None
    answer = Answer(Outcome.NONE, owner=case.owner, others="no_consultant", everyone=True)
    if case.owner is None:
        return Ruling(Verdict("A1", "review"), answer)
    return Ruling(Verdict("A1", "review_owner_told", {"owner": case.owner}), answer)


def c6_emergency(case: Case) -> Ruling | None:
    """A flag: the doctor comes first, and nothing else changes."""
    return Ruling(Verdict("C6", "emergency")) if case.situation.arrival.emergency else None


def a2_arrangement(case: Case) -> Ruling | None:
    """Management sends the visitor to a consultant; free unless management says counted."""
    designation = case.designated(DesignatedBy.MANAGEMENT)
    if designation is None:
        return None
    free = designation.turn is Turn.FREE
    return _to_named(case, "A2", designation, Turn.FREE if free else Turn.COUNTED, "T2" if free else "A2")


def a3_division(case: Case) -> Ruling | None:
    """A business division's customer goes to its contracted consultant, counted."""
    designation = case.designated(DesignatedBy.DIVISION)
    return None if designation is None else _to_named(case, "A3", designation, Turn.COUNTED, "T3")


def a5_third_party(case: Case) -> Ruling | None:
    """Somebody else's wish is set aside."""
    designation = case.designated(DesignatedBy.THIRD_PARTY)
    if designation is None:
        return None
    return Ruling(Verdict("A5", IGNORED, {"consultant": designation.consultant}))


def a13_introduction(case: Case) -> Ruling | None:
    """An introduction by staff or another department is ignored, or treated as a designation, by policy."""
    designation = case.designated(DesignatedBy.STAFF, DesignatedBy.DEPARTMENT)
    if designation is None:
        return None
    ignored = case.situation.policy.staff_introduction == "ignored"
    says = IGNORED if ignored else "as_designation"
    return Ruling(Verdict("A13", says, {"consultant": designation.consultant}))


def a4_designation(case: Case) -> Ruling | None:
    """The visitor names a consultant. Naming her owner is not one: A6 sees to that."""
    designation = case.designation()
    if designation is None or (_belongs(case) and designation.consultant == case.owner):
        return None
    return _to_named(case, "A4", designation, Turn(case.situation.policy.designation), "A4")


def a10_referral(case: Case) -> Ruling | None:
    """A first visitor brought by an existing one goes to the referrer's owner."""
    referral = case.situation.arrival.referral
    if referral is None or case.typing.visit_type is not VisitType.FIRST:
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
        return _stand_in(case, "A10", "declined", params, owner)
    cause, minutes = case.openness(seat)
    if cause is not None:
        return _stand_in(case, "A10", "busy", params, owner)
    return Ruling(Verdict("A10", "owner", params), _to_owner(owner, wait=minutes))


def a9_succession(case: Case) -> Ruling | None:
    """The owner has left or moved: her successor is the owner, or else the visit goes round and finds a new one.

    Asked before the owner rules, which then look at the successor.
    """
    if not _belongs(case) or len(case.succession) == (0 if case.owner is None else 1) or _not_asked_for(case):
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
    if not _belongs(case) or case.owner is None:
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
    if not _belongs(case) or case.owner is None:
        return None
    seat = case.present_seat(case.owner)
    if seat is None:
        return None
    params = {"owner": case.owner}
    if case.owner in case.situation.arrival.declined_by:
        return _stand_in(case, "A7", "declined", params, case.owner)
    cause, minutes = case.openness(seat)
    if cause is None:
        waiting: Params = {**params, "minutes": minutes or 0, "limit": case.situation.policy.busy_wait_minutes}
        return Ruling(Verdict("A7", "wait" if minutes else "any_minute", waiting), _to_owner(case.owner, wait=minutes))
    return _stand_in(case, "A7", "busy", params, case.owner)


def a8_owner_absent(case: Case) -> Ruling | None:
    """The owner is off, out, or has no seat here: she is asked, or a stand-in is taken."""
    if not _belongs(case) or case.owner is None:
        return None
    params = {"owner": case.owner}
    if case.situation.policy.owner_absent == "ask":
        answer = Answer(Outcome.ASK_OWNER, owner=case.owner, others="to_be_named", everyone=True)
        return Ruling(Verdict("A8", "ask", params), answer)
    return _stand_in(case, "A8", "absent", params, case.owner)


def a12_rotation(case: Case) -> Ruling | None:
    """Make-ups first, then one walk from the pointer."""
    board, policy = case.situation.board, case.situation.policy
    own_lane = case.lane == OTHER_LANE
    make_up = None if own_lane else oldest_make_up(board, case.found)
    if make_up is not None:
        params = {"seat": make_up.seat, "cause": make_up.cause}
        return Ruling(
            Verdict("A12", "make_up", params),
            Answer(
                Outcome.ASSIGN,
                consultant=make_up.seat,
                turn=Turn.MAKE_UP,
                turn_rule="T1",
                owner=case.owner_after(make_up.seat),
                lane=FIRST_LANE,
                make_up=make_up,
                others="make_up_first",
            ),
        )
    found = walk(board, case.order, case.found, () if own_lane else policy.make_up)
    if found.taker is None:
        return Ruling(Verdict("A12", "nobody"))
    seat = board.seats[found.taker].consultant
    minutes = case.found[found.taker].minutes
    return Ruling(
        _walk_verdict(seat, found, minutes),
        Answer(
            Outcome.ASSIGN if minutes is None else Outcome.WAIT,
            consultant=seat,
            turn=Turn.FREE if own_lane else Turn.COUNTED,
            turn_rule="T5" if own_lane else "T1",
            owner=case.owner_after(seat),
            wait_minutes=minutes or 0,
            passed=found.passed,
            lane=case.lane,
            pointer_after=found.pointer_after,
        ),
    )


def a14_escalate(case: Case) -> Ruling | None:
    """Nobody can take it: the supervisor names somebody, with the shortest waits before her."""
    waits = shortest_waits(case)
    return Ruling(Verdict("A14", "nobody"), Answer(Outcome.ESCALATE, owner=case.owner, waits=waits))


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
    ("A12", a12_rotation),
    ("A14", a14_escalate),
)


def shortest_waits(case: Case) -> tuple[Wait, ...]:
    """The busy seats that could take the visit once they are free: fewest already waiting first, then soonest."""
    board, now = case.situation.board, case.situation.now
    waits = []
    for index in case.order:
        if case.found[index].cause is not Cause.BUSY:
            continue
        seat = board.seats[index]
        before = sum(not held.entered for held in seat.visits)
        waits.append(Wait(seat.consultant, minutes_left(seat, now), before))
    return tuple(sorted(waits, key=lambda wait: (wait.minutes is None, wait.before, wait.minutes or 0)))


def _belongs(case: Case) -> bool:
    """Whether the owner rules apply: only return and repurchase visits belong to somebody."""
    return case.typing.visit_type in (VisitType.RETURN, VisitType.REPURCHASE)


def _not_asked_for(case: Case) -> bool:
    """`return_to: named`: she goes to her owner only when she asks for her."""
    if case.situation.policy.return_to != "named":
        return False
    designation = case.designation()
    return designation is None or designation.consultant != case.owner


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


def _to_named(case: Case, rule: str, designation: Designation, turn: Turn, turn_rule: str) -> Ruling:
    """To the consultant named, waiting when she is busy; by rotation when she is not here or declined already."""
    name = designation.consultant
    params = {"consultant": name}
    seat = case.present_seat(name)
    if seat is None or name in case.situation.arrival.declined_by:
        return Ruling(Verdict(rule, "absent", params), then="A12")
    if seat.busy and designation.refuses_wait:
        return Ruling(Verdict(rule, "wait_refused", params), then="A12")
    return Ruling(
        Verdict(rule, "busy" if seat.busy else "designated", params),
        Answer(
            Outcome.WAIT if seat.busy else Outcome.ASSIGN,
            consultant=name,
            turn=turn,
            turn_rule=turn_rule,
            owner=case.owner_after(name),
            wait_minutes=minutes_left(seat, case.situation.now) if seat.busy else 0,
            others="not_named",
            everyone=True,
            params=params,
        ),
    )


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


def _stand_in(case: Case, rule: str, says: str, params: Params, owner: str) -> Ruling:
    """The first seat from the pointer that could take it, free of charge; nothing moves. Nobody: A14."""
    board = case.situation.board
    found = walk(board, case.order, case.found, ())
    if found.taker is None:
        return Ruling(Verdict(rule, f"{says}_nobody", params), then="A14")
    seat = board.seats[found.taker].consultant
    minutes = case.found[found.taker].minutes
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


def _walk_verdict(seat: str, found: Walk, minutes: int | None) -> Verdict:
    if minutes is None:
        return Verdict("A12", "turn", {"seat": seat})
    return Verdict("A12", "wait" if minutes else "any_minute", {"seat": seat, "minutes": minutes})


def _judgements(case: Case, answer: Answer) -> tuple[Judgement, ...]:
    board, project = case.situation.board, case.project
    judged = []
    for index in case.order:
        seat = board.seats[index]
        name = seat.consultant
        if name == answer.consultant:
            judged.append(_taker(name, answer))
            continue
        if answer.everyone:
            judged.append(Judgement(name, answer.others, answer.params))
            continue
        cause, minutes = case.found[index]
        if cause is None:
            judged.append(_said(name, answer.others))
        elif cause is Cause.SCOPE and project is not None:
            judged.append(Judgement(name, "scope", {"project": project}))
        elif cause is Cause.BUSY:
            judged.append(_busy(seat, minutes))
        elif cause is Cause.OFF and seat.presence is Presence.LATE:
            judged.append(_said(name, "late"))
        else:
            judged.append(_said(name, cause.value))
    return tuple(judged)


def _taker(name: str, answer: Answer) -> Judgement:
    if answer.outcome is not Outcome.WAIT:
        return _said(name, "takes")
    if answer.wait_minutes is None:
        return _said(name, "waits_unknown")
    return Judgement(name, "waits", {"minutes": answer.wait_minutes})


def _busy(seat: Seat, minutes: int | None) -> Judgement:
    if minutes is None:
        return _said(seat.consultant, "busy")
    if seat.waited_by is not None:
        return _said(seat.consultant, "busy_promised")
    return Judgement(seat.consultant, "busy_until", {"minutes": minutes})


@lru_cache(maxsize=4096)
def _said(seat: str, says: str) -> Judgement:
    """Most judgements name nothing but the seat, and are the same all day."""
    return Judgement(seat, says)


@lru_cache(maxsize=64)
def _turn_verdict(rule: str, turn: str) -> Verdict:
    return Verdict(rule, turn)
