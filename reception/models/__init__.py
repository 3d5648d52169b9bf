"""Visitors, their visits, who is expected, the register's days, and all else that is written down at the desk."""

from reception.models.appointments import (
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    MessageRefusal,
    ProjectGroup,
    SlotCapacity,
)
from reception.models.consents import Consent, ConsentText
from reception.models.day_log import LogEntry, LogOpen, LogStep
from reception.models.days import Amendment, DayClose, DaySignature, Interference, Party, RegisterSheet
from reception.models.displays import Display, WaitingRoom
from reception.models.file_requests import FileRequest, FileStep
from reception.models.id_papers import IdPaper, IdPaperChange
from reception.models.imports import (
    ImportBatch,
    ImportedRow,
    ImportMapping,
    ImportMistake,
    ImportPiece,
    PastVisit,
    StagedRow,
)
from reception.models.intake import IntakeCard, IntakeInvitation, KioskDevice, PublicRequests
from reception.models.merging import Merge, PossibleDuplicate
from reception.models.pre_checks import Isolation, PreCheck
from reception.models.pre_reports import PreReport, PreReportEntry, PreReportProject
from reception.models.retention import Kept, RetentionItem, RetentionLine, RetentionList, RetentionPeriod
from reception.models.rounds import RoundItem, RoundList, RoundTick
from reception.models.visitors import CalledBefore, Standing, Visitor, VisitorKey, full_years, known_age
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "Amendment",
    "Appointment",
    "AppointmentEntry",
    "AppointmentProject",
    "CalledBefore",
    "Consent",
    "ConsentText",
    "DayClose",
    "DaySignature",
    "DeskDay",
    "Display",
    "FileRequest",
    "FileStep",
    "IdPaper",
    "IdPaperChange",
    "ImportBatch",
    "ImportMapping",
    "ImportMistake",
    "ImportPiece",
    "ImportedRow",
    "IntakeCard",
    "IntakeInvitation",
    "Interference",
    "Isolation",
    "Kept",
    "KioskDevice",
    "LogEntry",
    "LogOpen",
    "LogStep",
    "Merge",
    "MessageRefusal",
    "Party",
    "PastVisit",
    "PossibleDuplicate",
    "PreCheck",
    "PreReport",
    "PreReportEntry",
    "PreReportProject",
    "ProjectGroup",
    "PublicRequests",
    "RegisterSheet",
    "RetentionItem",
    "RetentionLine",
    "RetentionList",
    "RetentionPeriod",
    "RoundItem",
    "RoundList",
    "RoundTick",
    "SlotCapacity",
    "StagedRow",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "WaitingRoom",
    "full_years",
    "known_age",
]
