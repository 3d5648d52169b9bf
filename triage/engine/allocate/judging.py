"""Why every seat did or did not get the visit, in the order they were asked."""

from collections.abc import Collection
from functools import lru_cache

from ..decision import Judgement, Outcome, Params
from ..facts.board import Seat
from ..facts.words import Cause, Presence
from ..rotation import BARRED, BUSY, Availability
from .case import Answer, Case


def judgements(case: Case, answer: Answer) -> tuple[Judgement, ...]:
    """One judgement for every seat: who takes the visit, and why each of the others does not."""
    seats, taker, without = case.situation.board.seats, answer.consultant, case.without
    if answer.everyone:
        return _not_asked(tuple([seats[index].consultant for index in case.asked]), answer, without, case.barred)
    found, project, others, busy = case.found, case.project, _saying(answer.others), _saying("busy")
    judged = []
    for index in case.asked:
        seat, one = seats[index], found[index]
        name = seat.consultant
        if name == taker:
            judged.append(_taker(name, answer))
        elif one is BARRED:
            judged.append(_saying("barred")[name])
        elif name in without:
            judged.append(_saying("not_wanted")[name])
        elif one is BUSY:
            judged.append(busy[name])
        elif one.cause is None:
            judged.append(others[name])
        else:
            judged.append(_passed(seat, one, project))
    return tuple(judged)


def _not_asked(
    names: tuple[str, ...], answer: Answer, without: Collection[str], barred: Collection[str]
) -> tuple[Judgement, ...]:
    """The same is said of every seat but the one that takes the visit and those that are not wanted, or may not."""
    others = _saying(answer.others, *answer.params.items())
    judged = [others[name] for name in names]
    for name in without:
        if name in names:
            judged[names.index(name)] = _saying("not_wanted")[name]
    for name in barred:
        if name in names:
            judged[names.index(name)] = _saying("barred")[name]
    taker = answer.consultant
    if taker is not None and taker in names:
        judged[names.index(taker)] = _taker(taker, answer)
    return tuple(judged)


def _taker(name: str, answer: Answer) -> Judgement:
    if answer.outcome is not Outcome.WAIT:
        return _saying("takes")[name]
    if answer.wait_minutes is None:
        return _saying("waits_unknown")[name]
    return _saying("waits", ("minutes", answer.wait_minutes))[name]


def _passed(seat: Seat, found: Availability, project: str | None) -> Judgement:
    """Why a seat cannot take the visit."""
    name, cause = seat.consultant, found.cause
    assert cause is not None
    if cause is Cause.SCOPE and project is not None:
        return _saying("scope", ("project", project))[name]
    if cause is Cause.BUSY and found.minutes is not None:
        promised = seat.waited_by is not None
        return (_saying("busy_promised") if promised else _saying("busy_until", ("minutes", found.minutes)))[name]
    if cause is Cause.OFF and seat.presence is Presence.LATE:
        return _saying("late")[name]
    return _saying(cause.value)[name]


class _Saying(dict[str, Judgement]):
    """What is said of a seat, by its name: most judgements are the same all day."""

    def __init__(self, says: str, params: Params) -> None:
        super().__init__()
        self.says = says
        self.params = params

    def __missing__(self, seat: str) -> Judgement:
        judgement = self[seat] = Judgement(seat, self.says, self.params)
        return judgement


@lru_cache(maxsize=1024)
def _saying(says: str, *params: tuple[str, str | int]) -> _Saying:
    return _Saying(says, dict(params))
