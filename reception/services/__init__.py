"""Writes of the reception room: visitors, arrivals, and what later rooms report about a visit."""

from reception.services.arrivals import register_arrival, register_newcomer, void_visit
from reception.services.card import IdChange, save_card
from reception.services.consents import record_consents, texts_to_ask, write_consent_text
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
from reception.services.pre_checks import end_isolation, note_isolation_seen, record_pre_check
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
    refuse_isolated,
    restore,
)
from reception.services.visitors import change_visitor, register_visitor, reveal_phone

__all__ = [
    "Circumstances",
    "IdChange",
    "as_written",
    "change_visitor",
    "clear_allocation",
    "drop_card",
    "empty_cards",
    "end_isolation",
    "end_kiosk",
    "invite",
    "note_isolation_seen",
    "record_allocation",
    "record_circumstances",
    "record_consents",
    "record_correction",
    "record_id_paper",
    "record_opening",
    "record_pre_check",
    "record_progress",
    "record_standing",
    "refuse_isolated",
    "register_arrival",
    "register_newcomer",
    "register_visitor",
    "restore",
    "reveal_id_number",
    "reveal_phone",
    "save_card",
    "start_kiosk",
    "submit_card",
    "take_card",
    "take_in",
    "texts_to_ask",
    "void_visit",
    "write_consent_text",
]
