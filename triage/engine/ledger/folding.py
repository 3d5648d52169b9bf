"""The ledger as a whole: every kind of entry by its name, as JSON both ways, and folded into a board.

Undo stands here because it carries the entry it takes back as JSON.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

from ..codec import Plain, from_plain, to_plain
from ..facts.board import Board
from .afterwards import Corrected, Declined, Entered, Finished, Left, Released, Returned
from .day import CheckedIn, Closed, Opened, Reordered, SeatState
from .entry import Entry, LedgerError
from .giving import Allocated, Escalated, Moved, Named, OwnerAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Entry):
    """K8: entry number `corrects` is taken back. `entry` is that entry, as JSON."""

    kind: ClassVar[str] = "undone"

    corrects: int
    entry: Mapping[str, object]

    def applied(self, board: Board, sequence: int) -> Board:
        """The board as if the corrected entry had not been; on a closed board that is its closing or nothing."""
        taken_back = entry_from_json(self.entry)
        if board.closed and not isinstance(taken_back, Closed):
            raise LedgerError("the day is closed")
        return taken_back.reverted(board, self.corrects)._replace(sequence=sequence)


ENTRY_KINDS: Mapping[str, type[Entry]] = {
    cls.kind: cls
    for cls in (
        Opened, CheckedIn, Reordered, SeatState, Allocated, Named, Moved, Released, Returned, Escalated, OwnerAsked,
        Entered, Finished, Declined, Left, Corrected, Undone, Closed,
    )
}  # fmt: skip


def apply(board: Board, entry: Entry) -> Board:
    """The board after one more entry; its number is `board.sequence` + 1. Raises LedgerError when it does not fit.

    On a closed board that is its opening again, or the end of what had begun before: who was in a room goes.
    """
    if board.closed and not isinstance(entry, Undone | Finished):
        raise LedgerError("the day is closed")
    return entry.applied(board, board.sequence + 1)


def fold(entries: Iterable[Entry], board: Board | None = None) -> Board:
    """The board after all entries, from an empty board or the one given."""
    return reduce(apply, entries, Board() if board is None else board)


def entry_to_json(entry: Entry) -> Plain:
    """The entry as a plain dict with its `kind`."""
    return {"kind": entry.kind, **to_plain(entry)}


def entry_from_json(data: Mapping[str, object]) -> Entry:
    """The entry `entry_to_json` was given; raises LedgerError for a kind that does not exist."""
    cls = ENTRY_KINDS.get(str(data["kind"]))
    if cls is None:
        raise LedgerError(f"no entry of kind {data['kind']!r}")
    return from_plain(cls, {key: value for key, value in data.items() if key != "kind"})


def board_to_json(board: Board) -> Plain:
    """The board as a plain dict, for the row that caches it."""
    return to_plain(board)


def board_from_json(data: Mapping[str, object]) -> Board:
    """The board `board_to_json` was given."""
    return from_plain(Board, data)
