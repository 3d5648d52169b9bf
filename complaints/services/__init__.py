"""Writes of this room. One function is one thing that happens, in one transaction."""

from complaints.services.handling import (
    add_note,
    assign_complaint,
    close_complaint,
    decide_complaint,
    open_complaint,
    take_complaint,
)
from complaints.services.reporting import build_missing_reports, build_weekly_report

__all__ = [
    "add_note",
    "assign_complaint",
    "build_missing_reports",
    "build_weekly_report",
    "close_complaint",
    "decide_complaint",
    "open_complaint",
    "take_complaint",
]
