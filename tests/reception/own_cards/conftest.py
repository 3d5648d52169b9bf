"""The desk, a phone outside, and a kiosk in the hall."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Staff
from clinic.roles import Role
from tests.conftest import MakeClient, MakeStaff


@pytest.fixture
def clerk(staff_with: MakeStaff) -> Staff:
    return staff_with(Role.RECEPTION, display_name="林小满")


@pytest.fixture
def desk(client_as: MakeClient, clerk: Staff) -> Client:
    return client_as(clerk)


@pytest.fixture
def phone() -> Client:
    """A visitor's phone: nobody is signed in, and forged requests are looked for as outside of tests."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture
def hall(desk: Client) -> Client:
    """A screen in the hall on which a clerk has started the kiosk."""
    assert desk.post(reverse("reception:kiosk_start"), {"label": "大厅左侧"}).status_code == 302
    return desk
