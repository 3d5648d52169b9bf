"""What each screen of this room shows, put together once for the page and its fragments."""

from triage.selectors.screens.boards import board_page_of, entries_of, log_of, panel_of, rows_of
from triage.selectors.screens.corrections import correction_of, corrections_of
from triage.selectors.screens.openings import desks_of, expected_on, opening_of
from triage.selectors.screens.policies import policy_of
from triage.selectors.screens.teams import desk_of_branch, teams_page_of
from triage.selectors.screens.visits import (
    board_visit_of,
    decision_page_of,
    menu_of,
    moved_of,
    proposal_of,
    questions_of,
    settled_by,
    still_shown,
    why_of,
)

__all__ = [
    "board_page_of",
    "board_visit_of",
    "correction_of",
    "corrections_of",
    "decision_page_of",
    "desk_of_branch",
    "desks_of",
    "entries_of",
    "expected_on",
    "log_of",
    "menu_of",
    "moved_of",
    "opening_of",
    "panel_of",
    "policy_of",
    "proposal_of",
    "questions_of",
    "rows_of",
    "settled_by",
    "still_shown",
    "teams_page_of",
    "why_of",
]
