"""Sharing a leaver's visitors out among colleagues. The same visitors, colleagues and rule always give the same."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

ONE, EVENLY, STANDING, PROJECTS = "one", "evenly", "standing", "projects"


@dataclass(frozen=True, slots=True)
class Held:
    """A visitor to be given away: how far she has come (0: not at all), and the project she asked for last.

    `last_on`: the day of her last visit as a number, 0 when there was none.
    """

    visitor: int
    standing: int = 0
    vip: bool = False
    last_on: int = 0
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """A colleague who may be given visitors. `scope` empty: she receives every project that is not `excluded`."""

    staff: int
    scope: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def receives(self, project: str | None) -> bool:
        """Say whether a project is hers to receive; no project in particular is everybody's."""
        if project is None:
            return True
        return project not in self.excluded and (not self.scope or project in self.scope)


@dataclass(frozen=True, slots=True)
class Given:
    """A visitor with whom she goes to. `fits` False: her project is none the colleague receives."""

    visitor: int
    to: int
    by_hand: bool = False
    fits: bool = True


def share_out(
    held: Iterable[Held], receivers: Sequence[Receiver], rule: str, moves: Mapping[int, int] | None = None
) -> list[Given]:
    """Return whom each visitor goes to, by her number.

    `moves` says by visitor whom she goes to whatever the rule says; one that names nobody of the receivers says
    nothing. What is moved counts in its colleague's number, so the rule shares out the others around it. Raises
    ValueError without receivers, or for an unknown rule.
    """
    if not receivers:
        raise ValueError("nobody to give to")
    if rule not in (ONE, EVENLY, STANDING, PROJECTS):
        raise ValueError(f"no such rule: {rule}")
    by_staff = {receiver.staff: receiver for receiver in receivers}
    wanted = {visitor: to for visitor, to in (moves or {}).items() if to in by_staff}
    visitors = sorted(held, key=lambda one: one.visitor)
    given = {
        one.visitor: Given(one.visitor, wanted[one.visitor], True, by_staff[wanted[one.visitor]].receives(one.project))
        for one in visitors
        if one.visitor in wanted
    }
    rest = [one for one in visitors if one.visitor not in wanted]
    for group in _groups(rest, rule):
        _share_group(group, receivers, rule, given, _counted(given, group, visitors, rule))
    return [given[one.visitor] for one in visitors]


def _groups(visitors: Sequence[Held], rule: str) -> list[list[Held]]:
    """Return the visitors in the order they are given out, put together as the rule compares them.

    Within a group the latest visits come first, so that each colleague gets her part of those who are still coming.
    """
    by_last = sorted(visitors, key=lambda one: (-one.last_on, one.visitor))
    if rule != STANDING:
        return [by_last]
    keys = sorted({_kind(one) for one in visitors}, reverse=True)
    return [[one for one in by_last if _kind(one) == key] for key in keys]


def _kind(one: Held) -> tuple[int, bool]:
    return one.standing, one.vip


def _counted(
    given: Mapping[int, Given], group: Collection[Held], visitors: Sequence[Held], rule: str
) -> dict[int, int]:
    """Return how many of the group's kind each colleague has been given already."""
    kinds = {_kind(one) for one in group}
    counts: dict[int, int] = {}
    for one in visitors:
        if one.visitor in given and (rule != STANDING or _kind(one) in kinds):
            counts[given[one.visitor].to] = counts.get(given[one.visitor].to, 0) + 1
    return counts


def _share_group(
    group: Iterable[Held],
    receivers: Sequence[Receiver],
    rule: str,
    given: dict[int, Given],
    counts: dict[int, int],
) -> None:
    """Give each to who has the fewest of the group so far, then the fewest of all, then stands first."""
    whole: dict[int, int] = {}
    for gone in given.values():
        whole[gone.to] = whole.get(gone.to, 0) + 1
    places = {receiver.staff: place for place, receiver in enumerate(receivers)}
    for one in group:
        fitting = [receiver for receiver in receivers if receiver.receives(one.project)]
        among: Sequence[Receiver] = receivers
        if rule == ONE:
            among = receivers[:1]
        elif rule == PROJECTS and fitting:
            among = fitting
        to = min(
            (receiver.staff for receiver in among),
            key=lambda staff: (counts.get(staff, 0), whole.get(staff, 0), places[staff]),
        )
        counts[to] = counts.get(to, 0) + 1
        whole[to] = whole.get(to, 0) + 1
        fits = any(receiver.staff == to for receiver in fitting)
        given[one.visitor] = Given(one.visitor, to, False, fits)
