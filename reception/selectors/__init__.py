"""Reads of the reception room, filtered by what the reader may see."""

from reception.selectors.duplicates import possible_duplicates
from reception.selectors.find import find_visitors
from reception.selectors.merging import records_of
from reception.selectors.register import RegisterRow, todays_register, visit_in_branch
from reception.selectors.visitors import visitor_seen_by

__all__ = [
    "RegisterRow",
    "find_visitors",
    "possible_duplicates",
    "records_of",
    "todays_register",
    "visit_in_branch",
    "visitor_seen_by",
]
