"""Complaints taken in as the product takes them in."""

from datetime import datetime
from typing import Any

from clinic.models import Staff
from complaints.models import Complaint
from complaints.services import open_complaint


def a_complaint(staff: Staff, *, now: datetime, **changes: Any) -> Complaint:
    """Return a general complaint about service that this person took in; any argument may be given."""
    arguments: dict[str, Any] = {
        "branch": staff.branch,
        "channel": Complaint.Channel.ON_SITE,
        "category": Complaint.Category.SERVICE,
        "level": Complaint.Level.GENERAL,
        "text": "等了一个多小时没人理",
    }
    return open_complaint(**(arguments | changes), staff=staff, now=now)
