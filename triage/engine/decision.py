"""What goes into a decision and what comes out: the situation, the verdicts of the rules, the decision."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from .codec import Plain, from_plain, to_plain
from .facts.board import Board, Debt, Held, Owed, Pending
from .facts.people import Arrival, Consultant, Person
from .facts.words import Fate, Turn, VisitType
from .ledger.giving import Passed
from .policy import Policy
from .records import dataclass

Params = Mapping[str, str | int]
NO_PARAMS: Params = MappingProxyType({})


class Outcome(StrEnum):
    """What is to happen with the visit. WAIT: allocated, but she is busy."""

    ASSIGN = "assign"
    WAIT = "wait"
    ASK_OWNER = "ask_owner"
    ESCALATE = "escalate"
    NONE = "none"


class Namer(StrEnum):
    """Who names a consultant for a visit that waits for a name."""

    OWNER = "owner"
    SUPERVISOR = "supervisor"


class Refused(Exception):
    """The rules do not allow it. `rule` is the id that says so, `says` the sentence, `params` what it names.

    `explain.refusal` puts it into words.
    """

    def __init__(self, rule: str, says: str, params: Params | None = None) -> None:
        super().__init__(f"{rule}: {says}")
        self.rule = rule
        self.says = says
        self.params = params or NO_PARAMS


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision is made from. `now` is aware.

    `person` None: no record can be found. `referrer`: the record of the visitor who brought this one, if there is one.
    `consultants` has everybody with a seat, every owner and every successor; `ranks` gives the projects offered here,
    1 for the most major, equal numbers ranking equal.
    """

    now: datetime
    arrival: Arrival
    person: Person | None
    board: Board
    consultants: Mapping[str, Consultant]
    policy: Policy
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Facts:
    now: datetime
    arrival: Arrival
    person: Person | None
    board: Board
    consultants: Mapping[str, Consultant]
    ranks: Mapping[str, int]


def facts_to_json(situation: Situation) -> Plain:
    """The facts as plain JSON, to be stored with the decision; the policy is stored by its version."""
    return to_plain(
        _Facts(
            situation.now,
            situation.arrival,
            situation.person,
            situation.board,
            situation.consultants,
            situation.ranks,
        )
    )


def situation_from_json(facts: Mapping[str, object], policy: Policy) -> Situation:
    """The situation again, from stored facts and the policy version that was in force."""
    known = from_plain(_Facts, facts)
    return Situation(
        now=known.now,
        arrival=known.arrival,
        person=known.person,
        board=known.board,
        consultants=known.consultants,
        policy=policy,
        ranks=known.ranks,
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule that spoke: its id, which of its sentences, and what the sentence names."""

    rule: str
    says: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typing:
    """The kind of visit, by which rule."""

    visit_type: VisitType
    verdict: Verdict

    @property
    def rule(self) -> str:
        """The id of the C rule."""
        return self.verdict.rule


@dataclass(frozen=True, slots=True)
class Judgement:
    """One seat and what was found about it: `takes`, `waits`, or why it did not get the visit."""

    seat: str
    says: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """A seat the visit could wait for: its stated minutes (None: she did not say) and the visits already before it."""

    seat: str
    minutes: int | None
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What a correction corrects: who had the visit, and what becomes of the turn it used.

    `held` is the visit as her seat holds it, at `place` there, None when the consultation is over; `waited`: it was the
    one that waited for her statement. `stays`: the visit stays with her. `exchanged`: the new receiver owes her the
    next turn (K5).
    """

    seat: str
    fate: Fate
    turn: Turn | None = None
    team: str | None = None
    held: Held | None = None
    place: int = 0
    waited: bool = False
    stays: bool = False
    exchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who receives the visit, by which rule, what it uses up, and every reason.

    `sequence` is that of the board it was decided on: on a newer board it is stale. `owner` is the owner after it.
    `wait_minutes` is None when she is busy and did not say how long. `seats` judges every seat, in the order walked.
    `lane`, `pointer_before`, `pointer_after`, `make_up` are what rotation moved; `answers` the open question settled.
    `team` is the team whose turn it uses; `used_*` and `member_*` how far turn and list have come; `debt` the exchange
    it pays back; `guest`: who receives has no seat. A correction has `previous`; `asks`: the rule by which the
    supervisor is to name somebody now.
    """

    visit: str
    sequence: int
    visit_type: VisitType
    type_rule: str
    decision: Outcome
    consultant: str | None
    rule: str
    turn: Turn | None
    turn_rule: str | None
    owner: str | None
    passed: tuple[Passed, ...] = ()
    ignored: tuple[str, ...] = ()
    wait_minutes: int | None = 0
    waits: tuple[Wait, ...] = ()
    trace: tuple[Verdict, ...] = ()
    seats: tuple[Judgement, ...] = ()
    lane: str | None = None
    pointer_before: str | None = None
    pointer_after: str | None = None
    make_up: Owed | None = None
    named_by: Namer | None = None
    answers: Pending | None = None
    reason: str = ""
    team: str | None = None
    used_before: int = 0
    used_after: int = 0
    member_before: int = 0
    member_after: int = 0
    debt: Debt | None = None
    guest: bool = False
    previous: Previous | None = None
    asks: str = ""

    def to_json(self) -> Plain:
        """The decision with its trace, as plain JSON."""
        return to_plain(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Decision":
        """The decision `to_json` was called on."""
        return from_plain(cls, data)
