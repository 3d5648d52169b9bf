"""Reads of this room."""

from triage.selectors.boards import board_of_day, board_rows, boards_seen_by, front_roster
from triage.selectors.decisions import Proposal, propose
from triage.selectors.policies import policy_of_day, rules_of

__all__ = [
    "Proposal",
    "board_of_day",
    "board_rows",
    "boards_seen_by",
    "front_roster",
    "policy_of_day",
    "propose",
    "rules_of",
]
