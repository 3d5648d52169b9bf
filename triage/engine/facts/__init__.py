"""What is known when a visit is to be given out: frozen, and nothing but data.

Ids (visits, consultants, projects, people) are opaque strings. Times are aware datetimes, durations whole minutes.
A fact is added here together with the rule that reads it, so that nothing the desk says is ever ignored in silence.
"""

from .board import FIRST_LANE, OTHER_LANE, Board, Debt, Held, Owed, Pending, Seat, project_lane
from .people import Arrival, AtDesk, Consultant, Designation, Person, Referral
from .words import (
    Cause,
    DesignatedBy,
    DeskPurpose,
    Employment,
    Fate,
    Fault,
    GroupPart,
    OtherReason,
    Presence,
    Purpose,
    ReferralBy,
    SeatChange,
    Standing,
    Turn,
    VisitType,
)

__all__ = [
    "FIRST_LANE",
    "OTHER_LANE",
    "Arrival",
    "AtDesk",
    "Board",
    "Cause",
    "Consultant",
    "Debt",
    "DesignatedBy",
    "Designation",
    "DeskPurpose",
    "Employment",
    "Fate",
    "Fault",
    "GroupPart",
    "Held",
    "OtherReason",
    "Owed",
    "Pending",
    "Person",
    "Presence",
    "Purpose",
    "Referral",
    "ReferralBy",
    "Seat",
    "SeatChange",
    "Standing",
    "Turn",
    "VisitType",
    "project_lane",
]
