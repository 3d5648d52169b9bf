"""What changes after a visit was given out: T7, T8 and the K rules.

Each function looks at the board as it is and returns what a correction amounts to: a decision that says who has the
visit now and what became of the turn it used, or an entry. Nothing that was written is changed.
"""

from .departures import decline, leave
from .findings import cannot_do, misallocated, not_offered, referral_found
from .undoing import undo
from .wishes import change_consultant, refuse_wait, transfer, wait_over, wants_consultation

__all__ = [
    "cannot_do",
    "change_consultant",
    "decline",
    "leave",
    "misallocated",
    "not_offered",
    "referral_found",
    "refuse_wait",
    "transfer",
    "undo",
    "wait_over",
    "wants_consultation",
]
