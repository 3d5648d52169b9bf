"""How fairly a day went: one board's ledger counted up, seat by seat, with the rows behind every figure.

Two counters are kept apart: turns (counted and make-up) are fairness, receptions are statistics. What was undone (K8)
counts as if it had not been; it stays among the marks, as does every override (K9) and every correction.
"""

from .counting import fairness_of
from .figures import CORRECTIONS, Day, Figures, Given, Mark, MarkKind, Month, SeatDay, jain, month_of, total

__all__ = [
    "CORRECTIONS",
    "Day",
    "Figures",
    "Given",
    "Mark",
    "MarkKind",
    "Month",
    "SeatDay",
    "fairness_of",
    "jain",
    "month_of",
    "total",
]
