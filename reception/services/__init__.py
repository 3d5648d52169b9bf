"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.amendments import HEAD, SUPERVISOR, approve_amendment, propose_amendment, refuse_amendment
from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.days import close_day, end_forgotten_visits, remind_of_unclosed_days, sign_day
from reception.services.exports import export_register
from reception.services.interference import record_interference
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
    "HEAD",
    "SUPERVISOR",
    "Circumstances",
    "approve_amendment",
    "as_written",
    "change_visitor",
    "clear_allocation",
    "close_day",
    "end_forgotten_visits",
    "export_register",
    "propose_amendment",
    "record_allocation",
    "record_circumstances",
    "record_correction",
    "record_interference",
    "record_opening",
    "record_progress",
    "record_standing",
    "refuse_amendment",
    "register_arrival",
    "register_newcomer",
    "register_visitor",
    "remind_of_unclosed_days",
    "restore",
    "reveal_phone",
    "sign_day",
    "void_visit",
]
