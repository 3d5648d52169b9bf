"""What a rehearsal prints: one JSON object a line, in the words of the rehearsal format."""

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..decision import Decision
from ..explain import Language, explain, refusal
from .compare import seats_of
from .day import Day
from .player.desk import Impossible, Line
from .player.player import Player
from .reader.mistakes import Mistake, NotADay


def rehearse(day: Day, *, language: Language | None = None) -> list[str]:
    """Play a day and return its lines, the board's last. Raises NotADay when an event cannot happen."""
    player = Player(day)
    lines: list[str] = []
    mistakes: list[Mistake] = []
    for event in day.events:
        try:
            lines += [json.dumps(said, ensure_ascii=False) for said in told(player.happen(event), language)]
        except Impossible as error:
            mistakes.append(Mistake(event.line, str(error)))
    if mistakes:
        raise NotADay(mistakes)
    last = {"board": seats_of(player.board), "pointer": player.board.pointer(), "events": len(day.events)}
    return [*lines, json.dumps(last, ensure_ascii=False)]


def told(lines: list[Line], language: Language | None = None) -> Iterator[dict[str, Any]]:
    """Each line of an event as the object that is printed."""
    for line in lines:
        found: dict[str, Any] = {"at": f"{line.at:%H:%M}", "visitor": line.visitor}
        if line.decision is not None:
            found |= _decision(line.decision)
            if line.team is not None:
                found["team"] = list(line.team) if line.team else None
        if line.corrects or (line.decision is None and line.shares is None):
            found["previous_turn"] = line.previous_turn.value if line.previous_turn is not None else None
        if line.shares is not None:
            found["shares"] = {name: _share(share) for name, share in line.shares.items()}
        if language is not None and line.decision is not None:
            words = explain(line.decision, language)
            found["explain"] = [
                *([refusal(line.refused, language)] if line.refused is not None else []),
                words.answer,
                *(f"{one.about}: {one.text}" for one in words.rules),
                *(f"{one.about}: {one.text}" for one in words.seats),
                *(one.text for one in words.waits),
            ]
        yield found


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "visit_type": decision.visit_type.value,
        "type_rule": decision.type_rule,
        "decision": decision.decision.value,
        "consultant": decision.consultant,
        "rule": decision.rule,
        "turn": decision.turn.value if decision.turn is not None else None,
        "turn_rule": decision.turn_rule,
        "owner": decision.owner,
        "passed": [{"seat": one.seat, "cause": one.cause.value, "owed": one.owed} for one in decision.passed],
        "ignored": list(decision.ignored),
        "wait_minutes": decision.wait_minutes,
    }


def _share(share: Fraction) -> str:
    """A share as a decimal number: `1`, `0.5`, `0.3`."""
    if share.denominator == 1:
        return str(share.numerator)
    return f"{float(share):.6f}".rstrip("0")
