"""The board: its seats and the visits with them, pointers, owed turns and open questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from .words import Presence, Turn

FIRST_LANE = "first"
OTHER_LANE = "other"


def project_lane(project: str) -> str:
    """The lane of a dedicated project (A11)."""
    return f"project:{project}"


class Held(NamedTuple):
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


class Seat(NamedTuple):
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


class Board(NamedTuple):
    """One desk's rotation for one day: what folding its ledger gives, and nothing else.

    `sequence` is the number of entries folded. `pointers` holds, by lane, the seat the lane points at; a lane nobody
    used yet points at the first seat. `owed` runs from the oldest owed turn to the youngest. `used`: how many visitors
    of its turn the seat at the first-visit pointer has had. `teams`: on a team board the persons of each seat, in their
    order; a team is named by its first member. `guests`: who receives without a seat (A14, `senior_phone`).
    """

    sequence: int = 0
    seats: tuple[Seat, ...] = ()
    pointers: Mapping[str, str] = MappingProxyType({})
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

    def place_of(self, consultant: str) -> int:
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
