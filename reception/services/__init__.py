"""Writes of the reception room: visitors and their cards, appointments, arrivals, the day log, the file room, days.

Here stands what other rooms use and most of what this room's pages call, with what later rooms report about a visit.
Imports, screens and kiosks have more in files of their own.
"""

from reception.models.days import HEAD, SUPERVISOR
from reception.services.amendments import approve_amendment, propose_amendment, refuse_amendment
from reception.services.appointments import answer_appointment, close_appointments_of, record_arrival
from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.booking import Wish, book_appointment
from reception.services.capacity import set_capacity
from reception.services.card import IdChange, save_card
from reception.services.confirmations import (
    accept_messages_to,
    ask_for_message,
    ask_for_messages,
    refuse_messages,
    refuse_messages_to,
    remind_of_appointments,
)
from reception.services.consents import ensure_consent_texts, record_consents, write_consent_text
from reception.services.day_log import (
    hand_out,
    return_unopened,
    reveal_log_phone,
    see_message_slip,
    settle_entry,
    void_entry,
    write_entry,
)
from reception.services.days import close_day, end_forgotten_visits, remind_of_unclosed_days, sign_day
from reception.services.duplicates import dismiss_duplicate, note_all_duplicates
from reception.services.exports import export_register
from reception.services.file_requests import BRINGS_FILE, ask_for_file, record_file_step
from reception.services.id_papers import record_id_paper, reveal_id_number
from reception.services.intake import (
    drop_card,
    empty_cards,
    end_kiosk,
    invite,
    start_kiosk,
    submit_card,
    take_card,
    take_in,
)
from reception.services.interference import record_interference
from reception.services.levels import recompute_levels, record_level
from reception.services.merging import merge_visitors, take_merge_back
from reception.services.own_data import hand_out_own_data
from reception.services.owners import OwnerChange, change_owners
from reception.services.pre_checks import end_isolation, note_isolation_seen, record_pre_check
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
    record_call,
    record_circumstances,
    record_correction,
    record_opening,
    record_progress,
    record_standing,
    refuse_isolated,
    restore,
)
from reception.services.rounds import tick_round, write_round_list
from reception.services.visitors import change_visitor, hold_visitor, register_visitor, reveal_phone

__all__ = [
    "BRINGS_FILE",
    "HEAD",
    "SUPERVISOR",
    "Circumstances",
    "IdChange",
    "OwnerChange",
    "Wish",
    "accept_messages_to",
    "answer_appointment",
    "approve_amendment",
    "as_written",
    "ask_for_file",
    "ask_for_message",
    "ask_for_messages",
    "book_appointment",
    "change_owners",
    "change_visitor",
    "clear_allocation",
    "close_appointments_of",
    "close_day",
    "close_pre_report",
    "dismiss_duplicate",
    "drop_card",
    "empty_cards",
    "end_forgotten_visits",
    "end_isolation",
    "end_kiosk",
    "ensure_consent_texts",
    "export_register",
    "follow_up_pre_report",
    "hand_out",
    "hand_out_own_data",
    "hold_visitor",
    "invite",
    "merge_visitors",
    "note_all_duplicates",
    "note_isolation_seen",
    "pass_on_pre_report",
    "promise_answer",
    "propose_amendment",
    "recompute_levels",
    "record_allocation",
    "record_arrival",
    "record_call",
    "record_circumstances",
    "record_consents",
    "record_correction",
    "record_file_step",
    "record_id_paper",
    "record_interference",
    "record_level",
    "record_opening",
    "record_pre_check",
    "record_pre_report",
    "record_progress",
    "record_standing",
    "refuse_amendment",
    "refuse_isolated",
    "refuse_messages",
    "refuse_messages_to",
    "register_arrival",
    "register_newcomer",
    "register_visitor",
    "remind_of_appointments",
    "remind_of_unclosed_days",
    "restore",
    "return_unopened",
    "reveal_announced_phone",
    "reveal_id_number",
    "reveal_log_phone",
    "reveal_phone",
    "save_card",
    "see_message_slip",
    "set_capacity",
    "settle_entry",
    "sign_day",
    "start_kiosk",
    "submit_card",
    "take_card",
    "take_in",
    "take_merge_back",
    "tick_round",
    "void_entry",
    "void_visit",
    "write_consent_text",
    "write_entry",
    "write_round_list",
]
