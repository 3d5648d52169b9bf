"""Visitors and their visits, what visitors agree to, and the cards they fill in themselves."""

from reception.models.consents import Consent, ConsentText
from reception.models.id_papers import IdPaper, IdPaperChange
from reception.models.intake import IntakeCard, IntakeInvitation, KioskDevice, PublicRequests
from reception.models.pre_checks import Isolation, PreCheck
from reception.models.visitors import CalledBefore, Standing, Visitor, VisitorKey, full_years, known_age
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "CalledBefore",
    "Consent",
    "ConsentText",
    "DeskDay",
    "IdPaper",
    "IdPaperChange",
    "IntakeCard",
    "IntakeInvitation",
    "Isolation",
    "KioskDevice",
    "PreCheck",
    "PublicRequests",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "full_years",
    "known_age",
]
