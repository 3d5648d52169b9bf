"""Why every seat did or did not get the visit, in the order they were asked."""

from functools import lru_cache

from ..decision import Judgement, Outcome
from ..facts.board import Seat
from ..facts.words import Cause, Presence
from .case import Answer, Case


def judgements(case: Case, answer: Answer) -> tuple[Judgement, ...]:
    """One judgement for every seat: who takes the visit, and why each of the others does not."""
    board, project = case.situation.board, case.project
    judged = []
    for index in case.asked:
        seat = board.seats[index]
        name = seat.consultant
        if name == answer.consultant:
            judged.append(_taker(name, answer))
            continue
        if name in case.without:
            judged.append(_said(name, "not_wanted"))
            continue
        if answer.everyone:
            judged.append(Judgement(name, answer.others, answer.params))
            continue
        cause, minutes = case.found[index]
        if cause is None:
            judged.append(_said(name, answer.others))
        elif cause is Cause.SCOPE and project is not None:
            judged.append(Judgement(name, "scope", {"project": project}))
        elif cause is Cause.BUSY:
            judged.append(_busy(seat, minutes))
        elif cause is Cause.OFF and seat.presence is Presence.LATE:
            judged.append(_said(name, "late"))
        else:
            judged.append(_said(name, cause.value))
    return tuple(judged)


def _taker(name: str, answer: Answer) -> Judgement:
    if answer.outcome is not Outcome.WAIT:
        return _said(name, "takes")
    if answer.wait_minutes is None:
        return _said(name, "waits_unknown")
    return Judgement(name, "waits", {"minutes": answer.wait_minutes})


def _busy(seat: Seat, minutes: int | None) -> Judgement:
    if minutes is None:
        return _said(seat.consultant, "busy")
    if seat.waited_by is not None:
        return _said(seat.consultant, "busy_promised")
    return Judgement(seat.consultant, "busy_until", {"minutes": minutes})


@lru_cache(maxsize=4096)
def _said(seat: str, says: str) -> Judgement:
    """Most judgements name nothing but the seat, and are the same all day."""
    return Judgement(seat, says)
