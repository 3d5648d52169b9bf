"""What a step of a plan is, and what is said in it."""

from dataclasses import dataclass
from typing import Literal

from followups.due import Unit

Anchor = Literal["operation", "discharge", "filing", "effect", "next_visit"]
Kind = Literal["phone", "in_person", "message"]
AnswerKind = Literal["yes_no", "scale", "text"]


@dataclass(frozen=True, slots=True)
class Words:
    """A step in one language: its name, the script, and the signs, one a line."""

    name: str
    script: str
    normal: str
    warning: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer is recorded; `warns_at`: "yes", "no", or the number from which on it is not normal."""

    code: str
    kind: AnswerKind
    zh: str
    en: str
    warns_at: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: `offset` days or months from its anchor, before it when negative; a higher risk comes first.

    `tracked_only`: only for visitors who are tracked individually. `most_tries` and `pause_no_answer` (minutes): how
    often it is tried, and how long is waited when nobody answers; None as the branch's rules say.
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
    questions: tuple[Question, ...] = ()
    most_tries: int | None = None
    pause_no_answer: int | None = None
