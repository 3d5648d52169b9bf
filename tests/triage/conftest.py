"""Fixtures of this room."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from clinic.models import Branch
from clinic.roles import Role
from tests.factories.triage import Morning, open_morning


@pytest.fixture
def morning(branch: Branch) -> Morning:
    """A front desk with four consultants, all here and free: 王欣, 李敏, 陈静, 周琳."""
    return open_morning(branch)


@pytest.fixture
def desk(client_as: Callable[..., Client]) -> Client:
    """The browser of a receptionist."""
    return client_as(Role.RECEPTION)


@pytest.fixture
def today(branch: Branch, now: datetime) -> Morning:
    """The board of the day the clock of the tests stands on, at that time."""
    morning = open_morning(branch)
    morning.now = now
    return morning
