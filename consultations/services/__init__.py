"""Writes of the consultation room. One function is one thing that happens, in one transaction.

Rows are locked in one order everywhere: visitor, board, visit, consultation.
"""

from consultations.services.outcomes import record_deal, record_no_deal, save_notes
from consultations.services.treatments import cancel_treatment, change_treatment, file_treatment
from consultations.services.visits import (
    accept_visit,
    acknowledge_visit,
    decline_visit,
    enter_room,
    finish_consultation,
)

__all__ = [
    "accept_visit",
    "acknowledge_visit",
    "cancel_treatment",
    "change_treatment",
    "decline_visit",
    "enter_room",
    "file_treatment",
    "finish_consultation",
    "record_deal",
    "record_no_deal",
    "save_notes",
]
