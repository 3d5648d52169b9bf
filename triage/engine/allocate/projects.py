"""A11: projects with consultants of their own, dedicated to them or listed by priority."""

from ..decision import Outcome, Verdict
from ..facts.board import project_lane
from ..facts.words import Cause, Turn
from ..ledger.giving import Passed
from ..rotation import FREE_NOW, walk_order
from .case import Answer, Case, Ruling


def a11_dedicated(case: Case) -> Ruling | None:
    """A dedicated project goes round among its consultants, a priority project to the first free one on its list."""
    project, board = case.project, case.situation.board
    if project is None:
        return None
    listed = case.situation.policy.priority.get(project, ())
    found, consultants = case.found, case.situation.consultants
    for_her = [
        project in consultants[seat.consultant].dedicated and seat.consultant not in case.barred for seat in board.seats
    ]
    params = {"project": project}
    if any(for_her):
        lane = project_lane(project)
        names = tuple([seat.consultant for seat in board.seats])
        order = [index for index in walk_order(names, board.pointers.get(lane)) if for_her[index]]
        taker = next((index for index in order if found[index] is FREE_NOW), None)
        if taker is None:
            return Ruling(Verdict("A11", "dedicated_nobody", params))
        passed = [
            Passed(names[index], found[index].cause or Cause.BUSY, False) for index in order[: order.index(taker)]
        ]
        return Ruling(
            Verdict("A11", "dedicated", {**params, "seat": names[taker]}),
            Answer(
                Outcome.ASSIGN,
                consultant=names[taker],
                turn=Turn.FREE,
                turn_rule="T9",
                owner=case.owner_after(names[taker]),
                passed=tuple(passed),
                lane=lane,
                pointer_after=names[(taker + 1) % len(names)],
                others="not_dedicated",
                params=params,
            ),
        )
    if not listed:
        return None
    free = {seat.consultant for seat, one in zip(board.seats, found, strict=True) if one is FREE_NOW}
    first = next((name for name in listed if name in free), None)
    if first is None:
        return Ruling(Verdict("A11", "priority_nobody", params))
    return Ruling(
        Verdict("A11", "priority", {**params, "seat": first}),
        Answer(
            Outcome.ASSIGN,
            consultant=first,
            turn=Turn.COUNTED,
            turn_rule="A11",
            owner=case.owner_after(first),
            others="not_listed",
            params=params,
        ),
    )
