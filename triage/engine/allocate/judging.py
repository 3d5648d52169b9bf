"""Why every seat did or did not get the visit, in the order they were asked."""

from collections.abc import Collection
from functools import lru_cache

from ..decision import Judgement, Outcome
from ..facts.board import Seat
from ..facts.words import Cause, Presence
from ..rotation import BUSY, Availability
from .case import Answer, Case


def judgements(case: Case, answer: Answer) -> tuple[Judgement, ...]:
    """One judgement for every seat: who takes the visit, and why each of the others does not."""
    seats, taker, others, without = case.situation.board.seats, answer.consultant, answer.others, case.without
    if answer.everyone:
        return _not_asked(tuple([seats[index].consultant for index in case.asked]), answer, without)
    found, project = case.found, case.project
    judged = []
    for index in case.asked:
        seat, one = seats[index], found[index]
        name = seat.consultant
        if name == taker:
            judged.append(_taker(name, answer))
        elif name in without:
            judged.append(_said(name, "not_wanted"))
        elif one is BUSY:
            judged.append(_said(name, "busy"))
        elif one.cause is None:
            judged.append(_said(name, others))
        else:
            judged.append(_passed(seat, one, project))
    return tuple(judged)


def _not_asked(names: tuple[str, ...], answer: Answer, without: Collection[str]) -> tuple[Judgement, ...]:
    """The same is said of every seat but the one that takes the visit and those that are not wanted."""
    judged = list(_all_said(names, answer.others, *answer.params.items()))
    for name in without:
        if name in names:
            judged[names.index(name)] = _said(name, "not_wanted")
    taker = answer.consultant
    if taker is not None and taker in names:
        judged[names.index(taker)] = _taker(taker, answer)
    return tuple(judged)


def _taker(name: str, answer: Answer) -> Judgement:
    if answer.outcome is not Outcome.WAIT:
        return _said(name, "takes")
    if answer.wait_minutes is None:
        return _said(name, "waits_unknown")
    return _said(name, "waits", ("minutes", answer.wait_minutes))


def _passed(seat: Seat, found: Availability, project: str | None) -> Judgement:
    """Why a seat cannot take the visit."""
    name, cause = seat.consultant, found.cause
    assert cause is not None
    if cause is Cause.SCOPE and project is not None:
        return _said(name, "scope", ("project", project))
    if cause is Cause.BUSY and found.minutes is not None:
        return (
            _said(name, "busy_promised")
            if seat.waited_by is not None
            else _said(name, "busy_until", ("minutes", found.minutes))
        )
    if cause is Cause.OFF and seat.presence is Presence.LATE:
        return _said(name, "late")
    return _said(name, cause.value)


@lru_cache(maxsize=4096)
def _said(seat: str, says: str, *params: tuple[str, str | int]) -> Judgement:
    """Most judgements are the same all day."""
    return Judgement(seat, says, dict(params))


@lru_cache(maxsize=1024)
def _all_said(seats: tuple[str, ...], says: str, *params: tuple[str, str | int]) -> tuple[Judgement, ...]:
    return tuple([_said(seat, says, *params) for seat in seats])
