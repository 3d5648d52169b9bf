"""Visitors and their visits, and who is expected."""

from reception.models.appointments import (
    Appointment,
    AppointmentEntry,
    AppointmentProject,
    MessageRefusal,
    ProjectGroup,
    SlotCapacity,
)
from reception.models.pre_reports import PreReport, PreReportEntry, PreReportProject
from reception.models.visitors import Standing, Visitor, VisitorKey, full_years
from reception.models.visits import DeskDay, Visit, VisitProject

__all__ = [
    "Appointment",
    "AppointmentEntry",
    "AppointmentProject",
    "DeskDay",
    "MessageRefusal",
    "PreReport",
    "PreReportEntry",
    "PreReportProject",
    "ProjectGroup",
    "SlotCapacity",
    "Standing",
    "Visit",
    "VisitProject",
    "Visitor",
    "VisitorKey",
    "full_years",
]
