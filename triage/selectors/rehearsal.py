"""A past day of a desk, from its ledger and decisions, as a day that can be played again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.models import Branch
from reception.models import Visit
from triage.engine import decision as engine
from triage.engine import facts, ledger
from triage.engine.classify import classify
from triage.engine.policy import Policy as Rules
from triage.engine.rehearsal.compare import PastDay
from triage.engine.rehearsal.day import (
    Arrive,
    Carry,
    CheckIn,
    Close,
    Correct,
    CorrectionKind,
    Day,
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
    SeatAtOpening,
)
from triage.engine.rehearsal.player.corrections import known_after
from triage.models import Board, Decision, LedgerEntry
from triage.selectors.boards import state_of
from triage.selectors.decisions import situation_of
from triage.selectors.past_opening import Seating, opening_under
from triage.selectors.policies import rules_of

T = TypeVar("T")
_NOTHING = object()
# K3 tells of the visitor who brought this one whose she is, and not who.
_OWNER = "owner-"
_KINDS: Mapping[str, CorrectionKind] = {
    "K1": CorrectionKind.NOT_OFFERED,
    "K2": CorrectionKind.CANNOT_DO,
    "K3": CorrectionKind.REFERRAL,
    "K4": CorrectionKind.CHANGE_CONSULTANT,
    "K5": CorrectionKind.WAIT_OVER,
    "K6": CorrectionKind.MISALLOCATED,
    "K7": CorrectionKind.TRANSFER,
}


def boards_of_desk(branch: Branch, desk: str, first: date, last: date) -> QuerySet[Board]:
    """Return a desk's boards from a first to a last day, oldest first."""
    boards = Board.objects.filter(branch=branch, desk=desk, day__gte=first, day__lte=last)
    return boards.select_related("policy", "branch").order_by("day")


def past_day(board: Board, *, rules: Rules | None = None, before: facts.Board | None = None) -> PastDay:
    """Return what happened on a board, to be played under `rules` (None: those it ran by).

    Opened as those rules open a day; `before` is how the day before ended (None: as it really did).
    """
    rows = LedgerEntry.objects.filter(board=board).order_by("sequence").values_list("sequence", "body")
    entries = [(sequence, ledger.entry_from_json(body)) for sequence, body in rows]
    own = rules_of(board.policy)
    decisions = [
        _Decided(
            sequence,
            situation_of(known, own),
            engine.Decision.from_json(answer),
        )
        for sequence, known, answer in Decision.objects.filter(board=board)
        .order_by("pk")
        .values_list("sequence", "facts", "answer")
    ]
    opened = entries[0][1]
    assert isinstance(opened, ledger.Opened)
    history = _History(board.branch.zone)
    history.tell(entries[1:], decisions)
    history.end(board)
    opening = opening_under(board, opened, own, rules or own, before)
    seats = tuple(SeatAtOpening(seat.consultant, seat.presence) for seat in opening.seats)
    consultants, events = history.first.consultants, tuple(history.events)
    if opening is not opened:
        seating = Seating(board, opening)
        consultants = seating.facts_of_everybody(consultants)
        events = tuple([seating.known(event) if isinstance(event, Learn) else event for event in events])
    for seat in seats:
        consultants.setdefault(seat.consultant, facts.Consultant(seat.consultant))
    day = Day(
        day=board.day,
        opens_at=opened.at.astimezone(board.branch.zone),
        policy=rules or own,
        desk=board.desk,
        ranks={project: rank for project, rank in history.first.ranks.items() if rank is not None},
        consultants=consultants,
        seats=seats,
        teams=opening.teams,
        carry=Carry(opening.pointer, opening.used, opening.owed),
        persons=history.first.persons,
        events=events,
    )
    return PastDay(day, history.decided(), state_of(board))


@dataclass(frozen=True, slots=True)
class _Decided:
    sequence: int | None
    situation: engine.Situation
    answer: engine.Decision


@dataclass(slots=True)
class _Known:
    persons: dict[str, facts.Person] = field(default_factory=dict)
    consultants: dict[str, facts.Consultant] = field(default_factory=dict)
    ranks: dict[str, int | None] = field(default_factory=dict)


class _History:
    """Events in the order of the ledger, and beside each what the rules decided then."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.events: list[Event] = []
        # By the event's place among the events; places move when something is put in between.
        self.answers: list[engine.Decision | None] = []
        self.first, self.latest = _Known(), _Known()
        # What is known of each visit that was seen, as the player then knows it; and as it was before a decision about
        # it, by the decision's entry.
        self.seen: dict[str, facts.Arrival] = {}
        self.before: dict[int, facts.Arrival] = {}
        self.over: set[str] = set()
        # Visits that were declined and wait for the decision that follows: the place of the event.
        self.declined: dict[str, int] = {}

    def decided(self) -> dict[int, engine.Decision]:
        """What was decided, by the event's place."""
        return {place: answer for place, answer in enumerate(self.answers) if answer is not None}

    def tell(self, entries: Sequence[tuple[int, ledger.Entry]], decisions: Sequence[_Decided]) -> None:
        """Put entries and decisions into one order; a decision that moved nothing stands after what it was made on."""
        by_entry = {one.sequence: one for one in decisions if one.sequence is not None}
        loose = [one for one in decisions if one.sequence is None]
        for sequence, entry in entries:
            while loose and loose[0].situation.board.sequence < sequence:
                self._decision(loose.pop(0))
            if sequence in by_entry:
                self._decision(by_entry[sequence])
            else:
                self._entry(entry)
        for one in loose:
            self._decision(one)

    def end(self, board: Board) -> None:
        """Visits that ended while no seat had them: the ledger says nothing of it, the register does."""
        missing = [int(one) for one in self.seen.keys() - self.over]
        ended = Visit.objects.filter(pk__in=missing, state__in=[Visit.State.LEFT, Visit.State.FINISHED])
        for pk, state, left_at, finished_at in ended.values_list("pk", "state", "left_at", "finished_at"):
            at = left_at if state == Visit.State.LEFT else finished_at
            if at is not None:
                kind = Leave if state == Visit.State.LEFT else End
                self._between(kind(at=at.astimezone(self.zone), visitor=str(pk)))

    def mention(self, *names: str | None) -> None:
        """Somebody of whom the facts say nothing."""
        for name in names:
            if name is not None:
                self.first.consultants.setdefault(name, facts.Consultant(name))

    # one thing that happened ----------------------------------------------------------------------------------------

    def _add(self, event: Event, answer: engine.Decision | None = None) -> None:
        self.events.append(event)
        self.answers.append(answer)

    def _insert(self, place: int, event: Event) -> int:
        self.events.insert(place, event)
        self.answers.insert(place, None)
        return place + 1

    def _between(self, event: Event) -> None:
        place = len(self.events)
        while place and (self.events[place - 1].at > event.at or isinstance(self.events[place - 1], Close)):
            place -= 1
        self._insert(place, event)

    def _entry(self, entry: ledger.Entry) -> None:
        at = entry.at.astimezone(self.zone)
        match entry:
            case ledger.CheckedIn():
                self.mention(entry.seat)
                self._add(CheckIn(at=at, seat=entry.seat))
            case ledger.Reordered():
                self._add(Reorder(at=at, seats=entry.seats))
            case ledger.SeatState():
                until = entry.until.astimezone(self.zone) if entry.until is not None else None
                self._add(Say(at=at, seat=entry.seat, change=entry.change, free_in=entry.free_in, until=until))
            case ledger.Entered():
                self._add(Enter(at=at, visitor=entry.visit))
            case ledger.Finished():
                self.over.add(entry.visit)
                # The rooms write down what came of it, so what was known of her is known no more.
                self.latest.persons.pop(entry.visit, None)
                self._add(Finish(at=at, visitor=entry.visit))
            case ledger.Left():
                self.over.add(entry.visit)
                self._add(Leave(at=at, visitor=entry.visit))
            case ledger.Declined():
                self.declined[entry.visit] = len(self.events)
                self._add(Decline(at=at, visitor=entry.visit, consultant=entry.seat))
            case ledger.Undone() if entry.entry.get("kind") == ledger.Closed.kind:
                self._not_closed()
            case ledger.Undone():
                visit = str(entry.entry.get("visit", ""))
                if entry.corrects in self.before:
                    self.seen[visit] = self.before[entry.corrects]
                self.latest.persons.pop(visit, None)
                self._add(Correct(at=at, visitor=visit, kind=CorrectionKind.UNDO))
            case ledger.Closed():
                self._add(Close(at=at))
            case _:
                raise LookupError(f"entry {entry.kind} has no decision")

    def _not_closed(self) -> None:
        """A closing that was taken back did not happen."""
        place = max(place for place, event in enumerate(self.events) if isinstance(event, Close))
        del self.events[place], self.answers[place]

    def _decision(self, one: _Decided) -> None:
        situation, answer = one.situation, one.answer
        at, visit = situation.now.astimezone(self.zone), situation.arrival.visit
        known = _told(situation.arrival)
        declined = self.declined.pop(visit, None)
        # What is new was known before the visit was declined, too: the decision follows in the same moment.
        where = len(self.events) if declined is None else declined
        learnt = self._learn(situation, at)
        if learnt is not None:
            where = self._insert(where, learnt)
        event = self._asked(situation, answer, at) if declined is None else self.events[-1]
        if not isinstance(event, Arrive) and self.seen.get(visit) != known:
            self._insert(where, self._arrive(visit, known, at, undecided=True))
        self.seen[visit] = known
        if one.sequence is not None:
            self.before[one.sequence] = known
        if declined is not None:
            self.answers[-1] = answer
            return
        self._add(event, answer)
        if isinstance(event, Correct):
            self._corrected(event, known)

    def _asked(self, situation: engine.Situation, answer: engine.Decision, at: datetime) -> Event:
        """What was asked of the rules when they answered this."""
        if answer.named_by is not None:
            return _name(answer, at)
        if answer.previous is not None:
            return _correct(answer, at)
        if _after_review(situation, answer):
            return Correct(at=at, visitor=answer.visit, kind=CorrectionKind.WANTS_CONSULTATION)
        return self._arrive(answer.visit, _told(situation.arrival), at)

    def _corrected(self, event: Correct, known: facts.Arrival) -> None:
        """What is known of a visit after a correction, and the records that the player then changes."""
        referral = None
        if event.kind is CorrectionKind.REFERRAL and event.referrer is not None:
            owner = event.referrer.removeprefix(_OWNER)
            if owner != event.referrer:
                self.first.persons[event.referrer] = facts.Person(
                    event.referrer, facts.Standing.NO_DEAL, owner=owner, received_by=(owner,)
                )
            referral = facts.Referral(facts.ReferralBy.VISITOR, self.first.persons.get(event.referrer))
        self.seen[event.visitor] = known_after(known, event.kind, referral)
        if event.kind is CorrectionKind.MISALLOCATED:
            self.latest.persons.pop(event.visitor, None)

    def _arrive(self, visit: str, arrival: facts.Arrival, at: datetime, *, undecided: bool = False) -> Arrive:
        referral, referrer = arrival.referral, None
        if referral is not None:
            referrer = f"visitor-{referral.referrer.id}" if referral.referrer is not None else f"unknown-{visit}"
        return Arrive(
            at=at,
            visitors=(visit,),
            projects=arrival.projects,
            purpose=arrival.purpose,
            wants=arrival.wants,
            designation=arrival.designation,
            referrer=referrer,
            referral_by=referral.by if referral is not None else None,
            other=arrival.other,
            emergency=arrival.emergency,
            claims_history=arrival.claims_history,
            part=arrival.group,
            stated_type=arrival.stated_type,
            stated_reason=arrival.stated_reason,
            announced=arrival.pre_reported,
            agent=arrival.agent,
            answered_by=arrival.answered_by,
            age=arrival.age,
            guardian=arrival.guardian,
            after_review=arrival.after_review,
            at_desk=arrival.at_desk,
            again=visit in self.seen,
            undecided=undecided,
        )

    def _learn(self, situation: engine.Situation, at: datetime) -> Learn | None:
        """What the facts say: known from the beginning when it is said for the first time, else learnt now."""
        arrival = situation.arrival
        persons = {arrival.visit: situation.person} if situation.person is not None else {}
        if arrival.referral is not None and arrival.referral.referrer is not None:
            persons[f"visitor-{arrival.referral.referrer.id}"] = arrival.referral.referrer
        now = _Known(
            persons={name: replace(person, id=name) for name, person in persons.items()},
            consultants=dict(situation.consultants),
            ranks={project: situation.ranks.get(project) for project in arrival.projects},
        )
        for person in now.persons.values():
            self.mention(person.owner, *person.received_by)
        learnt = _Known(
            persons=_news(self.first.persons, self.latest.persons, now.persons),
            consultants=_news(self.first.consultants, self.latest.consultants, now.consultants),
            ranks=_news(self.first.ranks, self.latest.ranks, now.ranks),
        )
        if not (learnt.persons or learnt.consultants or learnt.ranks):
            return None
        return Learn(at=at, persons=learnt.persons, consultants=learnt.consultants, ranks=learnt.ranks)


def _news(first: dict[str, T], latest: dict[str, T], now: dict[str, T]) -> dict[str, T]:
    """What differs from what was known; what nobody had asked for before was so from the beginning."""
    news = {key: value for key, value in now.items() if key in first and latest.get(key, _NOTHING) != value}
    for key, value in now.items():
        first.setdefault(key, value)
    latest.update(now)
    return news


def _told(arrival: facts.Arrival) -> facts.Arrival:
    """What the desk was told, as a day file says it: of a visitor, and nothing that no rule reads."""
    designation = arrival.designation
    if designation is not None and designation.by is not facts.DesignatedBy.MANAGEMENT:
        designation = replace(designation, turn=facts.Turn.FREE)
    leads = facts.GroupPart.LEAD if arrival.wants is not None else None
    return replace(arrival, visit="", declined_by=(), designation=designation, group=arrival.group or leads)


def _after_review(situation: engine.Situation, answer: engine.Decision) -> bool:
    """C4: the facts are those of a review, the decision is not."""
    typing = classify(situation.arrival, situation.person, situation.policy)
    return typing.visit_type is facts.VisitType.REVIEW is not answer.visit_type


def _name(answer: engine.Decision, at: datetime) -> Name:
    overrides = answer.rule == "K9"
    # Somebody's own visitor is free, and so may a friend be who was enquired for (C8): there the turn is told.
    first = answer.visit_type is facts.VisitType.FIRST
    usual = (answer.turn is facts.Turn.COUNTED) is first and answer.type_rule != "C8"
    assert answer.consultant is not None and answer.named_by is not None
    return Name(
        at=at,
        consultant=answer.consultant,
        visitor=answer.visit,
        by=answer.named_by.value,
        reason=answer.reason if overrides else "",
        turn=answer.turn if overrides and not usual else None,
    )


def _correct(answer: engine.Decision, at: datetime) -> Correct:
    """The correction as it was asked for, from the sentences of the rule that answered."""
    kind = _KINDS.get(answer.rule, CorrectionKind.REFUSE_WAIT)
    said = next((one for one in answer.trace if one.rule == answer.rule), None)
    params = said.params if said is not None else {}
    word = said.says if said is not None else ""
    event = Correct(at=at, visitor=answer.visit, kind=kind, reason=answer.reason)
    match kind:
        case CorrectionKind.REFERRAL:
            owner = str(params["owner"]) if params.get("owner") else None
            return replace(event, referrer=f"{_OWNER}{owner}" if owner else "unknown")
        case CorrectionKind.CHANGE_CONSULTANT if word == "designated":
            return replace(event, designates=answer.consultant)
        case CorrectionKind.MISALLOCATED:
            fault = next((one for one in facts.Fault if f"fault_{one.value}" == word), None)
            return replace(event, owner=answer.owner, fault=fault)
        case CorrectionKind.TRANSFER:
            return replace(event, to=answer.consultant)
        case _:
            return event
