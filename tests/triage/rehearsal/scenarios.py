"""Scenario days: a day beside what the rulebook makes of it, worked out by hand, and how the two are compared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from triage.engine.rehearsal.day import Arrive, Day
from triage.engine.rehearsal.lines import rehearse
from triage.engine.rehearsal.player import Player
from triage.engine.rehearsal.reader import read_day

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
TABLES = {"C": 10, "A": 14, "T": 9, "K": 9, "O": 5}
RULES = tuple(f"{table}{number}" for table, last in TABLES.items() for number in range(1, last + 1))
PRESETS = ("standard", "even", "strict", "performance", "teams")

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A day, the rules it exercises, and its lines as far as they are expected."""

    name: str
    text: str
    day: Day
    rules: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def arrivals(self) -> int:
        """How many visitors arrive; each of a group counts."""
        return sum(len(event.visitors) for event in self.day.events if isinstance(event, Arrive))


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every day of the folder."""
    found = []
    for path in sorted(FOLDER.glob("*.expect.yaml")):
        name = path.name.removesuffix(".expect.yaml")
        text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        expected = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(Scenario(name, text, read_day(text), tuple(expected["rules"]), tuple(expected["lines"])))
    return tuple(found)


def table_of_rules() -> str:
    """Rule ids against the days that exercise them, a line each."""
    return "\n".join(
        f"{rule:4} {', '.join(one.name for one in scenarios() if rule in one.rules) or '-- no day --'}"
        for rule in RULES
    )


def played(scenario: Scenario) -> list[Line]:
    """The lines of the day as they are printed; `explains`: the rules in a line's trace, where a day looks at them."""
    lines: list[Line] = [json.loads(line) for line in rehearse(scenario.day)]
    for line in lines:
        if "passed" in line:
            line["passed"] = [f"{one['seat']} {one['cause']}{' owed' if one['owed'] else ''}" for one in line["passed"]]
    if any("explains" in expected for expected in scenario.lines):
        for line, said in zip(lines, Player(scenario.day).play(), strict=False):
            line["explains"] = [one.rule for one in said.decision.trace] if said.decision is not None else []
    return lines


def differences(scenario: Scenario) -> list[str]:
    """Where the day as it was played is not what was expected; nothing when it is."""
    lines = played(scenario)
    found = []
    if len(lines) != len(scenario.lines):
        found.append(f"{len(lines)} lines instead of {len(scenario.lines)}")
    for number, (line, expected) in enumerate(zip(lines, scenario.lines, strict=False), start=1):
        about = f"line {number} ({line.get('at', 'the board')} {line.get('visitor', '')})"
        found += [f"{about}: {difference}" for difference in _differs(line, expected)]
    return found


def _differs(line: Line, expected: Mapping[str, Any]) -> list[str]:
    found = []
    for key, value in expected.items():
        given = line.get(key, "nothing")
        if key == "explains":
            same = isinstance(given, list) and set(value) <= set(given)
        elif key == "board":
            same = isinstance(given, dict) and all(given.get(seat) == holds for seat, holds in value.items())
        else:
            same = given == value
        if not same:
            found.append(f"{key} is {given}, not {value}")
    return found
