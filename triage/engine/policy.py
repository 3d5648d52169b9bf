"""The knobs of the rulebook: every key, its default, five presets, and validation of the whole."""

from collections.abc import Collection, Mapping
from dataclasses import field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from .facts.words import Cause
from .records import dataclass

PolicyValue = bool | int | str | tuple[str, ...] | Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules a desk runs by. Durations are minutes, ages years.

    `preset` is the one beneath the keys; `teams` has a rule of its own (K4).
    """

    typing: str = "standing"
    minor_until: int = 18
    elder_from: int = 60
    group: str = "lead"
    other_in_rotation: bool = False
    busy_wait_minutes: int = 10
    max_wait_minutes: int = 10
    left_early_minutes: int = 5
    make_up: tuple[str, ...] = (Cause.BUSY.value, Cause.SCOPE.value)
    designation: str = "free"
    staff_introduction: str = "ignored"
    return_to: str = "owner"
    owner_absent: str = "ask"
    decline: str = "suspend"
    hide_project: bool = False
    not_offered_returns: bool = True
    cannot_do_returns: bool = False
    change_credit: str = "new"
    claims: str = "earliest"
    senior_phone: bool = False
    opening: str = "check_in"
    carry_owed: bool = False
    turn_size: int = 1
    priority: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    out_needs_supervisor: bool = False
    preset: str = "standard"

    def to_json(self) -> dict[str, Any]:
        """Every key with its value, as plain JSON; `policy_from_json` reads it back."""
        plain: dict[str, Any] = {"preset": self.preset}
        for key in POLICY_KEYS:
            value = getattr(self, key)
            if isinstance(value, tuple):
                plain[key] = list(value)
            elif isinstance(value, Mapping):
                plain[key] = {project: list(names) for project, names in value.items()}
            else:
                plain[key] = value
        return plain


POLICY_KEYS: tuple[str, ...] = tuple(item.name for item in fields(Policy) if item.name != "preset")

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "typing": ("standing", "simple"),
        "group": ("lead", "each"),
        "designation": ("free", "counted"),
        "staff_introduction": ("ignored", "designation"),
        "return_to": ("owner", "named"),
        "owner_absent": ("ask", "rotate"),
        "decline": ("suspend", "forbidden"),
        "change_credit": ("new", "first"),
        "claims": ("earliest", "follow_up"),
        "opening": ("check_in", "roster", "continue"),
    }
)

RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "minor_until": (0, 120),
        "elder_from": (1, 150),
        "busy_wait_minutes": (0, 240),
        "max_wait_minutes": (0, 480),
        "left_early_minutes": (0, 240),
        "turn_size": (1, 20),
    }
)

CAUSES: tuple[str, ...] = tuple(cause.value for cause in Cause)

PRESETS: Mapping[str, Mapping[str, PolicyValue]] = MappingProxyType(
    {
        "standard": {},
        "even": {"typing": "simple", "cannot_do_returns": True, "claims": "follow_up", "opening": "continue"},
        "strict": {
            "make_up": ("scope",),
            "owner_absent": "rotate",
            "decline": "forbidden",
            "hide_project": True,
            "opening": "roster",
        },
        "performance": {
            "group": "each",
            "designation": "free",
            "staff_introduction": "designation",
            "owner_absent": "rotate",
            "cannot_do_returns": True,
            "change_credit": "first",
            "opening": "roster",
            "out_needs_supervisor": True,
        },
        "teams": {
            "designation": "free",
            "return_to": "named",
            "owner_absent": "rotate",
            "opening": "continue",
            "carry_owed": True,
            "turn_size": 2,
        },
    }
)


class Fault(StrEnum):
    """What is wrong at one place of a policy."""

    NOT_A_POLICY = "not_a_policy"
    UNKNOWN_PRESET = "unknown_preset"
    UNKNOWN_KEY = "unknown_key"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_SWITCH = "not_a_switch"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_LIST = "not_a_list"
    NOT_A_MAPPING = "not_a_mapping"
    NAMED_TWICE = "named_twice"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_CONSULTANT = "unknown_consultant"
    AGES_OVERLAP = "ages_overlap"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: `place` is the path to it (`priority.eyes.1`), `given` what stands there, `allowed` what may."""

    place: str
    fault: Fault
    given: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        allowed = f" (allowed: {', '.join(self.allowed)})" if self.allowed else ""
        return f"{self.place or 'policy'}: {self.fault.value}: {self.given}{allowed}"


class PolicyError(ValueError):
    """The policy is not valid; `mistakes` names every one of them."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def preset(name: str) -> Policy:
    """One of the five presets; raises PolicyError for another name."""
    return policy_from_json(name)


def policy_from_json(
    data: object, *, projects: Collection[str] | None = None, consultants: Collection[str] | None = None
) -> Policy:
    """A policy from a preset's name, or a mapping of keys with an optional `preset` beneath them.

    `projects` and `consultants` are the ids that exist; where they are given, `priority` may name no others.
    Raises PolicyError with every mistake, each with its place.
    """
    if isinstance(data, str):
        data = {"preset": data}
    if not isinstance(data, Mapping):
        raise PolicyError((Mistake("", Fault.NOT_A_POLICY, repr(data)),))
    mistakes: list[Mistake] = []
    values: dict[str, Any] = {}
    name = data.get("preset", "standard")
    if isinstance(name, str) and name in PRESETS:
        values.update(PRESETS[name], preset=name)
    else:
        mistakes.append(Mistake("preset", Fault.UNKNOWN_PRESET, repr(name), tuple(PRESETS)))
    for key, value in data.items():
        if key == "preset":
            continue
        if key not in POLICY_KEYS:
            mistakes.append(Mistake(str(key), Fault.UNKNOWN_KEY, str(key), POLICY_KEYS))
            continue
        found = _mistakes_in(key, value, projects, consultants)
        mistakes.extend(found)
        if not found:
            values[key] = _normal(key, value)
    if not mistakes:
        policy = Policy(**values)
        if policy.minor_until >= policy.elder_from:
            mistakes.append(
                Mistake("elder_from", Fault.AGES_OVERLAP, str(policy.elder_from), (f"> {policy.minor_until}",))
            )
        else:
            return policy
    raise PolicyError(tuple(mistakes))


def _mistakes_in(
    key: str, value: object, projects: Collection[str] | None, consultants: Collection[str] | None
) -> list[Mistake]:
    if key in CHOICES:
        if not isinstance(value, str) or value not in CHOICES[key]:
            return [Mistake(key, Fault.NOT_A_CHOICE, repr(value), CHOICES[key])]
        return []
    if key in RANGES:
        low, high = RANGES[key]
        if isinstance(value, bool) or not isinstance(value, int):
            return [Mistake(key, Fault.NOT_A_NUMBER, repr(value), (f"{low}-{high}",))]
        if not low <= value <= high:
            return [Mistake(key, Fault.OUT_OF_RANGE, str(value), (f"{low}-{high}",))]
        return []
    if key == "make_up":
        return _mistakes_in_list(key, value, CAUSES, Fault.NOT_A_CHOICE)
    if key == "priority":
        if not isinstance(value, Mapping):
            return [Mistake(key, Fault.NOT_A_MAPPING, repr(value))]
        mistakes: list[Mistake] = []
        for project, names in value.items():
            place = f"{key}.{project}"
            if projects is not None and project not in projects:
                mistakes.append(Mistake(place, Fault.UNKNOWN_PROJECT, str(project), tuple(projects)))
            mistakes.extend(_mistakes_in_list(place, names, consultants, Fault.UNKNOWN_CONSULTANT))
        return mistakes
    if not isinstance(value, bool):
        return [Mistake(key, Fault.NOT_A_SWITCH, repr(value), ("true", "false"))]
    return []


def _mistakes_in_list(place: str, value: object, allowed: Collection[str] | None, fault: Fault) -> list[Mistake]:
    if not isinstance(value, list | tuple):
        return [Mistake(place, Fault.NOT_A_LIST, repr(value))]
    mistakes = []
    for index, item in enumerate(value):
        if not isinstance(item, str) or (allowed is not None and item not in allowed):
            mistakes.append(Mistake(f"{place}.{index}", fault, str(item), tuple(allowed or ())))
        elif item in value[:index]:
            mistakes.append(Mistake(f"{place}.{index}", Fault.NAMED_TWICE, item))
    return mistakes


def _normal(key: str, value: object) -> object:
    """Lists become tuples, so that a policy is as frozen as it looks; the order of causes says nothing."""
    if key == "make_up" and isinstance(value, list | tuple):
        return tuple(sorted(value))
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, Mapping):
        return {project: tuple(names) for project, names in value.items()}
    return value
