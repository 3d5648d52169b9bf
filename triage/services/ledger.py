"""The ledger of a board: locked, appended to, chained by hash.

A board is locked before any visit on it: whoever holds a visit's row must not ask for its board afterwards.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection

from clinic.live import topics
from clinic.services.outbox import announce
from clinic.services.together import change, together, write
from triage.engine import facts
from triage.engine.ledger import Entry, apply, board_to_json
from triage.models import Board
from triage.selectors.chain import sealed_row

__all__ = ["append", "lock_board", "sealed_row"]

# Apart from every other advisory lock of the system.
_LOCK_SPACE = 7_226


def lock_board(*, branch_id: int, desk: str, day: date) -> Board | None:
    """Wait for a desk's board of a day and return it as it is now; None when it is not open.

    The advisory lock comes first and the row is read in a statement after it: a row read while waiting would be a
    snapshot from before the others were done. Both are held until the caller's transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, id::int) from triage_board"
            " where branch_id = %s and desk = %s and day = %s",
            [_LOCK_SPACE, branch_id, desk, day],
        )
        if cursor.fetchone() is None:
            return None
    return (
        Board.objects.select_related("policy")
        .select_for_update(of=("self",))
        .get(branch_id=branch_id, desk=desk, day=day)
    )


def append(
    *, board: Board, state: facts.Board, entries: Iterable[Entry], extra_topics: Sequence[str] = ()
) -> facts.Board:
    """Write entries to a locked board's ledger, and the board they fold to; screens showing it hear of it.

    Returns the new state; `board` (sequence, state, last_hash) follows. Raises LedgerError when an entry does not fit,
    and then nothing is written.
    """
    rows = []
    for entry in entries:
        state = apply(state, entry)
        row = sealed_row(board_id=board.pk, sequence=state.sequence, entry=entry, previous_hash=board.last_hash)
        board.last_hash = row.hash
        rows.append(row)
    board.sequence, board.state = state.sequence, board_to_json(state)
    with together():
        for row in rows:
            write(row)
        change(
            Board.objects.filter(pk=board.pk),
            sequence=board.sequence,
            state=board.state,
            last_hash=board.last_hash,
        )
        announce(topics=[topics.board(board.pk), topics.desk(board.branch_id), *extra_topics])
    return state
