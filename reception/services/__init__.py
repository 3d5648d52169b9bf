"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.appointments import (
    Wish,
    answer_appointment,
    ask_for_message,
    book_appointment,
    close_appointments_of,
    refuse_messages,
    set_capacity,
)
from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.pre_reports import (
    close_pre_report,
    follow_up_pre_report,
    pass_on_pre_report,
    promise_answer,
    record_pre_report,
    reveal_announced_phone,
)
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
    "Wish",
    "answer_appointment",
    "as_written",
    "ask_for_message",
    "book_appointment",
    "change_visitor",
    "clear_allocation",
    "close_appointments_of",
    "close_pre_report",
    "follow_up_pre_report",
    "pass_on_pre_report",
    "promise_answer",
    "record_allocation",
    "record_circumstances",
    "record_correction",
    "record_opening",
    "record_pre_report",
    "record_progress",
    "record_standing",
    "refuse_messages",
    "register_arrival",
    "register_newcomer",
    "register_visitor",
    "restore",
    "reveal_announced_phone",
    "reveal_phone",
    "set_capacity",
    "void_visit",
]
