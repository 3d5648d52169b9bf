"""Visitors, their visits, the log of the desk's day, and the files of those who come again."""

from reception.models.day_log import LogEntry, LogOpen, LogStep
from reception.models.days import Amendment, DayClose, DaySignature, Interference, Party, RegisterSheet
from reception.models.displays import Display, WaitingRoom
from reception.models.file_requests import FileRequest, FileStep
from reception.models.imports import (
    ImportBatch,
    ImportedRow,
    ImportMapping,
    ImportMistake,
    ImportPiece,
    PastVisit,
    StagedRow,
)
from reception.models.merging import Merge, PossibleDuplicate
from reception.models.rounds import RoundItem, RoundList, RoundTick
from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "Amendment",
    "DayClose",
    "DaySignature",
    "DeskDay",
    "Display",
    "FileRequest",
    "FileStep",
    "ImportBatch",
    "ImportMapping",
    "ImportMistake",
    "ImportPiece",
    "ImportedRow",
    "Interference",
    "LogEntry",
    "LogOpen",
    "LogStep",
    "Merge",
    "Party",
    "PastVisit",
    "PossibleDuplicate",
    "RegisterSheet",
    "RoundItem",
    "RoundList",
    "RoundTick",
    "StagedRow",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "WaitingRoom",
    "full_years",
]
