"""Busy days of a desk, invented: played as they are made up, so that everything that happens on them could happen."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from triage.engine.decision import Decision, Outcome
from triage.engine.facts import (
    Consultant,
    DesignatedBy,
    Designation,
    OtherReason,
    Person,
    Presence,
    Purpose,
    ReferralBy,
    SeatChange,
    Standing,
)
from triage.engine.policy import Policy
from triage.engine.rehearsal.compare import PastDay
from triage.engine.rehearsal.day import (
    Arrive,
    CheckIn,
    Close,
    Correct,
    CorrectionKind,
    Day,
    DealMade,
    Decline,
    Enter,
    Event,
    Finish,
    Leave,
    Name,
    Say,
    SeatAtOpening,
)
from triage.engine.rehearsal.player import Impossible, Player

ARRIVALS = 80
SEATS = tuple("ABCDEFGHIJKL")
PROJECTS = {"breast": 1, "nose": 2, "liposuction": 2, "eyes": 3, "skin": 4}
CONSULTANTS = {name: Consultant(name) for name in SEATS} | {
    "C": Consultant("C", scope=("eyes", "skin", "nose")),
    "F": Consultant("F", excluded=("breast",)),
    "H": Consultant("H", dedicated=("liposuction",)),
    "I": Consultant("I", dedicated=("liposuction",), stand_in="J"),
}
# What the supervisor or the desk corrects, each about as often as the others.
KINDS = (
    CorrectionKind.NOT_OFFERED,
    CorrectionKind.CANNOT_DO,
    CorrectionKind.REFERRAL,
    CorrectionKind.CHANGE_CONSULTANT,
    CorrectionKind.MISALLOCATED,
    CorrectionKind.WAIT_OVER,
    CorrectionKind.TRANSFER,
    CorrectionKind.UNDO,
)


def busy_days(policy: Policy, *, days: int, arrivals: int = ARRIVALS, seed: int = 1) -> Iterator[PastDay]:
    """Make up days in a row as the desk kept them, with what was decided by the place of each event.

    The same seed gives the same days. About half of the visitors come for the first time; three of a hundred decline,
    leave or are corrected each; consultants come late, go out and say when they will be free.
    """
    chance = random.Random(seed)
    for number in range(days):
        yield _Morning(policy, date(2026, 1, 5) + timedelta(days=number), chance).past(arrivals)


class _Morning:
    """One day that is being made up, minute by minute."""

    def __init__(self, policy: Policy, day: date, chance: random.Random) -> None:
        self.chance = chance
        self.began = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
        late, off = chance.sample(SEATS, 2)
        states = {late: Presence.LATE, off: Presence.OFF}
        self.known = {f"p{number}": self._person(number) for number in range(ARRIVALS)}
        self.day = Day(
            day=day,
            opens_at=self.began,
            policy=policy,
            ranks=PROJECTS,
            consultants=CONSULTANTS,
            seats=tuple(SeatAtOpening(name, states.get(name, Presence.ON)) for name in SEATS),
            persons=self.known,
        )
        self.late = late
        self.player = Player(self.day)
        self.events: list[Event] = []
        self.decided: dict[int, Decision] = {}
        self.due: dict[int, list[Callable[[datetime], Event | None]]] = {}

    def past(self, arrivals: int) -> PastDay:
        """The whole day, with a given number of arrivals between nine and six."""
        self._later(self.chance.randrange(20, 60), lambda at: CheckIn(at=at, seat=self.late))
        for number, minute in enumerate(sorted(self.chance.choices(range(540), k=arrivals))):
            self._later(minute, self._arrival(number))
        for name in self.chance.sample(SEATS, 6):
            self._away(name)
        for minute in range(720):
            for what in self.due.pop(minute, []):
                self._happen(what(self.began + timedelta(minutes=minute)), minute)
        self._happen(Close(at=self.began + timedelta(minutes=720)), 720)
        day = Day(
            day=self.day.day,
            opens_at=self.day.opens_at,
            policy=self.day.policy,
            ranks=self.day.ranks,
            consultants=self.day.consultants,
            seats=self.day.seats,
            persons=self.known,
            events=tuple(self.events),
        )
        return PastDay(day, self.decided, self.player.board)

    def _person(self, number: int) -> Person:
        owner = self.chance.choice(SEATS)
        standing = self.chance.choice((Standing.NO_DEAL, Standing.NO_DEAL, Standing.DEPOSIT, Standing.TREATED))
        return Person(f"p{number}", standing, owner=owner, received_by=(owner,))

    def _later(self, minute: int, what: Callable[[datetime], Event | None]) -> None:
        self.due.setdefault(minute, []).append(what)

    def _happen(self, event: Event | None, minute: int) -> None:
        if event is None:
            return
        try:
            lines = self.player.happen(event)
        except Impossible:
            return
        self.events.append(event)
        for line in lines:
            if line.decision is not None:
                self.decided[len(self.events) - 1] = line.decision
                if line.refused is None:
                    self._goes_on(line.visitor, line.decision, minute)

    def _arrival(self, number: int) -> Callable[[datetime], Event]:
        chance = self.chance
        known = chance.random() < 0.45
        visitor = f"p{number}" if known else f"v{number}"
        projects = tuple(chance.sample(sorted(PROJECTS), chance.choice((1, 1, 1, 2))))
        drawn = chance.random()

        def arrival(at: datetime) -> Event:
            if drawn < 0.06:
                return Arrive(at=at, visitors=(visitor,), projects=projects, other=chance.choice(list(OtherReason)))
            if drawn < 0.12 and known:
                return Arrive(at=at, visitors=(visitor,), projects=projects, purpose=Purpose.REVIEW)
            if drawn < 0.2:
                wish = Designation(chance.choice(SEATS), chance.choice(list(DesignatedBy)))
                return Arrive(at=at, visitors=(visitor,), projects=projects, designation=wish)
            if drawn < 0.28 and not known:
                referrer = f"p{chance.randrange(ARRIVALS)}"
                by = ReferralBy.VISITOR
                return Arrive(at=at, visitors=(visitor,), projects=projects, referrer=referrer, referral_by=by)
            if drawn < 0.32:
                group = (visitor, f"{visitor}-friend")
                return Arrive(at=at, visitors=group, projects=projects, group=True)
            return Arrive(at=at, visitors=(visitor,), projects=projects)

        return arrival

    def _goes_on(self, visitor: str, decision: Decision, minute: int) -> None:
        """What comes next for a visitor about whom something was just decided."""
        chance = self.chance
        drawn, soon = chance.random(), minute + chance.randrange(1, 6)
        if decision.decision in (Outcome.ASK_OWNER, Outcome.ESCALATE):
            named = chance.choice(SEATS)
            self._later(soon, lambda at: Name(at=at, consultant=named, visitor=visitor, by="supervisor"))
        elif decision.consultant is None:
            return
        elif drawn < 0.03:
            self._later(soon, lambda at: Decline(at=at, visitor=visitor))
        elif drawn < 0.06:
            self._later(soon, lambda at: Leave(at=at, visitor=visitor))
        else:
            self._later(soon, lambda at: self._in_turn(visitor, at))
        if 0.1 < drawn < 0.16:
            self._later(minute + chance.randrange(2, 14), lambda at: self._correction(visitor, at))

    def _in_turn(self, visitor: str, at: datetime) -> Event | None:
        """The visitor goes in when she is the first of her consultant's, and looks again later when she is not."""
        visit, minute = self.player.visits[visitor], (at - self.began) // timedelta(minutes=1)
        seat = self.player.board.seat_of(visit.number)
        if seat is None or visit.entered or visit.over:
            return None
        if seat.visits[0].visit != visit.number:
            self._later(minute + 5, lambda later: self._in_turn(visitor, later))
            return None
        over = minute + self.chance.randrange(20, 60)
        if self.chance.random() < 0.2:
            name, left = seat.consultant, self.chance.choice((5, 10, 15))
            self._later(over - left, lambda then: Say(at=then, seat=name, change=SeatChange.BUSY, free_in=left))
        self._later(over, lambda then: Finish(at=then, visitor=visitor))
        if self.chance.random() < 0.3:
            self._later(over + 1, lambda then: DealMade(at=then, visitor=visitor))
        return Enter(at=at, visitor=visitor)

    def _correction(self, visitor: str, at: datetime) -> Event:
        chance = self.chance
        kind = chance.choice(KINDS)
        return Correct(
            at=at,
            visitor=visitor,
            kind=kind,
            referrer=f"p{chance.randrange(ARRIVALS)}" if kind is CorrectionKind.REFERRAL else None,
            owner=chance.choice(SEATS) if kind is CorrectionKind.MISALLOCATED else None,
            to=chance.choice(SEATS) if kind is CorrectionKind.TRANSFER else None,
            reason="as the visitor says",
        )

    def _away(self, name: str) -> None:
        """A meal or an errand, and back."""
        goes = self.chance.randrange(120, 360)
        self._later(goes, lambda at: Say(at=at, seat=name, change=SeatChange.OUT, until=at + timedelta(minutes=40)))
        self._later(goes + 40, lambda at: Say(at=at, seat=name, change=SeatChange.FREE))
