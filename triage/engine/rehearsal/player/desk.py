"""A desk while a day is played at it: its ledger, what is known, and the visits of the day as they stand."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from ...allocate.entries import entries_for
from ...credit import Shares
from ...decision import Decision, Outcome, Refused, Situation
from ...facts.board import Board
from ...facts.people import Arrival, Consultant, Person, Referral
from ...facts.words import Fate, OtherReason, Presence, ReferralBy, Standing, Turn, VisitType
from ...ledger.day import Opened, OpeningSeat
from ...ledger.entry import Entry
from ...ledger.folding import apply
from ..day import Day


class Impossible(Exception):
    """The event cannot happen as the day stands: nobody of that name is here, the visit is over, the day is closed."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an event came to. `decision` None: a visitor left, or a deal was made (`shares`).

    `previous_turn`: what became of the turn the visit had. `corrects`: whether to say so. `refused`: the rules did not
    allow it, and the visit stays as it was.
    """

    at: datetime
    visitor: str
    decision: Decision | None = None
    previous_turn: Fate | None = None
    corrects: bool = False
    shares: Shares | None = None
    team: tuple[str, ...] | None = None
    refused: Refused | None = None


@dataclass(slots=True)
class Visit:
    """One visit as it stands. `last` is the newest decision about it that was carried out.

    `before`: how it stood, by the number of the entry that a decision about it then wrote; `person`: what the records
    said of the visitor at that time.
    """

    number: str
    visitor: str
    arrival: Arrival
    last: Decision
    owner: str | None = None
    receiver: str | None = None
    turn: Turn | None = None
    turn_rule: str | None = None
    team: str | None = None
    friend: str | None = None
    entered: bool = False
    over: bool = False
    finished: bool = False
    deals: list[str] = field(default_factory=list)
    before: dict[int, "Visit"] = field(default_factory=dict)
    person: Person | None = None


class Desk:
    """A desk while a day is played at it. `board` and `entries` are those of the desk, as the day stands.

    `enquired_for`: the absent friends somebody came for.
    """

    def __init__(self, day: Day) -> None:
        self.day = day
        self.board = Board()
        self.entries: list[Entry] = []
        self.persons: dict[str, Person] = dict(day.persons)
        self.consultants: dict[str, Consultant] = dict(day.consultants)
        self.ranks: dict[str, int] = dict(day.ranks)
        self.visits: dict[str, Visit] = {}
        self.enquired_for: set[str] = set()
        self.arrived = 0
        self.record(opening(day))

    def record(self, *entries: Entry) -> None:
        """Write entries down and bring the board up to them; raises LedgerError when one does not fit."""
        for entry in entries:
            self.board = apply(self.board, entry)
            self.entries.append(entry)

    def situation(self, arrival: Arrival, visitor: str, at: datetime) -> Situation:
        """All that is known at a moment about a visit."""
        return Situation(
            now=at,
            arrival=arrival,
            person=self.persons.get(visitor),
            board=self.board,
            consultants=self.consultants,
            policy=self.day.policy,
            ranks=self.ranks,
        )

    def carry_out(
        self,
        visit: Visit,
        decision: Decision,
        at: datetime,
        *,
        fate: Fate | None = None,
        corrects: bool | None = None,
        arrival: Arrival | None = None,
    ) -> Line:
        """Write a decision down, let the visit stand as it says, and tell of it.

        `fate`: what its old turn came to; `arrival`: what a correction made known of it.
        """
        entries = entries_for(decision, at=at, by="")
        if entries:
            visit.before[len(self.entries) + 1] = replace(visit, person=self.persons.get(visit.visitor))
        self.record(*entries)
        visit.arrival = arrival or visit.arrival
        visit.last = decision
        visit.owner = decision.owner
        if decision.consultant is not None or not visit.over:
            visit.receiver = decision.consultant
            visit.turn, visit.turn_rule = decision.turn, decision.turn_rule
        elif fate is Fate.RETURNED:
            visit.turn = None
        if decision.previous is None or not decision.previous.stays:
            visit.team = decision.team
            visit.entered = False
        says = corrects if corrects is not None else fate is not None
        return Line(at, visit.visitor, decision, fate, corrects=says, team=self.team_of(decision))

    def stands(self, visit: Visit, refused: Refused, at: datetime, *, corrects: bool = True) -> Line:
        """The rules refused it: the visit stays as it is, under the rule that says so."""
        held = self.board.seat_of(visit.number)
        decision = replace(
            visit.last,
            rule=refused.rule,
            owner=visit.owner,
            consultant=visit.receiver if held is not None else None,
            turn=visit.turn if held is not None else None,
            turn_rule=visit.turn_rule if held is not None else None,
            decision=visit.last.decision if held is not None or visit.last.consultant is None else Outcome.NONE,
            passed=(),
            ignored=(),
        )
        fate = Fate(visit.turn.value) if visit.turn is not None else None
        return Line(at, visit.visitor, decision, fate, corrects=corrects, team=self.team_of(decision), refused=refused)

    def team_of(self, decision: Decision) -> tuple[str, ...] | None:
        """The team of who receives: nobody's is empty, None where seats are persons."""
        if not self.board.teams:
            return None
        if decision.consultant is None:
            return ()
        team = decision.team or self.board.team_of(decision.consultant)
        return self.board.members(team) if team is not None else ()

    def open_visit(self, visitor: str) -> Visit:
        """The visit of a visitor who is here; raises Impossible when she never came or it is over."""
        visit = self.visits.get(visitor)
        if visit is None:
            raise Impossible(f"{visitor} has not arrived")
        if visit.over:
            raise Impossible(f"the visit of {visitor} is over")
        return visit

    def nobody_has(self, visit: Visit) -> bool:
        """Whether no seat has the visit and nobody is asked about it."""
        return self.board.seat_of(visit.number) is None and self.board.pending_for(visit.number) is None

    def who_has(self, visit: Visit) -> str:
        """The consultant who has the visit; raises Impossible when nobody has."""
        seat = self.board.seat_of(visit.number)
        if seat is None:
            raise Impossible(f"nobody has {visit.visitor}")
        return seat.consultant

    def referral(self, referrer: str | None, by: ReferralBy | None) -> Referral | None:
        """The referral by somebody, with what the records say of her; None without a referrer."""
        if referrer is None:
            return None
        return Referral(by or ReferralBy.VISITOR, self.persons.get(referrer))

    def answered_by(self, visitor: str) -> str | None:
        """C8: who answered the enquiry a friend made for this visitor today."""
        if visitor not in self.enquired_for:
            return None
        for visit in self.visits.values():
            asked = visit.friend == visitor and visit.arrival.other is OtherReason.FOR_FRIEND
            if asked and visit.receiver is not None and not (visit.over and not visit.finished):
                return visit.receiver
        return None

    def remember(self, visit: Visit, receiver: str) -> None:
        """What the records say of a visitor once she was received; an `other` visit leaves none."""
        if visit.last.visit_type in (VisitType.OTHER, VisitType.REVIEW):
            return
        known = self.persons.get(visit.visitor)
        standing = known.standing if known is not None and known.standing is not Standing.NEW else Standing.NO_DEAL
        if visit.deals and standing in (Standing.NO_DEAL, Standing.DEPOSIT):
            standing = Standing.PAID
        received = known.received_by if known is not None else ()
        self.persons[visit.visitor] = Person(
            id=visit.visitor,
            standing=standing,
            owner=visit.owner,
            received_by=received if receiver in received else (*received, receiver),
        )


def opening(day: Day) -> Opened:
    """The entry that opens the day. Yesterday's pointer counts where the policy continues, its owed turns and its
    unfinished turn where it carries them."""
    goes_on, carries = day.policy.opening == "continue", day.policy.carry_owed
    return Opened(
        at=day.opens_at,
        seats=tuple(
            OpeningSeat(seat.consultant, seat.presence, came=seat.presence in (Presence.ON, Presence.OUT))
            for seat in day.seats
        ),
        pointer=day.carry.pointer if goes_on else None,
        owed=day.carry.owed if carries else (),
        used=day.carry.used if goes_on and carries else 0,
        teams=day.teams,
    )
