"""Who imports, and whose name stands in the file."""

import pytest

from clinic.models import Staff
from clinic.roles import Role
from tests.conftest import MakeStaff


@pytest.fixture
def manager(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.MANAGER, display_name="院长")


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="李敏", login_name="limin")
