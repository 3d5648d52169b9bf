"""The desk, its clerk, and a consultant."""

import pytest
from django.test import Client

from clinic.models import Staff
from clinic.roles import Role
from tests.conftest import MakeClient, MakeStaff


@pytest.fixture
def desk(client_as: MakeClient) -> Client:
    return client_as(Role.RECEPTION)


@pytest.fixture
def clerk(desk: Client) -> Staff:
    return desk.staff  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def consultant(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.CONSULTANT, display_name="王欣", name_key="wang xin")
