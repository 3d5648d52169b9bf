"""Appointments and pre-reports, made as agents and the desk make them."""

from datetime import date, datetime, time
from typing import Any

from clinic.models import Branch, Staff
from reception import services
from reception.models import Appointment, PreReport
from reception.services import Wish
from tests.factories.reception import MORNING, make_clerk

TOMORROW = date(2026, 3, 12)


def book(
    branch: Branch, *, day: date = TOMORROW, at: str = "10:00", staff: Staff | None = None, **more: Any
) -> Appointment:
    """Book `name` (or `visitor`) at a time; `projects`, `minutes`, `urgent`, `note` are the wish's."""
    staff = staff or make_clerk(branch)
    wish = {key: more.pop(key) for key in ("projects", "minutes", "urgent", "note") if key in more}
    more.setdefault("agent", staff)
    more.setdefault("now", MORNING)
    if "visitor" not in more and "instead_of" not in more and "pre_report" not in more:
        more.setdefault("name", "苏晚")
    return services.book_appointment(
        branch=branch, wish=Wish(day=day, starts=time.fromisoformat(at), **wish), staff=staff, **more
    )


def pre_report(branch: Branch, agent: Staff, *, now: datetime = MORNING, **more: Any) -> PreReport:
    """Record that an agent spoke with somebody."""
    if "visitor" not in more:
        more.setdefault("name", "苏晚")
    return services.record_pre_report(branch=branch, agent=agent, staff=agent, now=now, **more)
