"""A day that happened beside the same day under other rules: what differs, and how evenly it was given out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..decision import Decision
from ..facts.board import Board
from .day import Arrive, Day, Event
from .player.desk import Impossible, Line
from .player.player import Player


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day to be played, what was decided by the place of each event, and the board as it really stands."""

    day: Day
    decided: Mapping[int, Decision]
    board: Board


@dataclass(frozen=True, slots=True)
class Skipped:
    """An event that could not happen under these rules, or that they refuse, and why."""

    event: Event
    why: str


@dataclass(slots=True)
class Played:
    """A day after it was played: the player as it ended, and what each event came to, by its place."""

    player: Player
    lines: dict[int, list[Line]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def play(day: Day) -> Played:
    """Play a whole day; what cannot happen is left out and told."""
    played = Played(Player(day))
    for place, event in enumerate(day.events):
        try:
            lines = played.player.happen(event)
        except Impossible as error:
            played.skipped.append(Skipped(event, str(error)))
            continue
        played.lines[place] = lines
        for line in lines:
            if line.refused is not None:
                played.skipped.append(Skipped(event, str(line.refused)))
    return played


def possible(day: Day, played: Played) -> Day:
    """The day without the events that could not happen: `manage.py rehearse` plays it to its end."""
    return replace(day, events=tuple([event for place, event in enumerate(day.events) if place in played.lines]))


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that would have been another one: `then` and `now`, None where there was none."""

    at: datetime
    visit: str
    then: Decision | None
    now: Decision | None

    def to_json(self) -> dict[str, Any]:
        """Both as plain JSON."""
        return {
            "at": self.at.isoformat(),
            "visit": self.visit,
            "then": _brief(self.then),
            "now": _brief(self.now),
            "rule": self.rule_differs,
        }

    @property
    def rule_differs(self) -> bool:
        """Whether another rule, type or turn answered, and not only another seat in turn."""
        return _rules_of(self.then) != _rules_of(self.now)


def differences(past: PastDay, played: Played) -> list[Difference]:
    """Every decision of the day that differs in who receives, by which rule, at which turn or as what type.

    What these rules refuse, or what cannot happen under them, decides nothing.
    """
    found = []
    for place, event in enumerate(past.day.events):
        then = past.decided.get(place)
        if then is None:
            continue
        lines = [one for one in played.lines.get(place, ()) if one.decision is not None and one.refused is None]
        now = lines[0].decision if lines else None
        if _compared(then) != _compared(now):
            found.append(Difference(event.at, then.visit, then, now))
    return found


def seats_of(board: Board) -> dict[str, dict[str, int]]:
    """Turns, receptions and owed turns by seat; of a team together, under its first member."""
    found = {}
    by_name = {seat.consultant: seat for seat in board.seats}
    for key in board.keys:
        seats = [by_name[member] for member in board.members(key)]
        found[key] = {
            "turns": by_name[key].turns,
            "receptions": sum(seat.receptions for seat in seats),
            "owed": len(board.owed_to(key)),
        }
    return found


def spread(values: Sequence[int]) -> int:
    """How many turns the seat with most has more than the one with fewest."""
    return max(values) - min(values) if values else 0


def jain(values: Sequence[int]) -> float:
    """Jain's index of evenness: 1 when all have the same, 1/n when one has all; 1 where nobody has any."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def _rules_of(decision: Decision | None) -> tuple[object, ...]:
    if decision is None:
        return ()
    return decision.decision, decision.rule, decision.turn, decision.visit_type


def _compared(decision: Decision | None) -> tuple[object, ...]:
    if decision is None:
        return ()
    return (*_rules_of(decision), decision.consultant, decision.type_rule)


def _brief(decision: Decision | None) -> dict[str, str | None] | None:
    if decision is None:
        return None
    return {
        "outcome": decision.decision.value,
        "consultant": decision.consultant,
        "rule": decision.rule,
        "turn": decision.turn.value if decision.turn is not None else None,
        "type": decision.visit_type.value,
        "type_rule": decision.type_rule,
    }


class Tally:
    """Days added up: who received how much then and now, what differs, and what could not happen."""

    def __init__(self) -> None:
        self.days: list[dict[str, Any]] = []
        self.seats: dict[str, dict[str, dict[str, int]]] = {}
        self.differences: list[dict[str, Any]] = []
        self.skipped: list[dict[str, Any]] = []
        self.decisions = 0

    def add(self, past: PastDay, played: Played) -> None:
        """Add one day."""
        found = differences(past, played)
        sides = {"then": seats_of(past.board), "now": seats_of(played.player.board)}
        for side, seats in sides.items():
            for seat, figures in seats.items():
                sums = self.seats.setdefault(seat, {"then": dict(_NONE), "now": dict(_NONE)})[side]
                for key in _NONE:
                    sums[key] += figures[key]
        self.decisions += len(past.decided)
        self.differences += [one.to_json() for one in found]
        self.skipped += [
            {
                "at": one.event.at.isoformat(),
                "visit": _about(one.event),
                "what": type(one.event).__name__.lower(),
                "why": one.why,
            }
            for one in played.skipped
        ]
        self.days.append(
            {
                "day": past.day.day.isoformat(),
                "decisions": len(past.decided),
                "differing": len(found),
                "pointer": played.player.board.pointer(),
                **sides,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """The whole as plain JSON."""
        turns = {side: [seat[side]["turns"] for seat in self.seats.values()] for side in ("then", "now")}
        return {
            "days": self.days,
            "seats": self.seats,
            "decisions": self.decisions,
            "differences": self.differences,
            "skipped": self.skipped,
            "spread": {side: spread(values) for side, values in turns.items()},
            "jain": {side: round(jain(values), 4) for side, values in turns.items()},
        }


def _about(event: Event) -> str | None:
    return event.visitors[0] if isinstance(event, Arrive) else getattr(event, "visitor", None)


_NONE = {"turns": 0, "receptions": 0, "owed": 0}
