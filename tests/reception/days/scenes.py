"""Days that are over, signed, closed and amended."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from clinic.models import Branch, Department, Staff
from clinic.problems import Refused
from clinic.roles import Role
from reception import services
from reception.models import (
    Amendment,
    DaySignature,
    Party,
    Visit,
)
from reception.selectors.days import day_state
from tests.factories.reception import MORNING, VisitFactory

TODAY = date(2026, 3, 11)
YESTERDAY = date(2026, 3, 10)
BEFORE = MORNING - timedelta(days=1)
EVENING = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)
SIGNING = {
    Party.CONSULTANTS: Role.CONSULTANT,
    Party.PHONE: Role.PHONE_AGENT,
    Party.DESK: Role.DESK_SUPERVISOR,
    Party.MARKETING: Role.MANAGER,
}


def finished(consultant: Staff | None = None, *, at: datetime = BEFORE, **more: Any) -> Visit:
    """A visit that is over: received by a consultant, or left without one."""
    visit = VisitFactory(consultant=consultant, now=at, **more)
    states = ("accepted", "in_room", "finished") if consultant else ("left",)
    for minutes, state in enumerate(states, start=4):
        services.record_progress(visit=visit, state=state, now=at + timedelta(minutes=minutes))
    return visit


def sign(branch: Branch, day: date, party: Party, staff: Staff, now: datetime = EVENING) -> DaySignature:
    """Sign what the register says now, as the page does."""
    seen = day_state(branch, day, staff).hash
    return services.sign_day(branch=branch, day=day, party=party, seen=seen, staff=staff, now=now)


def refused(code: str, action: Callable[[], object]) -> Refused:
    """Carry out something that is refused, and return why."""
    with pytest.raises(Refused) as problem, transaction.atomic():
        action()
    assert problem.value.code == code
    return problem.value


def propose(visit: Visit, department: Department, author: Staff, **more: Any) -> Amendment:
    """Propose to change the note of a visit."""
    wanted = {"note": "改后", "reason": "录错备注"} | more
    return services.propose_amendment(visit=visit, department=department, staff=author, now=EVENING, **wanted)


def approve(amendment: Amendment, part: str, staff: Staff) -> Amendment:
    """Approve as the supervisor or as the head."""
    return services.approve_amendment(amendment=amendment, part=part, staff=staff, now=EVENING)


def decided(amendment: Amendment, people: dict[Party, Staff], consulting: Department) -> Amendment:
    """Approve an amendment by both."""
    assert consulting.head is not None
    approve(amendment, services.SUPERVISOR, people[Party.DESK])
    return approve(amendment, services.HEAD, consulting.head)
