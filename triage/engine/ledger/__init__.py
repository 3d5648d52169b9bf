"""The ledger: what happened at one desk on one day, entry by entry. The board is nothing but its fold.

Entries are frozen, self-contained and JSON both ways (`entry_to_json`, `entry_from_json`). An entry's number is its
place in the ledger, counted from 1; the caller stores it. Nothing is edited: undo (K8) is an `Undone` entry that
carries a copy of the entry it takes back, so that it is applied without looking anything up.
"""

from .afterwards import Corrected, Declined, Entered, Finished, Left, Released, Returned
from .day import CheckedIn, Closed, Opened, OpeningSeat, Reordered, SeatState
from .entry import Entry, LedgerError
from .folding import ENTRY_KINDS, Undone, apply, board_from_json, board_to_json, entry_from_json, entry_to_json, fold
from .giving import Allocated, Escalated, Moved, Named, OwnerAsked, Passed

__all__ = [
    "ENTRY_KINDS",
    "Allocated",
    "CheckedIn",
    "Closed",
    "Corrected",
    "Declined",
    "Entered",
    "Entry",
    "Escalated",
    "Finished",
    "LedgerError",
    "Left",
    "Moved",
    "Named",
    "Opened",
    "OpeningSeat",
    "OwnerAsked",
    "Passed",
    "Released",
    "Reordered",
    "Returned",
    "SeatState",
    "Undone",
    "apply",
    "board_from_json",
    "board_to_json",
    "entry_from_json",
    "entry_to_json",
    "fold",
]
