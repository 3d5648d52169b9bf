"""What the complaint screens read, limited to what the person who asks may see."""

from complaints.selectors.complaints import (
    Wanted,
    complaint_list,
    complaints_seen_by,
    complaints_worked_by,
    entries_of,
    majors_not_taken,
    number_waiting,
    supervisors_of,
)
from complaints.selectors.reports import latest_reports, report_page_of

__all__ = [
    "Wanted",
    "complaint_list",
    "complaints_seen_by",
    "complaints_worked_by",
    "entries_of",
    "latest_reports",
    "majors_not_taken",
    "number_waiting",
    "report_page_of",
    "supervisors_of",
]
