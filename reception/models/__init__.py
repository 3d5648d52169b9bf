"""Visitors and their visits."""

from reception.models.days import Amendment, DayClose, DaySignature, Interference, Party, RegisterSheet
from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "Amendment",
    "DayClose",
    "DaySignature",
    "DeskDay",
    "Interference",
    "Party",
    "RegisterSheet",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "full_years",
]
