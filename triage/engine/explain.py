"""A decision in words: rule ids and parameters into sentences, in English and Chinese.

Nothing is worked out again here. What the evaluation left in the trace is put into the sentences of the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from . import sentences_en, sentences_zh
from .decision import Decision, Judgement, Outcome, Params, Refused, Verdict

Language = Literal["en", "zh"]
Names = Mapping[str, str]

LANGUAGES: Mapping[str, ModuleType] = {"en": sentences_en, "zh": sentences_zh}
CONSULTANTS = ("seat", "owner", "former", "consultant", "debtor")
NOBODY: Names = {}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence about a rule (`about` is its id) or a seat (its consultant id)."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer in one sentence, each rule that spoke, each seat in order, and the waits of an escalated visit."""

    answer: str
    rules: tuple[Line, ...]
    seats: tuple[Line, ...]
    waits: tuple[Line, ...]


def explain(
    decision: Decision, language: Language, *, consultants: Names = NOBODY, projects: Names = NOBODY
) -> Explanation:
    """The decision in `language`. The names are by id; an id without a name stands for itself."""
    words = LANGUAGES[language]
    passed = {one.seat: one.owed for one in decision.passed}
    return Explanation(
        answer=_answer(decision, words, consultants, projects),
        rules=tuple(Line(one.rule, _verdict(one, words, consultants, projects)) for one in decision.trace),
        seats=tuple(
            Line(one.seat, _seat(one, words, passed.get(one.seat), consultants, projects)) for one in decision.seats
        ),
        waits=tuple(
            Line(
                one.seat,
                words.WAITS["unknown" if one.minutes is None else "stated" if one.minutes else "any_minute"].format(
                    seat=consultants.get(one.seat, one.seat), minutes=one.minutes, before=one.before
                ),
            )
            for one in decision.waits
        ),
    )


def rule_sentence(rule: str, language: Language) -> str:
    """What a rule of the rulebook says, in one sentence; raises KeyError for an id that does not exist."""
    sentence: str = LANGUAGES[language].RULES[rule]
    return sentence


def refusal(refused: Refused, language: Language, *, consultants: Names = NOBODY, projects: Names = NOBODY) -> str:
    """Why something is refused, in one sentence."""
    words = LANGUAGES[language]
    template: str = words.REFUSALS[f"{refused.rule}.{refused.says}"]
    return template.format_map(_named(refused.params, words, consultants, projects))


def _answer(decision: Decision, words: ModuleType, consultants: Names, projects: Names) -> str:
    key = decision.decision.value
    if decision.asks:
        key = "asked"
    if decision.decision is Outcome.WAIT and not decision.wait_minutes:
        key = "wait_unknown" if decision.wait_minutes is None else "wait_any_minute"
    if (
        decision.decision is Outcome.NONE
        and not decision.asks
        and (decision.previous is not None or decision.rule == "K8")
    ):
        key = "nobody"
    because = ""
    if decision.consultant is not None:
        spoke = next(one for one in reversed(decision.trace) if f"{one.rule}.{one.says}" in words.BECAUSE)
        template: str = words.BECAUSE[f"{spoke.rule}.{spoke.says}"]
        because = template.format_map(_named(spoke.params, words, consultants, projects))
    sentence: str = words.ANSWERS[key].format(
        type=_type(decision, words),
        consultant=consultants.get(decision.consultant or "", decision.consultant),
        owner=consultants.get(decision.owner or "", decision.owner),
        minutes=decision.wait_minutes,
        because=because,
        turn=words.TURNS[decision.turn.value] if decision.turn else "",
    )
    return sentence


def _type(decision: Decision, words: ModuleType) -> str:
    """The kind of visit; at a department's desk, what she comes there for."""
    typed = decision.trace[0] if decision.trace else None
    at_desk: str | None = words.AT_DESK.get(f"{typed.rule}.{typed.says}") if typed is not None else None
    kind: str = words.TYPES[decision.visit_type.value]
    return at_desk or kind


def _verdict(verdict: Verdict, words: ModuleType, consultants: Names, projects: Names) -> str:
    template: str = words.VERDICTS[f"{verdict.rule}.{verdict.says}"]
    return template.format_map(_named(verdict.params, words, consultants, projects))


def _seat(judgement: Judgement, words: ModuleType, owed: bool | None, consultants: Names, projects: Names) -> str:
    """`owed` None: the seat was not passed over."""
    says = judgement.says
    if says == "waits" and not judgement.params.get("minutes"):
        says = "waits_any_minute"
    template: str = words.SEATS[says]
    text = template.format_map(_named(judgement.params, words, consultants, projects))
    if owed is None:
        return text
    sentence: str = (words.OWED if owed else words.PASSED).format(text=text)
    return sentence


def _named(params: Params, words: ModuleType, consultants: Names, projects: Names) -> dict[str, str | int]:
    """The parameters with names for ids, and words for causes."""
    named: dict[str, str | int] = dict(params)
    for key, value in params.items():
        if not isinstance(value, str):
            continue
        if key in CONSULTANTS:
            named[key] = consultants.get(value, value)
        elif key == "project":
            named[key] = projects.get(value, value)
        elif key == "cause":
            named[key] = words.CAUSES[value]
        elif key == "other":
            named[key] = words.OTHERS[value]
    return named
