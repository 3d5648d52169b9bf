"""Visitors and their visits."""

from reception.models.merging import Merge, PossibleDuplicate
from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "DeskDay",
    "Merge",
    "PossibleDuplicate",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "full_years",
]
