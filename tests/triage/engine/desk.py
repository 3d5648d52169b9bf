"""A desk in memory: a day is played through the engine, event by event, the way the screens and rehearsals do."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from triage.engine.allocate import allocate, entries_for
from triage.engine.corrections import (
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
)
from triage.engine.decision import Decision, Namer, Outcome, Situation
from triage.engine.facts import (
    Arrival,
    Board,
    Consultant,
    DesignatedBy,
    Designation,
    Employment,
    OtherReason,
    Person,
    Presence,
    Purpose,
    Referral,
    ReferralBy,
    SeatChange,
    Standing,
    Turn,
    VisitType,
)
from triage.engine.ledger import (
    CheckedIn,
    Closed,
    Entered,
    Entry,
    Finished,
    Opened,
    OpeningSeat,
    SeatState,
    apply,
)
from triage.engine.naming import name
from triage.engine.policy import Policy

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RANKS = {"breast": 1, "nose": 2, "liposuction": 2, "eyes": 3, "skin": 4}


class Said(TypedDict, total=False):
    """What else the desk was told at arrival."""

    designation: Designation
    referral: Referral
    other: OtherReason
    emergency: bool
    stated_type: VisitType
    stated_reason: str


def asks(consultant: str, by: str = "visitor", turn: str = "free", refuses_wait: bool = False) -> Designation:
    return Designation(consultant, DesignatedBy(by), Turn(turn), refuses_wait)


def brought_by(owner: str | None, *received_by: str) -> Referral:
    person = Person("friend", Standing.TREATED, owner=owner, received_by=received_by or ((owner,) if owner else ()))
    return Referral(ReferralBy.VISITOR, person)


def left(consultant: str, successor: str | None = None) -> Consultant:
    return Consultant(consultant, employment=Employment.LEFT, successor=successor)


class Desk:
    """One board and its ledger. Minutes are counted from nine o'clock and only move when told to."""

    def __init__(
        self,
        seats: str = "ABCD",
        *consultants: Consultant,
        policy: Policy | None = None,
        pointer: str | None = None,
        owed: str = "",
        **states: str,
    ) -> None:
        self.policy = policy or Policy()
        self.consultants = {seat: Consultant(seat) for seat in seats} | {one.id: one for one in consultants}
        self.persons: dict[str, Person] = {}
        self.arrivals: dict[str, Arrival] = {}
        self.entries: list[Entry] = []
        self.board = Board()
        self.now = NINE
        opening = [
            OpeningSeat(seat, Presence(states.get(seat, "on")), came=states.get(seat, "on") in ("on", "out"))
            for seat in seats
        ]
        self.record(Opened(at=self.now, seats=tuple(opening), pointer=pointer, owed=tuple(owed)))

    def knows(self, visitor: str, owner: str | None, standing: str = "no_deal") -> "Desk":
        self.persons[visitor] = Person(visitor, Standing(standing), owner=owner)
        return self

    def at(self, minutes: int) -> "Desk":
        self.now = NINE + timedelta(minutes=minutes)
        return self

    def record(self, *entries: Entry) -> None:
        for entry in entries:
            self.board = apply(self.board, entry)
            self.entries.append(entry)

    def situation(self, visit: str) -> Situation:
        return Situation(
            self.now,
            self.arrivals[visit],
            self.persons.get(visit),
            self.board,
            self.consultants,
            self.policy,
            RANKS,
        )

    def proposes(self, visit: str, *projects: str, purpose: str = "consult", **said: Unpack[Said]) -> Decision:
        arrival = Arrival(visit, projects or ("eyes",), Purpose(purpose))
        self.arrivals.setdefault(visit, replace(arrival, **said))
        return allocate(self.situation(visit))

    def confirms(self, decision: Decision) -> Decision:
        self.record(*entries_for(decision, at=self.now, by="desk"))
        return decision

    def arrive(self, visit: str, *projects: str, purpose: str = "consult", **said: Unpack[Said]) -> Decision:
        return self.confirms(self.proposes(visit, *projects, purpose=purpose, **said))

    def name(
        self, visit: str, consultant: str, by: str = "supervisor", *, reason: str = "", turn: str = ""
    ) -> Decision:
        return self.confirms(
            name(
                self.situation(visit),
                consultant=consultant,
                by=Namer(by),
                reason=reason,
                turn=Turn(turn) if turn else None,
            )
        )

    def says(self, seat: str, change: str, free_in: int | None = None) -> "Desk":
        self.record(SeatState(at=self.now, seat=seat, change=SeatChange(change), free_in=free_in))
        return self

    def check_in(self, seat: str) -> "Desk":
        self.consultants.setdefault(seat, Consultant(seat))
        self.record(CheckedIn(at=self.now, seat=seat))
        return self

    def enter(self, visit: str) -> "Desk":
        self.record(Entered(at=self.now, visit=visit, seat=self.with_whom(visit)))
        return self

    def finish(self, visit: str) -> "Desk":
        self.record(Finished(at=self.now, visit=visit, seat=self.with_whom(visit)))
        return self

    def decline(self, visit: str) -> Decision:
        """She declines, and the visit is given out again."""
        entry = decline(self.board, self.policy, visit=visit, at=self.now, by="desk")
        self.record(entry)
        before = self.arrivals[visit]
        self.arrivals[visit] = replace(before, declined_by=(*before.declined_by, entry.seat))
        return self.confirms(allocate(self.situation(visit)))

    def not_offered(self, visit: str) -> Decision:
        return self.confirms(not_offered(self.situation(visit)))

    def cannot_do(self, visit: str) -> Decision:
        return self.confirms(cannot_do(self.situation(visit)))

    def correct(self, visit: str, kind: int, seat: str) -> Decision:
        """One of the corrections that move a visit, by its number."""
        situation = self.situation(visit)
        corrections = (
            lambda: change_consultant(situation),
            lambda: change_consultant(situation, designates=seat),
            lambda: transfer(situation, to=seat),
            lambda: misallocated(situation, owner=seat),
            lambda: referral_found(situation, referral=brought_by(seat)),
            lambda: wait_over(situation),
            lambda: refuse_wait(situation),
        )
        return self.confirms(corrections[kind % len(corrections)]())

    def leave(self, visit: str) -> "Desk":
        self.record(leave(self.board, self.policy, visit=visit, at=self.now, by="desk"))
        return self

    def undo(self, visit: str) -> "Desk":
        corrects = max(
            number for number, entry in enumerate(self.entries, start=1) if getattr(entry, "visit", None) == visit
        )
        self.record(undo(self.entries, corrects, at=self.now, by="desk", reason="wrong visitor"))
        return self

    def close(self) -> "Desk":
        self.record(Closed(at=self.now, keeps_owed=self.policy.carry_owed))
        return self

    def with_whom(self, visit: str) -> str:
        seat = self.board.seat_of(visit)
        assert seat is not None
        return seat.consultant

    @property
    def pointer(self) -> str | None:
        return self.board.pointer()

    @property
    def owed(self) -> str:
        return "".join(one.seat for one in self.board.owed)

    def turns(self) -> dict[str, int]:
        return {seat.consultant: seat.turns for seat in self.board.seats}


def line(decision: Decision) -> str:
    """What a decision amounts to, short enough for a table: `A12 A counted T1`, `A7 wait 5 B free T2`."""
    parts: Iterable[object] = [decision.rule]
    if decision.decision is Outcome.WAIT:
        parts = [*parts, "wait", decision.wait_minutes]
    elif decision.decision is not Outcome.ASSIGN:
        parts = [*parts, decision.decision.value]
    if decision.consultant and decision.turn:
        parts = [*parts, decision.consultant, decision.turn.value, decision.turn_rule]
    return " ".join(str(part) for part in parts)


def passed(decision: Decision) -> str:
    """The seats passed over, an owed one with a plus: `B busy+, C off`."""
    return ", ".join(f"{one.seat} {one.cause.value}{'+' * one.owed}" for one in decision.passed)
