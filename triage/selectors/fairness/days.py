"""The figures of boards, from their ledgers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from reception.models import Visit
from triage.engine.fairness import Day, fairness_of
from triage.engine.ledger import entry_from_json
from triage.models import Board, LedgerEntry


def days_of(boards: Sequence[Board]) -> dict[int, Day]:
    """Return the figures of boards from their ledgers, by board, in one query."""
    rows = (
        LedgerEntry.objects.filter(board__in=boards)
        .order_by("board", "sequence")
        .values_list("board", "body", "visit", "visit__visit_type")
    )
    bodies: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    first: dict[int, set[str]] = defaultdict(set)
    for board, body, visit, visit_type in rows:
        bodies[board].append(body)
        if visit_type == Visit.VisitType.FIRST:
            first[board].add(str(visit))
    return {
        board.pk: fairness_of(map(entry_from_json, bodies[board.pk]), first_visits=first[board.pk]) for board in boards
    }
