"""What is known when a visit is to be given out: frozen, and nothing but data.

Ids (visits, consultants, projects, people) are opaque strings. Times are aware datetimes, durations whole minutes.
A fact is added here together with the rule that reads it, so that nothing the desk says is ever ignored in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FIRST_LANE = "first"
OTHER_LANE = "other"


def project_lane(project: str) -> str:
    """The lane of a dedicated project (A11)."""
    return f"project:{project}"


class VisitType(StrEnum):
    """What kind of visit it is (C rules)."""

    FIRST = "first"
    RETURN = "return"
    REVIEW = "review"
    REPURCHASE = "repurchase"
    OTHER = "other"


class Standing(StrEnum):
    """How far the visitor ever got here. NEW: on file, never consulted."""

    NEW = "new"
    NO_DEAL = "no_deal"
    DEPOSIT = "deposit"
    PAID = "paid"
    TREATED = "treated"


class Purpose(StrEnum):
    """What the visitor is here for, as the desk was told."""

    CONSULT = "consult"
    REVIEW = "review"


class OtherReason(StrEnum):
    """The closed list of C5: why a visit is `other`."""

    FOR_FRIEND = "for_friend"
    MINOR = "minor"
    ELDER = "elder"
    FREE_TRIAL = "free_trial"
    PAID_TREATMENT = "paid_treatment"
    REFUND = "refund"
    COMPANION = "companion"
    NOT_OFFERED = "not_offered"
    CANNOT_DO = "cannot_do"
    PRODUCT = "product"


class DesignatedBy(StrEnum):
    """Who named a consultant for the visit."""

    VISITOR = "visitor"
    MANAGEMENT = "management"
    DIVISION = "division"
    THIRD_PARTY = "third_party"
    STAFF = "staff"
    DEPARTMENT = "department"


class ReferralBy(StrEnum):
    """How a referral is known: one of the three ways that make it one (A10)."""

    VISITOR = "visitor"
    PRE_REPORT = "pre_report"
    SLIP = "slip"


class GroupPart(StrEnum):
    """Her place in a group that arrived together (C7)."""

    LEAD = "lead"
    COMPANION = "companion"


class Fault(StrEnum):
    """Why a wrong allocation was made (K6): the receiver steered it, or the visitor concealed her history."""

    RECEIVER = "receiver"
    VISITOR = "visitor"


class Fate(StrEnum):
    """What became of the turn a visit had. COUNTED, MAKE_UP, FREE: it stands."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    FREE = "free"
    RETURNED = "returned"
    LOST = "lost"
    EXCHANGED = "exchanged"
    UNDONE = "undone"


class Presence(StrEnum):
    """Where the consultant of a seat is. LATE: expected, not checked in yet; rest days and leave are OFF."""

    ON = "on"
    OFF = "off"
    LATE = "late"
    OUT = "out"


class SeatChange(StrEnum):
    """What is said about a seat: `free` and `busy` also mean that she is there."""

    FREE = "free"
    BUSY = "busy"
    OUT = "out"
    OFF = "off"
    ON = "on"
    LATE = "late"


class Employment(StrEnum):
    """Whether a consultant still receives at this desk at all (A9)."""

    HERE = "here"
    LEFT = "left"
    MOVED = "moved"


class Cause(StrEnum):
    """Why the walk passed a seat over; `late` counts as `off`."""

    OFF = "off"
    OUT = "out"
    SUSPENDED = "suspended"
    SCOPE = "scope"
    BUSY = "busy"


class Turn(StrEnum):
    """What a visit uses up."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Consultant:
    """A consultant as far as the rules look at her.

    `scope` None: every project. `successor`: who took over her visitors when she left or moved. `stand_in`: whom she
    named beforehand for referrals to her while she is absent. `dedicated`: projects specially given to her (A11).
    `phone`: a phone or online consultant, who has no seat (A14). `sister`: who of the sister pair takes her place on a
    team board while she is off.
    """

    id: str
    scope: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    employment: Employment = Employment.HERE
    successor: str | None = None
    stand_in: str | None = None
    dedicated: tuple[str, ...] = ()
    phone: bool = False
    sister: str | None = None

    def may_receive(self, project: str | None) -> bool:
        """Whether scope and exclusions let her take a visit judged by `project` (None: none was named)."""
        if project is None:
            return True
        return project not in self.excluded and (self.scope is None or project in self.scope)


@dataclass(frozen=True, slots=True)
class Person:
    """What the records say of somebody. `owner`: the consultant she belongs to; `received_by`: all who received her."""

    id: str
    standing: Standing
    owner: str | None = None
    received_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Designation:
    """Somebody named a consultant. `turn` is management's to say (A2); `refuses_wait`: the wait was offered in vain."""

    consultant: str
    by: DesignatedBy
    turn: Turn = Turn.FREE
    refuses_wait: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """Brought by an existing visitor; `referrer` None: no record of her can be found."""

    by: ReferralBy
    referrer: Person | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One visit at the desk, as it was registered. `declined_by`: who declined this very visit already (T7).

    `stated_type`: the clerk changed the proposed type, for `stated_reason`. `other`: the desk's reason for C5.
    `pre_reported`: she was announced before she came; `agent`: the phone or online consultant whose visitor that makes
    her (O2, O3). `group`: her place in a group that came together, `wants`: the consultant all its members want (T6).
    `claims_history`: she says that she was here, and no record can be found (C9). `answered_by`: who answered the
    enquiry of a friend on her behalf (C8). `age` in full years; `guardian`: somebody answers for a minor.
    `after_review`: she came for a review and now wants a consultation (C4).
    """

    visit: str
    projects: tuple[str, ...] = ()
    purpose: Purpose = Purpose.CONSULT
    declined_by: tuple[str, ...] = ()
    stated_type: VisitType | None = None
    stated_reason: str = ""
    designation: Designation | None = None
    referral: Referral | None = None
    other: OtherReason | None = None
    pre_reported: bool = False
    emergency: bool = False
    agent: str | None = None
    group: GroupPart | None = None
    wants: str | None = None
    claims_history: bool = False
    answered_by: str | None = None
    age: int | None = None
    guardian: bool = True
    after_review: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A visit that is with a seat: allocated and not finished. `at` is when it was allocated.

    `rule` and `turn_rule` are those that gave it; `team` is the team whose turn it used, None where seats are persons;
    `owner` is whose visitor she is since, `given` the number of the entry that gave her the visit. `entered_at`: since
    when the visitor is in the room.
    """

    visit: str
    turn: Turn
    at: datetime
    entered: bool = False
    rule: str = ""
    turn_rule: str = ""
    team: str | None = None
    owner: str | None = None
    given: int = 0
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A make-up owed to a seat. (`given`, `order`) is its age and its name: the entry that gave it, place there.

    `cause` is a `Cause`, or `left` (T8), `carried` (yesterday's), or the id of the K rule that returned a turn.
    """

    seat: str
    given: int
    order: int
    cause: str
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """An exchange (K5): the next turn that comes to `debtor` in rotation goes to `creditor`. `given` names it.

    Both are seats of the rotation: on a team board teams, by their first member.
    """

    debtor: str
    creditor: str
    given: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A visit nobody has yet: A14 and K4 wait for the supervisor, A8 for its owner or the supervisor.

    `owner` is the owner the visitor has; `before` who received her last, when she asked for another (K4).
    """

    visit: str
    rule: str
    since: datetime
    owner: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of the board. `consultant` is its id on the board.

    `came`: she has been here today, so coming back keeps her place. `stated_busy` and `free_at` are her own statement
    (`free_at` None: she did not say when); `waited_by` is the one visit that already waits on it. `until`: expected
    back from *out*. `counted` and `make_ups` are turns, `receptions` the visitors who entered her room. On a team board
    the first member's seat holds the turns of the whole team, and `next_member`: whose place in the list comes next.
    """

    consultant: str
    presence: Presence = Presence.ON
    came: bool = True
    suspended: bool = False
    stated_busy: bool = False
    free_at: datetime | None = None
    waited_by: str | None = None
    until: datetime | None = None
    visits: tuple[Held, ...] = ()
    counted: int = 0
    make_ups: int = 0
    receptions: int = 0
    next_member: int = 0

    @property
    def turns(self) -> int:
        """Turns for fairness: counted and make-up."""
        return self.counted + self.make_ups

    @property
    def busy(self) -> bool:
        """Whether she has a visit that is not finished, or says that she is busy."""
        return self.stated_busy or bool(self.visits)

    def holds(self, visit: str) -> Held | None:
        """The visit as this seat holds it, if it does."""
        for held in self.visits:
            if held.visit == visit:
                return held
        return None


@dataclass(frozen=True, slots=True)
class Board:
    """One desk's rotation for one day: what folding its ledger gives, and nothing else.

    `sequence` is the number of entries folded. `pointers` holds, by lane, the seat the lane points at; a lane nobody
    used yet points at the first seat. `owed` runs from the oldest owed turn to the youngest. `used`: how many visitors
    of its turn the seat at the first-visit pointer has had. `teams`: on a team board the persons of each seat, in their
    order; a team is named by its first member. `guests`: who receives without a seat (A14, `senior_phone`).
    """

    sequence: int = 0
    seats: tuple[Seat, ...] = ()
    pointers: Mapping[str, str] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    pending: tuple[Pending, ...] = ()
    closed: bool = False
    used: int = 0
    teams: tuple[tuple[str, ...], ...] = ()
    guests: tuple[Seat, ...] = ()
    debts: tuple[Debt, ...] = ()

    def seat(self, consultant: str) -> Seat | None:
        """The consultant's seat, if she has one here."""
        for seat in self.seats:
            if seat.consultant == consultant:
                return seat
        for seat in self.guests:
            if seat.consultant == consultant:
                return seat
        return None

    def index(self, consultant: str) -> int:
        """Her place in the order, from 0; raises LookupError when she has no seat here."""
        for index, seat in enumerate(self.seats):
            if seat.consultant == consultant:
                return index
        raise LookupError(f"no seat {consultant!r} on this board")

    def team_of(self, consultant: str) -> str | None:
        """The team a person belongs to; None where seats are persons."""
        for team in self.teams:
            if consultant in team:
                return team[0]
        return None

    def members(self, team: str) -> tuple[str, ...]:
        """The persons of a team in their order; the seat alone where seats are persons."""
        for one in self.teams:
            if one[0] == team:
                return one
        return (team,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The seats of the rotation in order: persons, or teams by their first member."""
        if self.teams:
            return tuple([team[0] for team in self.teams])
        return tuple([seat.consultant for seat in self.seats])

    def pointer(self, lane: str = FIRST_LANE) -> str | None:
        """The seat a lane points at; None on a board without seats."""
        if not self.seats:
            return None
        return self.pointers.get(lane) or self.seats[0].consultant

    def owed_to(self, consultant: str) -> tuple[Owed, ...]:
        """The make-ups owed to a seat, oldest first."""
        return tuple(owed for owed in self.owed if owed.seat == consultant)

    def seat_of(self, visit: str) -> Seat | None:
        """The seat that holds the visit, if any does."""
        for seat in (*self.seats, *self.guests) if self.guests else self.seats:
            for held in seat.visits:
                if held.visit == visit:
                    return seat
        return None

    def pending_for(self, visit: str) -> Pending | None:
        """The open question about the visit, if there is one."""
        for pending in self.pending:
            if pending.visit == visit:
                return pending
        return None
