"""Who receives this visit? The A rules, in order; the first that answers wins.

Each rule is a function of the case that returns None when it has nothing to say, or a `Ruling`: its verdict for the
trace, and with it an answer, or the rule it hands over to. The trace is what the evaluation itself left behind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from .classify import classify
from .decision import NO_PARAMS, Decision, Judgement, Outcome, Params, Previous, Situation, Typing, Verdict, Wait
from .facts import (
    FIRST_LANE,
    OTHER_LANE,
    Board,
    Cause,
    Consultant,
    Debt,
    DesignatedBy,
    Designation,
    Employment,
    Fate,
    OtherReason,
    Owed,
    Pending,
    Presence,
    Seat,
    Turn,
    VisitType,
    project_lane,
)
from .ledger import Allocated, Corrected, Entry, Escalated, Moved, Named, OwnerAsked, Passed, Released, Returned
from .rotation import (
    FREE_NOW,
    Availability,
    Place,
    availability,
    minutes_left,
    oldest_make_up,
    openness,
    places,
    walk,
    walk_order,
)


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
    place: Place | None = None
    used_after: int = 0
    debt: Debt | None = None
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
    """A situation with what all rules need to know of it, worked out once.

    `without`: seats of the rotation that are not asked: who the visitor does not want any more (K4, K5).
    """

    __slots__ = (
        "asked",
        "found",
        "lane",
        "order",
        "owner",
        "places",
        "project",
        "situation",
        "succession",
        "typing",
        "without",
    )

    def __init__(self, situation: Situation, typing: Typing, *, without: tuple[str, ...] = ()) -> None:
        board, arrival = situation.board, situation.arrival
        self.situation = situation
        self.typing = typing
        self.without = without
        self.project = major_project(situation)
        apart = typing.visit_type is VisitType.OTHER and not situation.policy.other_in_rotation
        self.lane = OTHER_LANE if apart else FIRST_LANE
        self.found = [
            availability(seat, self.consultant(seat.consultant), self.project, situation.now, situation.policy)
            for seat in board.seats
        ]
        self.places = places(board, self.found, situation.consultants)
        self.order = walk_order(board.keys, board.pointers.get(self.lane))
        self.asked = asked_order(board, self.order)
        owner = situation.person.owner if situation.person else None
        if typing.rule == "C8":
            owner = arrival.answered_by
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
        if self.typing.visit_type is VisitType.FIRST and not self.belongs:
            return receiver
        return receiver if self.owner is None and self.typing.visit_type is not VisitType.OTHER else self.owner

    @property
    def belongs(self) -> bool:
        """Whether she is somebody's own visitor already: consulted before, or enquired for (C8)."""
        own = (VisitType.RETURN, VisitType.REPURCHASE)
        return self.owner is not None and (self.typing.visit_type in own or self.typing.rule == "C8")

    def owner_after_choice(self, chosen: str) -> str | None:
        """Whose visitor she is once she has chosen somebody else herself: K4 decides, by `change_credit`."""
        if self.belongs and self.situation.policy.change_credit == "first":
            return self.owner
        return chosen if self.typing.visit_type is not VisitType.OTHER else self.owner

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
OWN_VISITORS = (VisitType.RETURN, VisitType.REPURCHASE)


def allocate(situation: Situation) -> Decision:
    """The decision about an arrival. The same situation always gives the same decision.

    Raises LookupError when a consultant that matters is missing from the facts, ValueError when the visit is with a
    seat already.
    """
    case = Case(situation, classify(situation.arrival, situation.person, situation.policy))
    return by_rules(case, [case.typing.verdict])


def by_rules(case: Case, trace: list[Verdict], *, start: str | None = None, rule: str | None = None) -> Decision:
    """Ask the rules in order, from `start` on (None: from the first), until one answers.

    `rule` is the correction on whose behalf they are asked: the decision is its.
    """
    wanted = start
    for name, ask in RULES:
        if wanted is not None and name != wanted:
            continue
        ruling = ask(case)
        wanted = None
        if ruling is None:
            continue
        trace.append(ruling.verdict)
        if ruling.answer is not None:
            return decided(case, rule or ruling.verdict.rule, ruling.answer, trace)
        wanted = ruling.then
    raise AssertionError("A14 answers whatever the others leave")


def decided(case: Case, rule: str, answer: Answer, trace: list[Verdict]) -> Decision:
    """The answer as a decision, with the turn's rule in the trace and a judgement for every seat."""
    situation = case.situation
    board = situation.board
    team = _team(board, answer)
    member = _next_member(board, team)
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
        team=team,
        used_before=board.used,
        used_after=answer.used_after,
        member_before=member,
        member_after=(answer.place.member + 1) % len(board.members(team)) if answer.place and team else member,
        debt=answer.debt,
    )


def _team(board: Board, answer: Answer) -> str | None:
    """The team whose turn is used: the one rotation found, else that of the person who receives."""
    if not board.teams:
        return None
    if answer.place is not None:
        return answer.place.key
    return board.team_of(answer.consultant) if answer.consultant is not None and answer.turn is not Turn.FREE else None


def _next_member(board: Board, team: str | None) -> int:
    seat = board.seat(team) if team is not None else None
    return seat.next_member if seat is not None else 0


def entries_for(decision: Decision, *, at: datetime, by: str) -> tuple[Entry, ...]:
    """The ledger entries a confirmed decision means, in order; none when nothing on the board changes."""
    if decision.previous is not None:
        return _correcting(decision, decision.previous, at, by)
    if decision.decision is Outcome.ESCALATE:
        return (Escalated(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.decision is Outcome.ASK_OWNER and decision.owner is not None:
        return (OwnerAsked(at=at, by=by, visit=decision.visit, owner=decision.owner),)
    if decision.consultant is None or decision.turn is None or decision.turn_rule is None:
        return ()
    given = _given(decision, at, by)
    if decision.named_by is not None:
        return (Named(**given, named_by=decision.named_by.value),)
    return (Allocated(**given),)


def _given(decision: Decision, at: datetime, by: str) -> dict[str, Any]:
    """What an entry says that gives a visit to a seat."""
    return {
        "at": at,
        "by": by,
        "reason": decision.reason,
        "visit": decision.visit,
        "seat": decision.consultant,
        "rule": decision.rule,
        "turn": decision.turn,
        "turn_rule": decision.turn_rule,
        "lane": decision.lane,
        "passed": decision.passed,
        "pointer_before": decision.pointer_before,
        "pointer_after": decision.pointer_after,
        "make_up": decision.make_up,
        "waits": decision.decision is Outcome.WAIT,
        "answers": decision.answers,
        "team": decision.team,
        "used_before": decision.used_before,
        "used_after": decision.used_after,
        "member_before": decision.member_before,
        "member_after": decision.member_after,
        "debt": decision.debt,
        "guest": decision.guest,
        "owner": decision.owner,
    }


def _correcting(decision: Decision, previous: Previous, at: datetime, by: str) -> tuple[Entry, ...]:
    """The entry of a correction: the visit moves, is with nobody, or stays and only its turn changes."""
    rule, visit, held = decision.rule, decision.visit, previous.held
    common: dict[str, Any] = {"at": at, "by": by, "reason": decision.reason, "rule": rule, "visit": visit}
    if held is None:
        return (Returned(**common, seat=previous.seat, turn=previous.turn or Turn.FREE, team=previous.team),)
    if previous.stays:
        disowned = decision.owner != held.owner
        whose: dict[str, Any] = (
            {"disowned": True, "owner": decision.owner, "owner_before": held.owner} if disowned else {}
        )
        returned = previous.fate is Fate.RETURNED
        return (
            Corrected(
                **common,
                **whose,
                seat=previous.seat,
                turn=held.turn,
                returned=returned,
                corrects=held.given or None,
            ),
        )
    if decision.consultant is None:
        asks = Pending(visit, decision.asks, at, decision.owner, previous.seat) if decision.asks else None
        return (
            Released(
                **common,
                seat=previous.seat,
                place=previous.place,
                held=held,
                waited=previous.waited,
                fate=previous.fate,
                asks=asks,
                corrects=held.given or None,
            ),
        )
    return (
        Moved(
            **_given(decision, at, by),
            left_seat=previous.seat,
            left_place=previous.place,
            held=held,
            waited=previous.waited,
            fate=previous.fate,
            exchanged=previous.exchanged,
            corrects=held.given or None,
        ),
    )


def asked_order(board: Board, order: Sequence[int]) -> tuple[int, ...]:
    """The persons' places in the order they are asked, when the seats are asked in `order`."""
    if not board.teams:
        return tuple(order)
    where = {seat.consultant: index for index, seat in enumerate(board.seats)}
    return tuple([where[person] for index in order for person in board.teams[index]])


def major_project(situation: Situation) -> str | None:
    """The project the visit is judged by: the highest-ranked, the first named among equals; None when none is named."""
    projects = situation.arrival.projects
    if len(projects) < 2:
        return projects[0] if projects else None
    last = max(situation.ranks.values(), default=0) + 1
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
    if case.typing.rule == "C7":
        other = OtherReason.COMPANION
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
    designation, turn, turn_rule = case.designation(), Turn(case.situation.policy.designation), "A4"
    wants = case.situation.arrival.wants
    if designation is None and wants is not None:
        designation = Designation(wants, DesignatedBy.VISITOR)
        if case.situation.policy.group == "each":
            turn, turn_rule = Turn.COUNTED, "T6"
    if designation is None or (case.belongs and designation.consultant == case.owner):
        return None
    return _to_named(case, "A4", designation, turn, turn_rule)


def a11_dedicated(case: Case) -> Ruling | None:
    """A dedicated project goes round among its consultants, a priority project to the first free one on its list."""
    project, board = case.project, case.situation.board
    if project is None:
        return None
    listed = case.situation.policy.priority.get(project, ())
    for_her = [project in case.consultant(seat.consultant).dedicated for seat in board.seats]
    free = {seat.consultant for seat, one in zip(board.seats, case.found, strict=True) if one is FREE_NOW}
    params = {"project": project}
    if any(for_her):
        lane = project_lane(project)
        names = [seat.consultant for seat in board.seats]
        order = [index for index in walk_order(names, board.pointers.get(lane)) if for_her[index]]
        taker = next((index for index in order if names[index] in free), None)
        if taker is None:
            return Ruling(Verdict("A11", "dedicated_nobody", params))
        passed = [
            Passed(names[index], case.found[index].cause or Cause.BUSY, False) for index in order[: order.index(taker)]
        ]
        return Ruling(
            Verdict("A11", "dedicated", {**params, "seat": names[taker]}),
            Answer(
                Outcome.ASSIGN,
                consultant=names[taker],
                turn=Turn.FREE,
                turn_rule="T9",
                owner=case.owner_after(names[taker]),
                passed=tuple(passed),
                lane=lane,
                pointer_after=names[(taker + 1) % len(names)],
                others="not_dedicated",
                params=params,
            ),
        )
    if not listed:
        return None
    first = next((name for name in listed if name in free), None)
    if first is None:
        return Ruling(Verdict("A11", "priority_nobody", params))
    return Ruling(
        Verdict("A11", "priority", {**params, "seat": first}),
        Answer(
            Outcome.ASSIGN,
            consultant=first,
            turn=Turn.COUNTED,
            turn_rule="A11",
            owner=case.owner_after(first),
            others="not_listed",
            params=params,
        ),
    )


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


def a12_rotation(case: Case) -> Ruling | None:
    """Make-ups first, then one walk from the pointer."""
    board, policy = case.situation.board, case.situation.policy
    own_lane = case.lane == OTHER_LANE
    make_up = None if own_lane else oldest_make_up(board, case.places, case.without)
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
        for place in case.places:
            if place.key == debt.creditor and place.found.cause is None and place.key not in case.without:
                return debt, place
    return None, taker


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
    ("A11", a11_dedicated),
    ("A12", a12_rotation),
    ("A14", a14_escalate),
)


def shortest_waits(case: Case) -> tuple[Wait, ...]:
    """The busy seats that could take the visit once they are free: fewest already waiting first, then soonest."""
    board, now = case.situation.board, case.situation.now
    waits = []
    for index in case.asked:
        if case.found[index].cause is not Cause.BUSY:
            continue
        seat = board.seats[index]
        before = sum(not held.entered for held in seat.visits)
        waits.append(Wait(seat.consultant, minutes_left(seat, now), before))
    return tuple(sorted(waits, key=lambda wait: (wait.minutes is None, wait.before, wait.minutes or 0)))


def _not_asked_for(case: Case) -> bool:
    """`return_to: named`: she goes to her owner only when she asks for her."""
    if case.situation.policy.return_to != "named" or case.typing.rule == "C8":
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
            owner=case.owner_after_choice(name) if rule == "A4" else case.owner_after(name),
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


def _walk_verdict(place: Place, turn_of: Place, minutes: int | None) -> Verdict:
    seat = place.person
    if place.key != turn_of.key:
        return Verdict("A12", "exchanged", {"seat": seat, "debtor": turn_of.person})
    if minutes is None:
        return Verdict("A12", "turn", {"seat": seat})
    return Verdict("A12", "wait" if minutes else "any_minute", {"seat": seat, "minutes": minutes})


def _judgements(case: Case, answer: Answer) -> tuple[Judgement, ...]:
    board, project = case.situation.board, case.project
    judged = []
    for index in case.asked:
        seat = board.seats[index]
        name = seat.consultant
        if name == answer.consultant:
            judged.append(_taker(name, answer))
            continue
        if name in case.without:
            judged.append(_said(name, "not_wanted"))
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
