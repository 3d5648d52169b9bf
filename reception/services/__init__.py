"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.duplicates import dismiss_duplicate, note_all_duplicates
from reception.services.merging import merge_visitors, take_merge_back
from reception.services.progress import (
    Circumstances,
    as_written,
    clear_allocation,
    record_allocation,
    record_circumstances,
    record_correction,
    record_opening,
    record_progress,
    record_standing,
    restore,
)
from reception.services.visitors import change_visitor, register_visitor, reveal_phone

__all__ = [
    "Circumstances",
    "as_written",
    "change_visitor",
    "clear_allocation",
    "dismiss_duplicate",
    "merge_visitors",
    "note_all_duplicates",
    "record_allocation",
    "record_circumstances",
    "record_correction",
    "record_opening",
    "record_progress",
    "record_standing",
    "register_arrival",
    "register_newcomer",
    "register_visitor",
    "restore",
    "reveal_phone",
    "take_merge_back",
    "void_visit",
]
