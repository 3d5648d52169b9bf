"""Four people who sign, a day they have closed, a department with a head."""

from collections.abc import Callable
from datetime import date

import pytest

from clinic.models import Branch, Department, Staff
from clinic.roles import Role
from reception import services
from reception.models import (
    DayClose,
    Party,
)
from tests.conftest import MakeStaff
from tests.reception.days.scenes import (
    EVENING,
    SIGNING,
    YESTERDAY,
    sign,
)


@pytest.fixture
def people(staff_with: MakeStaff) -> dict[Party, Staff]:
    """Four people, one of each party."""
    return {party: staff_with(role, display_name=f"{party.value}甲") for party, role in SIGNING.items()}


@pytest.fixture
def closed(branch: Branch, people: dict[Party, Staff]) -> Callable[..., DayClose]:
    """Sign a day by four and close it: `closed()` closes yesterday."""

    def close(day: date = YESTERDAY) -> DayClose:
        for party, staff in people.items():
            sign(branch, day, party, staff)
        return services.close_day(branch=branch, day=day, staff=people[Party.DESK], now=EVENING)

    return close


@pytest.fixture
def consulting(branch: Branch, staff_with: MakeStaff) -> Department:
    """The consulting department, with a head."""
    department = Department.objects.get(branch=branch, kind=Department.Kind.CONSULTING)
    department.head = staff_with(Role.CONSULTING_SUPERVISOR, display_name="咨询主管")
    department.save()
    return department
