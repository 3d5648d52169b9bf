"""Writes of this room: one function is one thing that happens, in one transaction."""

from triage.services.allocation import allocate_visit, name_consultant, undo_allocation
from triage.services.boards import (
    check_in,
    close_board,
    close_past_board,
    open_board,
    reopen_board,
    reorder_board,
    set_seat_state,
)
from triage.services.corrections import correct_visit
from triage.services.desks import (
    allocate_at_desk,
    enter_at_desk,
    finish_at_desk,
    give_to_another,
    hold_desk,
    leave_desk,
    name_at_desk,
    undo_at_desk,
)
from triage.services.integrity import report_difference
from triage.services.policies import create_policy, ensure_policy
from triage.services.progress import record_decline, record_entry, record_finish, record_leave
from triage.services.rehearsals import rehearse_past, start_rehearsal
from triage.services.teams import set_teams

__all__ = [
    "allocate_at_desk",
    "allocate_visit",
    "check_in",
    "close_board",
    "close_past_board",
    "correct_visit",
    "create_policy",
    "ensure_policy",
    "enter_at_desk",
    "finish_at_desk",
    "give_to_another",
    "hold_desk",
    "leave_desk",
    "name_at_desk",
    "name_consultant",
    "open_board",
    "record_decline",
    "record_entry",
    "record_finish",
    "record_leave",
    "rehearse_past",
    "reopen_board",
    "reorder_board",
    "report_difference",
    "set_seat_state",
    "set_teams",
    "start_rehearsal",
    "undo_allocation",
    "undo_at_desk",
]
