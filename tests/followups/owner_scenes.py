"""Owners' calls as tests look at them."""

from datetime import date
from typing import Any

import pytest

from clinic.models import Branch, Staff
from clinic.roles import Role
from followups.models import OwnerCall
from reception.models import Visitor
from tests.conftest import MakeStaff
from tests.factories.followups import FollowedVisitorFactory, OperationFactory

LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣")


def standing(**which: Any) -> list[tuple[str, str, str]]:
    rows = OwnerCall.objects.filter(**which).order_by("kind", "about")
    return [(row.kind, row.state, row.state_reason) for row in rows]


def treated(branch: Branch, born: date, **more: Any) -> Visitor:
    visitor: Visitor = FollowedVisitorFactory.create(registered_in=branch, birth_on=born, **more)
    OperationFactory.create(branch=branch, visitor=visitor, treated_on=LONG_AGO)
    return visitor
