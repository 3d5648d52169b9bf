"""The case the rules are asked about, and what a rule answers.

Each rule is a function of the case that returns None when it has nothing to say, or a `Ruling`: its verdict for the
trace, and with it an answer, or the rule it hands over to.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from ..decision import NO_PARAMS, Outcome, Params, Situation, Typing, Verdict, Wait
from ..facts.board import FIRST_LANE, OTHER_LANE, Board, Debt, Owed, Seat
from ..facts.people import Consultant, Designation
from ..facts.words import DesignatedBy, Employment, Presence, Turn, VisitType
from ..ledger.giving import Passed
from ..rotation import Availability, Place, Places, availabilities, openness, walk_order

IGNORED = "ignored"
NOBODY: frozenset[str] = frozenset()
OWN_VISITORS = (VisitType.RETURN, VisitType.REPURCHASE)


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
    """A situation with what the rules need to know of it, worked out once; the seats not before a rule looks at them.

    `belongs`: whether she is somebody's own visitor already: consulted before, or enquired for (C8).
    `without`: seats of the rotation that are not asked: who the visitor does not want any more (K4, K5), and who may
    not do what she comes to a department for; `barred`: the persons who may not.
    """

    __slots__ = (
        "_found",
        "_places",
        "asked",
        "barred",
        "belongs",
        "lane",
        "order",
        "owner",
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
        self.barred = frozenset(arrival.at_desk.barred) if arrival.at_desk is not None else NOBODY
        self.without = (*without, *_barred_seats(board, self.barred)) if self.barred else without
        self.project = major_project(situation)
        apart = (
            typing.visit_type is VisitType.OTHER and not situation.policy.other_in_rotation and arrival.at_desk is None
        )
        self.lane = OTHER_LANE if apart else FIRST_LANE
        self._found: list[Availability] | None = None
        self._places: Places | None = None
        self.order = walk_order(board.keys, board.pointers.get(self.lane))
        self.asked = asked_order(board, self.order)
        owner = situation.person.owner if situation.person else None
        if typing.rule == "C8":
            owner = arrival.answered_by
        self.owner, self.succession = owner_today(situation, owner)
        own = typing.visit_type in OWN_VISITORS or typing.rule == "C8"
        self.belongs = own and self.owner is not None
        if arrival.visit and board.seat_of(arrival.visit) is not None:
            raise ValueError(f"visit {arrival.visit!r} is with a seat already")

    @property
    def found(self) -> list[Availability]:
        """Whether each person could take the visit, in the order of the board's seats."""
        if self._found is None:
            known = self.situation
            self._found = availabilities(
                known.board.seats, known.consultants, self.project, known.now, known.policy, self.barred
            )
        return self._found

    @property
    def places(self) -> Places:
        """The seats of the rotation as they are found."""
        if self._places is None:
            self._places = Places(self.situation.board, self.found, self.situation.consultants)
        return self._places

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

        An `other` visit makes nobody an owner, and neither does a department's desk.
        """
        if self.situation.arrival.at_desk is not None:
            return None
        if self.typing.visit_type is VisitType.FIRST and not self.belongs:
            return receiver
        return receiver if self.owner is None and self.typing.visit_type is not VisitType.OTHER else self.owner

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


def _barred_seats(board: Board, barred: frozenset[str]) -> tuple[str, ...]:
    """The seats of the rotation nobody of whom may do what she comes for."""
    return tuple([key for key in board.keys if barred.issuperset(board.members(key))])


Rule = Callable[[Case], Ruling | None]


def asked_order(board: Board, order: tuple[int, ...]) -> tuple[int, ...]:
    """The persons' places in the order they are asked, when the seats are asked in `order`."""
    if not board.teams:
        return order
    where = {seat.consultant: index for index, seat in enumerate(board.seats)}
    return tuple([where[person] for index in order for person in board.teams[index]])


def major_project(situation: Situation) -> str | None:
    """The project the visit is judged by: the highest-ranked, the first named among equals; None when none is named."""
    projects = situation.arrival.projects
    if len(projects) < 2:
        return projects[0] if projects else None
    return min(projects, key=lambda project: situation.ranks.get(project, math.inf))


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
