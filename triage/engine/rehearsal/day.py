"""A day to be played: who sits where, who is known, and what happens. Frozen, and nothing but data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ..credit import PreReport
from ..facts.people import AtDesk, Consultant, Designation, Person
from ..facts.words import Fault, GroupPart, OtherReason, Presence, Purpose, ReferralBy, SeatChange, Turn, VisitType
from ..policy import Policy


class CorrectionKind(StrEnum):
    """What a correction is about."""

    NOT_OFFERED = "not_offered"
    CANNOT_DO = "cannot_do"
    REFERRAL = "referral"
    CHANGE_CONSULTANT = "change_consultant"
    MISALLOCATED = "misallocated"
    WAIT_OVER = "wait_over"
    TRANSFER = "transfer"
    WANTS_CONSULTATION = "wants_consultation"
    REFUSE_WAIT = "refuse_wait"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens, at an aware time; `line` is where it stands in its file, 0 when it stands in none."""

    at: datetime
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(Event):
    """One visitor arrives, or a group: the first named leads, `wants` the consultant all of them want.

    What follows `claims_history` is stated by days that really happened, where each member of a group arrives on her
    own as its `part`: the clerk's type, age and guardian, the agent whose visitor she is, who answered her friend.
    `again`: a visit that is here and that nobody has is given out anew. `undecided`: nothing is decided yet.
    """

    visitors: tuple[str, ...]
    projects: tuple[str, ...] = ()
    purpose: Purpose = Purpose.CONSULT
    group: bool = False
    wants: str | None = None
    designation: Designation | None = None
    referrer: str | None = None
    referral_by: ReferralBy | None = None
    other: OtherReason | None = None
    friend: str | None = None
    emergency: bool = False
    claims_history: bool = False
    part: GroupPart | None = None
    stated_type: VisitType | None = None
    stated_reason: str = ""
    announced: bool = False
    agent: str | None = None
    answered_by: str | None = None
    age: int | None = None
    guardian: bool = True
    after_review: bool = False
    at_desk: AtDesk | None = None
    again: bool = False
    undecided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(Event):
    """A consultant is here: late, or without a seat until now."""

    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorder(Event):
    """The supervisor puts the seats into another order."""

    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learn(Event):
    """What is known is not what it was: of visitors, of consultants, of projects (None: not offered any more)."""

    persons: Mapping[str, Person] = field(default_factory=dict)
    consultants: Mapping[str, Consultant] = field(default_factory=dict)
    ranks: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Event):
    """Something is said about a seat; `free_in` minutes go with busy, `until` with out."""

    seat: str
    change: SeatChange
    free_in: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(Event):
    """The visitor goes into the room."""

    visitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish(Event):
    """The consultation is over."""

    visitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Event):
    """The allocated consultant declines; with `consultant` only if she is the one who has the visit."""

    visitor: str
    consultant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Event):
    """The visitor walks out."""

    visitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Event):
    """The visit is over, and nobody had it when that really happened: whoever has it now is done with it."""

    visitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(Event):
    """A correction of a visit, with what its kind takes."""

    visitor: str
    kind: CorrectionKind
    referrer: str | None = None
    referral_by: ReferralBy | None = None
    designates: str | None = None
    owner: str | None = None
    fault: Fault | None = None
    to: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Event):
    """Owner or supervisor names who receives a visit; with a reason it is an override."""

    consultant: str
    visitor: str
    by: str
    reason: str = ""
    turn: Turn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealMade(Event):
    """The visitor buys."""

    visitor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Event):
    """The day ends."""


@dataclass(frozen=True, slots=True)
class SeatAtOpening:
    """A person on the board and how she stands there when the day begins."""

    consultant: str
    presence: Presence = Presence.ON


@dataclass(frozen=True, slots=True)
class Carry:
    """What yesterday left behind: where its pointer stood, how much of that turn was used, and owed turns by seat."""

    pointer: str | None = None
    used: int = 0
    owed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Everything a day is played from. `ranks` gives the projects offered, 1 for the most major."""

    day: date
    opens_at: datetime
    policy: Policy
    desk: str = "front"
    ranks: Mapping[str, int] = field(default_factory=dict)
    consultants: Mapping[str, Consultant] = field(default_factory=dict)
    seats: tuple[SeatAtOpening, ...] = ()
    teams: tuple[tuple[str, ...], ...] = ()
    carry: Carry = field(default_factory=Carry)
    persons: Mapping[str, Person] = field(default_factory=dict)
    pre_reports: Mapping[str, tuple[PreReport, ...]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
