"""The closed lists of what the desk can say of visitors, visits, seats and turns."""

from enum import StrEnum


class VisitType(StrEnum):
    """What kind of visit it is (C rules)."""

    FIRST = "first"
    RETURN = "return"
    REVIEW = "review"
    REPURCHASE = "repurchase"
    OTHER = "other"


class Standing(StrEnum):
    """How far the visitor ever got here. NEW: on file, never consulted."""

    NEW = "new"
    NO_DEAL = "no_deal"
    DEPOSIT = "deposit"
    PAID = "paid"
    TREATED = "treated"


class Purpose(StrEnum):
    """What the visitor is here for, as the desk was told."""

    CONSULT = "consult"
    REVIEW = "review"


class DeskPurpose(StrEnum):
    """What a visitor comes to a department's desk for."""

    TREATMENT = "treatment"
    REVIEW = "review"
    CONSULT = "consult"


class OtherReason(StrEnum):
    """The closed list of C5: why a visit is `other`."""

    FOR_FRIEND = "for_friend"
    MINOR = "minor"
    ELDER = "elder"
    FREE_TRIAL = "free_trial"
    PAID_TREATMENT = "paid_treatment"
    REFUND = "refund"
    COMPANION = "companion"
    NOT_OFFERED = "not_offered"
    CANNOT_DO = "cannot_do"
    PRODUCT = "product"


class DesignatedBy(StrEnum):
    """Who named a consultant for the visit."""

    VISITOR = "visitor"
    MANAGEMENT = "management"
    DIVISION = "division"
    THIRD_PARTY = "third_party"
    STAFF = "staff"
    DEPARTMENT = "department"


class ReferralBy(StrEnum):
    """How a referral is known: one of the three ways that make it one (A10)."""

    VISITOR = "visitor"
    PRE_REPORT = "pre_report"
    SLIP = "slip"


class GroupPart(StrEnum):
    """Her place in a group that arrived together (C7)."""

    LEAD = "lead"
    COMPANION = "companion"


class Fault(StrEnum):
    """Why a wrong allocation was made (K6): the receiver steered it, or the visitor concealed her history."""

    RECEIVER = "receiver"
    VISITOR = "visitor"


class Fate(StrEnum):
    """What became of the turn a visit had. COUNTED, MAKE_UP, FREE: it stands."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    FREE = "free"
    RETURNED = "returned"
    LOST = "lost"
    EXCHANGED = "exchanged"
    UNDONE = "undone"


class Presence(StrEnum):
    """Where the consultant of a seat is. LATE: expected, not checked in yet; rest days and leave are OFF."""

    ON = "on"
    OFF = "off"
    LATE = "late"
    OUT = "out"


class SeatChange(StrEnum):
    """What is said about a seat: `free` and `busy` also mean that she is there."""

    FREE = "free"
    BUSY = "busy"
    OUT = "out"
    OFF = "off"
    ON = "on"
    LATE = "late"


class Employment(StrEnum):
    """Whether a consultant still receives at this desk at all (A9)."""

    HERE = "here"
    LEFT = "left"
    MOVED = "moved"


class Cause(StrEnum):
    """Why the walk passed a seat over; `late` counts as `off`."""

    OFF = "off"
    OUT = "out"
    SUSPENDED = "suspended"
    SCOPE = "scope"
    BUSY = "busy"


class Turn(StrEnum):
    """What a visit uses up."""

    COUNTED = "counted"
    MAKE_UP = "make_up"
    FREE = "free"
