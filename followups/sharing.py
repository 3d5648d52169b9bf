"""On whose list each call stands. The same agents and cards give the same lists, in whatever order they come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

# How far above the fewest an agent's load may lie for her to keep a visitor she called before.
SLACK = 3


class Rule(StrEnum):
    """Which rule spoke for the agent; the values are those of `CallShare.Why`."""

    CALLED_LAST = "called_last"
    SAME_VISITOR = "same_visitor"
    FEWEST = "fewest"
    ONLY_ONE = "only_one"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who is there to call, and what she has had.

    `kinds`: of departments whose treatments she knows, empty: all. `languages`: those she speaks, empty: Chinese.
    `load`: the weight of the calls she has had on the day, made or not. `calls` in the last 28 days, in which she was
    there on `days` days.
    """

    id: int
    kinds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    load: int = 0
    calls: int = 0
    days: int = 0

    @property
    def per_day(self) -> Fraction:
        """Return how many calls she has had on a day she was there; none when she was not."""
        return Fraction(self.calls, self.days) if self.days else Fraction(0)

    def takes(self, card: "Card") -> bool:
        """Say whether a call is one she can make."""
        speaks = self.languages or {"zh-hans"}
        return (not self.kinds or card.kind in self.kinds) and card.language in speaks


@dataclass(frozen=True, slots=True)
class Card:
    """A call that stands on nobody's list. `kind`: of the department that treated her; `risk`: higher goes first.

    `last_caller`: who called the visitor last. `others_with`: whose lists her other calls stand on already. `weight`:
    what it adds to a load.
    """

    id: int
    visitor: int
    kind: str = ""
    language: str = "zh-hans"
    risk: int = 0
    last_caller: int | None = None
    others_with: frozenset[int] = frozenset()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """On whose list a card stands now (None: nobody can take it), by which rule, and what was looked at.

    `loads`: of everybody who could take it, before it was given. `far`: who called last and has too much already.
    """

    card: int
    to: int | None
    rule: Rule
    loads: Mapping[int, int] = field(default_factory=dict)
    far: int | None = None


def share_out(agents: Iterable[Agent], cards: Iterable[Card]) -> list[Placed]:
    """Return on whose list each card goes, by its number.

    The cards of a visitor go to one agent, as long as one can take them all: to her who has other calls of the visitor
    already; else to her who called last, if her load lies at most SLACK above the fewest; else to her with the least
    load, then the fewest calls a day she was there, then the lower id. Visitors whom somebody knows go first, so that
    the others level the loads out; within that, the highest risk first.
    """
    here = sorted(agents, key=lambda agent: agent.id)
    loads = {agent.id: agent.load for agent in here}
    order = {agent.id: (agent.per_day, agent.id) for agent in here}
    placed: list[Placed] = []
    for group in _groups(here, cards):
        placed += _place(group, [agent.id for agent in here if all(map(agent.takes, group))], loads, order)
    return sorted(placed, key=lambda one: one.card)


def _groups(agents: Sequence[Agent], cards: Iterable[Card]) -> list[list[Card]]:
    """Return what goes to one agent together, in the order it is given out; the riskiest card leads its group."""
    visitors: dict[int, list[Card]] = {}
    for card in sorted(cards, key=lambda card: (-card.risk, card.id)):
        visitors.setdefault(card.visitor, []).append(card)
    groups = []
    for whole in visitors.values():
        if any(all(map(agent.takes, whole)) for agent in agents):
            groups.append(whole)
            continue
        # Nobody can take them all: what one department did stays together.
        by_kind: dict[str, list[Card]] = {}
        for card in whole:
            by_kind.setdefault(card.kind, []).append(card)
        groups += by_kind.values()
    here = {agent.id for agent in agents}
    return sorted(groups, key=lambda group: (_familiar(group, here), -group[0].risk, group[0].visitor, group[0].id))


def _familiar(group: Sequence[Card], here: set[int]) -> int:
    if any(card.others_with & here for card in group):
        return 0
    return 1 if group[0].last_caller in here else 2


def _place(
    group: Sequence[Card],
    fitting: Sequence[int],
    loads: dict[int, int],
    order: Mapping[int, tuple[Fraction, int]],
) -> list[Placed]:
    """Give a group to one of those who can take it, and count it in her load."""
    seen = {agent: loads[agent] for agent in fitting}
    if not fitting:
        return [Placed(card.id, None, Rule.NOBODY) for card in group]

    def fewest(among: Iterable[int]) -> int:
        return min(among, key=lambda agent: (loads[agent], *order[agent]))

    others = {agent for card in group for agent in card.others_with} & set(fitting)
    last, least = group[0].last_caller, fewest(fitting)
    far = None
    if others:
        to, rule = fewest(others), Rule.SAME_VISITOR
    elif last in seen and seen[last] <= loads[least] + SLACK:
        to, rule = last, Rule.CALLED_LAST
    else:
        to, rule = least, Rule.FEWEST if len(fitting) > 1 else Rule.ONLY_ONE
        far = last if last in seen else None
    loads[to] += sum(card.weight for card in group)
    lead, *rest = group
    return [
        Placed(lead.id, to, rule, seen, far),
        *(Placed(card.id, to, Rule.SAME_VISITOR, seen) for card in rest),
    ]
