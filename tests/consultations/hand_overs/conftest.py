"""A consultant who has left."""

from datetime import datetime

import pytest

from clinic.models import Branch
from tests.conftest import MakeStaff
from tests.consultations.hand_overs.scenes import Leaving, leaving


@pytest.fixture
def scene(branch: Branch, staff_with: MakeStaff, now: datetime) -> Leaving:
    """A leaver with colleagues; she has no visitors yet."""
    return leaving(branch, staff_with, now)
