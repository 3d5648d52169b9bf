"""Visitors and their visits."""

from reception.models.displays import Display, WaitingRoom
from reception.models.imports import (
    ImportBatch,
    ImportedRow,
    ImportMapping,
    ImportMistake,
    ImportPiece,
    PastVisit,
    StagedRow,
)
from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "DeskDay",
    "Display",
    "ImportBatch",
    "ImportMapping",
    "ImportMistake",
    "ImportPiece",
    "ImportedRow",
    "PastVisit",
    "StagedRow",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "WaitingRoom",
    "full_years",
]
