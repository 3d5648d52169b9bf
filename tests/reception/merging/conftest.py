"""Who merges, and the pages she does it on."""

import pytest
from django.test import Client

from clinic.models import Staff
from clinic.roles import Role
from tests.conftest import MakeClient, MakeStaff


@pytest.fixture
def supervisor(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.DESK_SUPERVISOR, display_name="孙主管")


@pytest.fixture
def page(client_as: MakeClient, supervisor: Staff) -> Client:
    return client_as(supervisor)
