"""Tables of the hospital itself: places, people, projects, and the records every room writes."""

from clinic.models.files import StoredFile
from clinic.models.messages import OutgoingMessage
from clinic.models.organisation import Branch, BranchDay, BranchHours, Department, MembershipLevel, Project
from clinic.models.records import AuditEntry, Counter, Job, OutboxEvent
from clinic.models.roster import Shift
from clinic.models.staff import Staff

__all__ = [
    "AuditEntry",
    "Branch",
    "BranchDay",
    "BranchHours",
    "Counter",
    "Department",
    "Job",
    "MembershipLevel",
    "OutboxEvent",
    "OutgoingMessage",
    "Project",
    "Shift",
    "Staff",
    "StoredFile",
]
