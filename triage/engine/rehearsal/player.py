"""Plays a day: event by event through the same rules and the same ledger as the desk. Nothing is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from ..allocate import allocate, entries_for
from ..corrections import (
    cannot_do,
    change_consultant,
    decline,
    leave,
    misallocated,
    not_offered,
    referral_found,
    refuse_wait,
    transfer,
    undo,
    wait_over,
    wants_consultation,
)
from ..credit import Shares, claimant, deal_shares, shares_after_misallocation
from ..decision import Decision, Namer, Outcome, Previous, Refused, Situation, Verdict
from ..facts import (
    FIRST_LANE,
    Arrival,
    Board,
    Consultant,
    Fate,
    GroupPart,
    OtherReason,
    Person,
    Presence,
    Purpose,
    Referral,
    ReferralBy,
    Standing,
    Turn,
    VisitType,
)
from ..ledger import (
    CheckedIn,
    Closed,
    Declined,
    Entered,
    Entry,
    Finished,
    LedgerError,
    Left,
    Opened,
    OpeningSeat,
    Reordered,
    SeatState,
    Undone,
    apply,
)
from ..naming import name
from .day import (
    Arrive,
    CheckIn,
    Close,
    Correct,
    CorrectionKind,
    Day,
    DealMade,
    Decline,
    End,
    Enter,
    Event,
    Finish,
    Learn,
    Leave,
    Name,
    Reorder,
    Say,
)


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


class Player:
    """A day in progress. `board` and `entries` are those of the desk; `decisions` all that were made, in order."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.board = Board()
        self.entries: list[Entry] = []
        self.persons: dict[str, Person] = dict(day.persons)
        self.consultants: dict[str, Consultant] = dict(day.consultants)
        self.ranks: dict[str, int] = dict(day.ranks)
        self.visits: dict[str, Visit] = {}
        self.arrived = 0
        self._record(opening(day))

    def play(self) -> Iterator[Line]:
        """Play all events, yielding a line for each decision; raises Impossible."""
        for event in self.day.events:
            yield from self.happen(event)

    def happen(self, event: Event) -> list[Line]:
        """Play one event; raises Impossible when it cannot happen."""
        try:
            return _HAPPENINGS[type(event)](self, event)
        except LedgerError as error:
            raise Impossible(str(error)) from error

    # what happens ---------------------------------------------------------------------------------------------------

    def _arrive(self, event: Arrive) -> list[Line]:
        lines = []
        for place, visitor in enumerate(event.visitors):
            earlier = self.visits.get(visitor)
            anew = earlier if event.again and earlier is not None else None
            if anew is not None and not event.undecided and not self._nobody_has(anew):
                anew = None
            if earlier is not None and not earlier.over and anew is None:
                raise Impossible(f"{visitor} is here already")
            part = event.part
            if event.group:
                part = GroupPart.LEAD if place == 0 else GroupPart.COMPANION
            self.arrived += 1
            reports = self.day.pre_reports.get(visitor, ())
            arrival = Arrival(
                visit=anew.number if anew is not None else f"{visitor}#{self.arrived}",
                projects=event.projects,
                purpose=event.purpose,
                declined_by=anew.arrival.declined_by if anew is not None else (),
                stated_type=event.stated_type,
                stated_reason=event.stated_reason,
                designation=event.designation,
                referral=self._referral(event.referrer, event.referral_by),
                other=event.other,
                pre_reported=event.announced or bool(reports),
                emergency=event.emergency,
                agent=event.agent or claimant(reports, self.day.day, self.day.policy),
                group=part,
                wants=event.wants,
                claims_history=event.claims_history,
                answered_by=event.answered_by or self._answered_by(visitor),
                age=event.age,
                guardian=event.guardian,
                after_review=event.after_review,
            )
            if anew is not None and event.undecided:
                anew.arrival = arrival
                continue
            decision = allocate(self._situation(arrival, visitor, event.at))
            visit = Visit(arrival.visit, visitor, arrival, decision, friend=event.friend)
            self.visits[visitor] = visit
            if event.undecided:
                visit.last = replace(decision, decision=Outcome.NONE, consultant=None, turn=None, turn_rule=None)
                continue
            lines.append(self._carried_out(visit, decision, event.at))
        return lines

    def _say(self, event: Say) -> list[Line]:
        if self.board.seat(event.seat) is None:
            raise Impossible(f"{event.seat} has no seat on this board")
        self._record(
            SeatState(at=event.at, seat=event.seat, change=event.change, free_in=event.free_in, until=event.until)
        )
        return []

    def _check_in(self, event: CheckIn) -> list[Line]:
        self.consultants.setdefault(event.seat, Consultant(event.seat))
        self._record(CheckedIn(at=event.at, seat=event.seat))
        return []

    def _reorder(self, event: Reorder) -> list[Line]:
        self._record(Reordered(at=event.at, seats=event.seats))
        return []

    def _learn(self, event: Learn) -> list[Line]:
        self.persons |= event.persons
        self.consultants |= event.consultants
        for project, rank in event.ranks.items():
            if rank is None:
                self.ranks.pop(project, None)
            else:
                self.ranks[project] = rank
        return []

    def _enter(self, event: Enter) -> list[Line]:
        visit = self._open(event.visitor)
        self._record(Entered(at=event.at, visit=visit.number, seat=self._with(visit)))
        visit.entered = True
        return []

    def _finish(self, event: Finish) -> list[Line]:
        visit = self._open(event.visitor)
        seat = self._with(visit)
        self._record(Finished(at=event.at, visit=visit.number, seat=seat))
        visit.over = visit.finished = True
        self._remember(visit, seat)
        return []

    def _decline(self, event: Decline) -> list[Line]:
        visit = self._open(event.visitor)
        if event.consultant is not None and self._with(visit) != event.consultant:
            raise Impossible(f"{event.visitor} is not with {event.consultant}")
        had = visit.turn
        try:
            entry: Declined = decline(self.board, self.day.policy, visit=visit.number, at=event.at, by="")
        except Refused as refused:
            return [self._stands(visit, refused, event.at)]
        self._record(entry)
        visit.arrival = replace(visit.arrival, declined_by=(*visit.arrival.declined_by, entry.seat))
        visit.receiver = visit.turn = visit.turn_rule = None
        decision = allocate(self._situation(visit.arrival, visit.visitor, event.at))
        fate = Fate.FREE if had is Turn.FREE else Fate.LOST
        return [self._carried_out(visit, decision, event.at, fate=fate)]

    def _leave(self, event: Leave) -> list[Line]:
        visit = self._open(event.visitor)
        fate = Fate(visit.turn.value) if visit.turn is not None and visit.receiver is not None else None
        try:
            entry: Left = leave(self.board, self.day.policy, visit=visit.number, at=event.at, by="")
        except Refused:
            pass  # nobody had her and nobody was asked: she only leaves
        else:
            self._record(entry)
            fate = Fate.RETURNED if entry.returned else fate
            if fate is Fate.RETURNED:
                visit.turn = None
        visit.over = True
        return [Line(event.at, visit.visitor, previous_turn=fate)]

    def _end(self, event: End) -> list[Line]:
        visit = self._open(event.visitor)
        seat = self.board.seat_of(visit.number)
        if seat is not None:
            self._record(
                Entered(at=event.at, visit=visit.number, seat=seat.consultant),
                Finished(at=event.at, visit=visit.number, seat=seat.consultant),
            )
        elif self.board.pending_for(visit.number) is not None:
            self._record(Left(at=event.at, visit=visit.number))
        visit.over = True
        return []

    def _correct(self, event: Correct) -> list[Line]:
        visit = self.visits.get(event.visitor)
        if visit is None:
            raise Impossible(f"{event.visitor} has not arrived")
        try:
            if event.kind is CorrectionKind.UNDO:
                return [self._undone(visit, event.at)]
            if visit.over and event.kind is not CorrectionKind.MISALLOCATED:
                raise Impossible(f"the visit of {event.visitor} is over")
            decision = self._correction(visit, event)
        except Refused as refused:
            return [self._stands(visit, refused, event.at)]
        fate = decision.previous.fate if decision.previous is not None else None
        arrival = known_after(visit.arrival, event.kind, self._referral(event.referrer, event.referral_by))
        if event.kind is CorrectionKind.MISALLOCATED and event.owner is not None:
            return [self._misallocated(visit, decision, event)]
        return [self._carried_out(visit, decision, event.at, fate=fate, corrects=True, arrival=arrival)]

    def _correction(self, visit: Visit, event: Correct) -> Decision:
        situation = self._situation(visit.arrival, visit.visitor, event.at)
        match event.kind:
            case CorrectionKind.NOT_OFFERED:
                return not_offered(situation, reason=event.reason)
            case CorrectionKind.CANNOT_DO:
                return cannot_do(situation, reason=event.reason)
            case CorrectionKind.REFERRAL:
                referral = self._referral(event.referrer, event.referral_by or ReferralBy.VISITOR)
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

    def _misallocated(self, visit: Visit, decision: Decision, event: Correct) -> Line:
        owner, receiver = event.owner or "", visit.receiver or ""
        fate = decision.previous.fate if decision.previous is not None else None
        line = self._carried_out(visit, decision, event.at, fate=fate, corrects=True)
        visit.owner = owner
        known = self.persons.get(visit.visitor)
        if known is not None:
            self.persons[visit.visitor] = replace(known, owner=owner)
        if not visit.deals:
            return line
        return replace(line, shares=shares_after_misallocation(owner=owner, receiver=receiver, fault=event.fault))

    def _name(self, event: Name) -> list[Line]:
        visit = self._open(event.visitor)
        situation = self._situation(visit.arrival, visit.visitor, event.at)
        try:
            decision = name(
                situation, consultant=event.consultant, by=Namer(event.by), reason=event.reason, turn=event.turn
            )
        except Refused as refused:
            return [self._stands(visit, refused, event.at, corrects=False)]
        fate = decision.previous.fate if decision.previous is not None else None
        return [self._carried_out(visit, decision, event.at, fate=fate, corrects=fate is not None)]

    def _deal(self, event: DealMade) -> list[Line]:
        visit = self.visits.get(event.visitor)
        if visit is None or visit.receiver is None:
            raise Impossible(f"nobody received {event.visitor}")
        shares = deal_shares(owner=visit.owner, receiver=visit.receiver)
        visit.deals.append(event.visitor)
        if visit.finished:
            self._remember(visit, visit.receiver)
        return [Line(event.at, visit.visitor, shares=shares)]

    def _close(self, event: Close) -> list[Line]:
        if self.board.closed:
            raise Impossible("the day is closed")
        self._record(Closed(at=event.at, keeps_owed=self.day.policy.carry_owed))
        return []

    # how it is carried out ------------------------------------------------------------------------------------------

    def _record(self, *entries: Entry) -> None:
        for entry in entries:
            self.board = apply(self.board, entry)
            self.entries.append(entry)

    def _situation(self, arrival: Arrival, visitor: str, at: datetime) -> Situation:
        return Situation(
            now=at,
            arrival=arrival,
            person=self.persons.get(visitor),
            board=self.board,
            consultants=self.consultants,
            policy=self.day.policy,
            ranks=self.ranks,
        )

    def _carried_out(
        self,
        visit: Visit,
        decision: Decision,
        at: datetime,
        *,
        fate: Fate | None = None,
        corrects: bool | None = None,
        arrival: Arrival | None = None,
    ) -> Line:
        """The decision's entries, and the visit as it is from now on; `arrival`: what a correction made known of it."""
        entries = entries_for(decision, at=at, by="")
        if entries:
            visit.before[len(self.entries) + 1] = replace(visit, person=self.persons.get(visit.visitor))
        self._record(*entries)
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
        return Line(at, visit.visitor, decision, fate, corrects=says, team=self._team(decision))

    def _stands(self, visit: Visit, refused: Refused, at: datetime, *, corrects: bool = True) -> Line:
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
        return Line(at, visit.visitor, decision, fate, corrects=corrects, team=self._team(decision), refused=refused)

    def _undone(self, visit: Visit, at: datetime) -> Line:
        """K8: the newest entry about the visit that can be undone is taken back."""
        numbers = [
            number
            for number, entry in enumerate(self.entries, start=1)
            if getattr(entry, "visit", None) == visit.number
        ]
        undone = {entry.corrects for entry in self.entries if isinstance(entry, Undone)}
        number = max((one for one in numbers if one not in undone), default=0)
        self._record(undo(self.entries, number, at=at, by=""))
        seat = self.board.seat_of(visit.number)
        held = seat.holds(visit.number) if seat is not None else None
        earlier = visit.before.get(number, visit)
        person = self.persons.get(visit.visitor)
        if person is not None and earlier.person is not None and visit.last.rule == "K6":
            person = self.persons[visit.visitor] = replace(person, owner=earlier.person.owner)
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
        return Line(at, visit.visitor, decision, Fate.UNDONE, corrects=True, team=self._team(decision))

    def _team(self, decision: Decision) -> tuple[str, ...] | None:
        if not self.board.teams:
            return None
        if decision.consultant is None:
            return ()
        team = decision.team or self.board.team_of(decision.consultant)
        return self.board.members(team) if team is not None else ()

    # what is known --------------------------------------------------------------------------------------------------

    def _open(self, visitor: str) -> Visit:
        visit = self.visits.get(visitor)
        if visit is None:
            raise Impossible(f"{visitor} has not arrived")
        if visit.over:
            raise Impossible(f"the visit of {visitor} is over")
        return visit

    def _nobody_has(self, visit: Visit) -> bool:
        return self.board.seat_of(visit.number) is None and self.board.pending_for(visit.number) is None

    def _with(self, visit: Visit) -> str:
        seat = self.board.seat_of(visit.number)
        if seat is None:
            raise Impossible(f"nobody has {visit.visitor}")
        return seat.consultant

    def _referral(self, referrer: str | None, by: ReferralBy | None) -> Referral | None:
        if referrer is None:
            return None
        return Referral(by or ReferralBy.VISITOR, self.persons.get(referrer))

    def _answered_by(self, visitor: str) -> str | None:
        """C8: who answered the enquiry a friend made for this visitor today."""
        for visit in self.visits.values():
            asked = visit.friend == visitor and visit.arrival.other is OtherReason.FOR_FRIEND
            if asked and visit.receiver is not None and not (visit.over and not visit.finished):
                return visit.receiver
        return None

    def _remember(self, visit: Visit, receiver: str) -> None:
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


_HAPPENINGS: dict[type[Event], Callable[..., list[Line]]] = {
    Arrive: Player._arrive,
    CheckIn: Player._check_in,
    Reorder: Player._reorder,
    Learn: Player._learn,
    End: Player._end,
    Say: Player._say,
    Enter: Player._enter,
    Finish: Player._finish,
    Decline: Player._decline,
    Leave: Player._leave,
    Correct: Player._correct,
    Name: Player._name,
    DealMade: Player._deal,
    Close: Player._close,
}


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


def board_of(player: Player) -> dict[str, dict[str, int]]:
    """Turns, receptions and owed turns of each seat; of a team together, under its first member."""
    board = player.board
    found = {}
    for key in board.keys:
        seats = [seat for seat in board.seats if seat.consultant in board.members(key)]
        counting = next(seat for seat in seats if seat.consultant == key)
        found[key] = {
            "turns": counting.turns,
            "receptions": sum(seat.receptions for seat in seats),
            "owed": len(board.owed_to(key)),
        }
    return found


def pointer_of(player: Player) -> str | None:
    """The seat the first-visit lane points at."""
    return player.board.pointer(FIRST_LANE)


def share_text(share: Fraction) -> str:
    """A share as a decimal number: `1`, `0.5`, `0.3`."""
    if share.denominator == 1:
        return str(share.numerator)
    return f"{float(share):.6f}".rstrip("0")
