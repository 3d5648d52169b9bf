"""Fixtures of this room."""

import pytest

from clinic.models import Branch
from tests.factories.triage import Morning, open_morning


@pytest.fixture
def morning(branch: Branch) -> Morning:
    """A front desk with four consultants, all here and free: 王欣, 李敏, 陈静, 周琳."""
    return open_morning(branch)
