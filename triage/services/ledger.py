"""The ledger of a board: locked, appended to, chained by hash.

A board is locked before any visit on it: whoever holds a visit's row must not ask for its board afterwards.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from clinic.live import topics
from clinic.services.outbox import announce
from clinic.services.together import change, together, write
from clinic.statements import Statement, columns, rows_of, run
from triage.engine import facts
from triage.engine.ledger import Entry, apply, board_to_json
from triage.models import Board, Policy
from triage.selectors.chain import sealed_row

__all__ = ["append", "lock_board", "sealed_row"]

# Apart from every other advisory lock of the system.
_LOCK_SPACE = 7_226
_LOCK = """
select pg_advisory_xact_lock(%(space)s, id::int) from triage_board
where branch_id = %(branch)s and desk = %(desk)s and day = %(day)s
"""
_BOARD = f"""
select {columns(Board, "board")}, {columns(Policy, "policy")}
from triage_board as board join triage_policy as policy on policy.id = board.policy_id
where board.branch_id = %(branch)s and board.desk = %(desk)s and board.day = %(day)s
for update of board
"""  # noqa: S608 - the columns are those of the models


def lock_board(*, branch_id: int, desk: str, day: date) -> Board | None:
    """Wait for a desk's board of a day and return it as it is now; None when it is not open.

    The advisory lock comes first and the row is read in a statement after it: a row read while waiting would be a
    snapshot from before the others were done. Both are held until the caller's transaction ends.
    """
    where = {"space": _LOCK_SPACE, "branch": branch_id, "desk": desk, "day": day}
    _locked, found = run(Statement(_LOCK, where), Statement(_BOARD, where))
    row = found.fetchone()
    if row is None:
        return None
    board: Board
    board, board.policy = rows_of(row, Board, Policy)
    return board


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
        change(board, "sequence", "state", "last_hash")
        announce(topics=[topics.board(board.pk), topics.desk(board.branch_id), *extra_topics])
    return state
