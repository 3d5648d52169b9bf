"""A ledger that is checked while others write to it is whole; one that was altered is not."""

from datetime import datetime

import pytest

from clinic.models import Branch
from tests.consultations.desk_scenes import Desk, open_desk
from triage.models import Board
from triage.selectors.integrity import check_boards

pytestmark = pytest.mark.django_db
EARLIER, LATER = "laser", "surgery"


@pytest.fixture
def desks(branch: Branch, now: datetime) -> tuple[Desk, Desk]:
    """Return the desks of two departments, in the order their boards are checked."""
    return open_desk(branch, now, kind=EARLIER), open_desk(branch, now, kind=LATER)


def test_what_is_written_while_it_is_checked_is_no_difference(desks: tuple[Desk, Desk]) -> None:
    findings = check_boards()
    assert next(findings).board == desks[0].board
    desks[1].give(desks[1].take_in())
    (finding,) = findings
    assert finding.board == desks[1].board and finding.problems == ()
    assert finding.entries == Board.objects.get(pk=desks[1].board.pk).sequence


def test_a_difference_that_stays_is_told_however_often_it_is_read(desks: tuple[Desk, Desk]) -> None:
    Board.objects.filter(pk=desks[1].board.pk).update(state={})
    whole, wrong = check_boards()
    assert not whole.problems and wrong.problems
