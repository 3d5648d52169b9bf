"""Whether the ledger still says what it said: the chain holds, and it folds to the board."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from triage.engine import facts, ledger
from triage.models import Board, LedgerEntry
from triage.selectors.chain import hash_of, sealed_row

# The columns that repeat what the body says, so that entries can be found; they must agree with it.
_REPEATED = ("at", "kind", "visit_id", "staff_id", "reason", "corrects")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of one board found; no problems: it holds."""

    board: Board
    entries: int
    problems: tuple[str, ...]

    def __str__(self) -> str:
        """Return one line for the terminal and the log."""
        head = f"{self.board.day} {self.board.branch.code}/{self.board.desk} (board {self.board.pk}): "
        if not self.problems:
            return f"{head}{self.entries} entries, chain whole, board agrees"
        return f"{head}{self.entries} entries, DIFFERS: {'; '.join(self.problems)}"


def check_boards(*, day: date | None = None, branch: str = "") -> Iterator[Finding]:
    """Check every board, or those of a day or of a branch (its code), one after another, oldest first.

    A board that is written to while it is read is read again.
    """
    boards = Board.objects.select_related("branch").order_by("day", "branch", "desk")
    if day is not None:
        boards = boards.filter(day=day)
    if branch:
        boards = boards.filter(branch__code=branch)
    for board in boards.iterator():
        yield _at_rest(board)


def _at_rest(board: Board) -> Finding:
    """Check a board as often as somebody wrote to it meanwhile: it and its entries are read one after the other."""
    finding = check_board(board)
    while finding.problems:
        read, current = finding.board, Board.objects.select_related("branch").get(pk=board.pk)
        if (current.sequence, current.last_hash) == (read.sequence, read.last_hash):
            break
        finding = check_board(current)
    return finding


def check_board(board: Board) -> Finding:
    """Fold one board's ledger, compare it to the board, and verify the chain of hashes."""
    problems: list[str] = []
    state, previous, count = facts.Board(), "", 0
    for count, row in enumerate(LedgerEntry.objects.filter(board=board).order_by("sequence"), start=1):
        problems += _wrong_with(row, count, previous)
        previous = row.hash
        try:
            state = ledger.apply(state, ledger.entry_from_json(row.body))
        except (ledger.LedgerError, ValueError, KeyError, TypeError, LookupError) as error:
            problems.append(f"entry {row.sequence} does not fit: {error}")
            break
    else:
        if board.sequence != count:
            problems.append(f"board counts {board.sequence} entries")
        if board.last_hash != previous:
            problems.append("board has another last hash")
        if board.state != ledger.board_to_json(state):
            problems.append("board is not what its ledger folds to")
    return Finding(board, count, tuple(problems))


def _wrong_with(row: LedgerEntry, place: int, previous: str) -> Iterator[str]:
    if row.sequence != place:
        yield f"entry {row.sequence} stands at place {place}"
    if row.previous_hash != previous:
        yield f"entry {row.sequence} does not follow the one before it"
    if row.hash != hash_of(row):
        yield f"entry {row.sequence} was altered"
        return
    entry = ledger.entry_from_json(row.body)
    sealed = sealed_row(board_id=row.board_id, sequence=row.sequence, entry=entry, previous_hash=row.previous_hash)
    for column in _REPEATED:
        if getattr(row, column) != getattr(sealed, column):
            yield f"entry {row.sequence} contradicts itself: {column}"
