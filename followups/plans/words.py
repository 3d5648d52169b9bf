"""What a step of a plan is, and what is said in it."""

from dataclasses import dataclass
from typing import Literal

from followups.due import Unit

Anchor = Literal["operation", "discharge", "filing", "effect", "next_visit"]
Kind = Literal["phone", "in_person", "message"]


@dataclass(frozen=True, slots=True)
class Words:
    """A step in one language: its name, the script, and the signs, one a line."""

    name: str
    script: str
    normal: str
    warning: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: `offset` days or months from its anchor, before it when negative; a higher risk comes first.

    `tracked_only`: only for visitors who are tracked individually.
    """

    code: str
    offset: int
    unit: Unit
    risk: int
    zh: Words
    en: Words
    anchor: Anchor = "operation"
    kind: Kind = "phone"
    tracked_only: bool = False
