"""The pieces a day is written in: words, names, numbers, times, lists. Each that is wrong is noted with its line."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from ...facts.people import Consultant, Person
from .mistakes import Mistake

Choice = TypeVar("Choice", bound=StrEnum)
# YAML's switches, as a loader may have read them.
TRUE, FALSE = ("true", "yes", "on"), ("false", "no", "off")
# No number of a day has more digits; no place of a policy lies deeper.
DIGITS, DEPTH = 4, 3
STATES = ("on", "off", "late", "left", "moved")


class Reader:
    """A file being read: what it has named so far, and what is wrong with it. A wrong piece is noted, and read on."""

    def __init__(self, policy: str | None) -> None:
        self.policy_name = policy
        self.mistakes: list[Mistake] = []
        self.consultants: dict[str, Consultant] = {}
        self.projects: dict[str, int] = {}
        self.unoffered: set[str] = set()
        self.persons: dict[str, Person] = {}
        self.arrived: set[str] = set()
        self.date = date(1, 1, 1)
        self.latest: datetime | None = None

    def wrong(self, node: yaml.Node, text: str) -> None:
        """Note what is wrong with a node."""
        self.mistakes.append(Mistake(node.start_mark.line + 1, text))

    def mapping(
        self, node: yaml.Node, *, known: Collection[str], what: str, required: Collection[str] = ()
    ) -> dict[str, yaml.Node]:
        """The entries of a mapping by key; unknown, doubled and missing keys are mistakes."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} is a mapping")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self.wrong(key, f"{what} has no `{name}` (there are {', '.join(known)})")
            elif name in found:
                self.wrong(key, f"`{name}` stands here twice")
            else:
                found[name] = value
        for name in required:
            if name not in found:
                self.wrong(node, f"{what} needs `{name}`")
        return found

    def pairs(self, node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        """The entries of a mapping, keys as nodes."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, "this is a mapping of seats to numbers")
            return []
        return list(node.value)

    def items(self, node: yaml.Node) -> list[yaml.Node]:
        """The nodes of a list; nothing at all is an empty one."""
        if not isinstance(node, yaml.SequenceNode):
            if not (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
                self.wrong(node, "this is a list")
            return []
        return list(node.value)

    def text(self, node: yaml.Node) -> str:
        """A word; empty when it is none."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.wrong(node, "a name or a word stands here")
            return ""
        return str(node.value)

    def visitor(self, node: yaml.Node) -> str:
        """A visitor's name; one who has not arrived is a mistake."""
        name = self.text(node)
        if name and name not in self.arrived:
            self.wrong(node, f"visitor {name} has not arrived")
        return name

    def consultant(self, node: yaml.Node | None) -> str | None:
        """A consultant's id; nothing or null is nobody."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return None
        name = self.text(node)
        if name and name not in self.consultants:
            self.wrong(node, f"consultant {name} does not exist")
            return None
        return name or None

    def project_list(self, node: yaml.Node, *, anything: bool = False) -> tuple[str, ...]:
        """Projects by name; one that is not offered is a mistake unless `anything` goes."""
        found = []
        for one in self.items(node):
            name = self.text(one)
            if name and name not in self.projects and name not in self.unoffered and not anything:
                self.wrong(one, f"project {name} does not exist")
            found.append(name)
        return tuple(found)

    def switched(self, node: yaml.Node) -> str:
        """`on` and `off` as words, also where a loader made switches of them."""
        word = self.text(node)
        return "on" if word.lower() in TRUE else "off" if word.lower() in FALSE else word

    def switch(self, node: yaml.Node) -> bool:
        """Yes or no."""
        word = self.text(node).lower()
        if word not in (*TRUE, *FALSE):
            self.wrong(node, f"{word} is neither true nor false")
        return word in TRUE

    def state(self, node: yaml.Node) -> str:
        """How a consultant stands at opening; `on` when it cannot be read."""
        return self.one_of(node, STATES, given=self.switched(node)) or "on"

    def one_of(self, node: yaml.Node, allowed: Collection[str], *, given: str | None = None) -> str | None:
        """One of the words allowed, None when it is another; `given` is the word where it was read already."""
        word = self.text(node) if given is None else given
        if word and word not in allowed:
            self.wrong(node, f"{word} is none of {', '.join(allowed)}")
        return word if word in allowed else None

    def choice(self, node: yaml.Node, kind: type[Choice]) -> Choice | None:
        """The member of an enumeration by its word, None when there is none."""
        word = self.one_of(node, [one.value for one in kind])
        return kind(word) if word is not None else None

    def number(self, node: yaml.Node) -> int | None:
        """A whole number, None when it is none."""
        word = self.text(node)
        if not word.isdecimal():
            self.wrong(node, f"{word or 'this'} is not a whole number")
            return None
        if len(word) > DIGITS:
            self.wrong(node, f"{word} is too large a number")
            return None
        return int(word)

    def amount(self, node: yaml.Node) -> None:
        """Look at an amount of money; nothing is kept of it."""
        word = self.text(node)
        if not word.replace("_", "").replace(".", "", 1).isdecimal():
            self.wrong(node, f"{word} is not an amount")

    def a_date(self, node: yaml.Node) -> date | None:
        """A day of the calendar, None when it is none."""
        word = self.text(node)
        try:
            return date.fromisoformat(word)
        except ValueError:
            self.wrong(node, f"{word or 'this'} is not a date like 2026-03-02")
            return None

    def time(self, node: yaml.Node) -> datetime | None:
        """When an event happens. Events stand in their order, so none is earlier than the one before it."""
        at = self.clock(node)
        if at is None:
            return None
        if self.latest is not None and at < self.latest:
            self.wrong(node, f"{self.text(node)} is earlier than the event before it")
        self.latest = max(self.latest or at, at)
        return at

    def clock(self, node: yaml.Node) -> datetime | None:
        """A time of the day; days that really happened give seconds too."""
        word = self.text(node)
        try:
            hour, minute, *rest = word.split(":")
            seconds = float(rest[0]) if len(rest) == 1 else 0.0
            if len(rest) > 1 or not 0 <= seconds < 60:
                raise ValueError(word)
            return datetime.combine(self.date, time(int(hour), int(minute)), UTC) + timedelta(seconds=seconds)
        except ValueError:
            self.wrong(node, f"{word or 'this'} is not a time like 09:30")
            return None

    def plain(self, node: yaml.Node, lines: dict[str, int], place: str) -> Any:
        """A policy's node as plain data, with the line of every place in it."""
        lines[place] = node.start_mark.line + 1
        if place.count(".") > DEPTH:
            self.wrong(node, "a policy does not go that deep")
            return ""
        if isinstance(node, yaml.MappingNode):
            found = {}
            for key, value in node.value:
                inner = f"{place}.{key.value}" if place else str(key.value)
                found[str(key.value)] = self.plain(value, lines, inner)
            return found
        if isinstance(node, yaml.SequenceNode):
            # A policy lists words only: `off` in one is the cause of a pass, and no switch.
            return [
                self.switched(one) if one.tag.endswith(":bool") else self.plain(one, lines, f"{place}.{index}")
                for index, one in enumerate(node.value)
            ]
        if node.tag.endswith(":bool"):
            return str(node.value).lower() in TRUE
        if node.tag.endswith(":int") and str(node.value).isdecimal():
            return int(node.value)
        return str(node.value)
