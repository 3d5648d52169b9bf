"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.arrivals import register_arrival, register_newcomer, void_visit
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
    "void_visit",
]
