"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.amendments import HEAD, SUPERVISOR, approve_amendment, propose_amendment, refuse_amendment
from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.day_log import (
    hand_out,
    return_unopened,
    reveal_log_phone,
    see_slip,
    settle_entry,
    void_entry,
    write_entry,
)
from reception.services.days import close_day, end_forgotten_visits, remind_of_unclosed_days, sign_day
from reception.services.duplicates import dismiss_duplicate, note_all_duplicates
from reception.services.exports import export_register
from reception.services.file_requests import ask_for_file, record_file_step
from reception.services.interference import record_interference
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
from reception.services.rounds import tick_round, write_round_list
from reception.services.visitors import change_visitor, register_visitor, reveal_phone

__all__ = [
    "HEAD",
    "SUPERVISOR",
    "Circumstances",
    "approve_amendment",
    "as_written",
    "ask_for_file",
    "change_visitor",
    "clear_allocation",
    "close_day",
    "dismiss_duplicate",
    "end_forgotten_visits",
    "export_register",
    "hand_out",
    "merge_visitors",
    "note_all_duplicates",
    "propose_amendment",
    "record_allocation",
    "record_circumstances",
    "record_correction",
    "record_file_step",
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
    "return_unopened",
    "reveal_log_phone",
    "reveal_phone",
    "see_slip",
    "settle_entry",
    "sign_day",
    "take_merge_back",
    "tick_round",
    "void_entry",
    "void_visit",
    "write_entry",
    "write_round_list",
]
