"""T8: who counts in conversion and average spend."""

import pytest

from consultations.counting import counts
from consultations.models import Consultation

Outcome = Consultation.Outcome
# outcome, in the room, announced before: counted?
CASES = [
    (Outcome.DEAL, True, False, True),
    (Outcome.NO_DEAL, True, False, True),
    (Outcome.FOR_FRIEND, True, False, True),
    (Outcome.CANNOT_DO, True, True, True),
    (Outcome.REFERRED, True, False, True),
    (Outcome.TRANSFERRED, True, False, True),
    (Outcome.ANOTHER, True, False, True),
    (Outcome.NOT_OFFERED, True, False, False),
    (Outcome.NOT_OFFERED, True, True, False),
    (Outcome.PRODUCT, True, False, True),
    (Outcome.PRODUCT, True, True, False),
    ("", True, False, False),
]


@pytest.mark.parametrize(("outcome", "entered", "pre_reported", "counted"), CASES)
def test_t8_what_counts(outcome: str, entered: bool, pre_reported: bool, counted: bool) -> None:
    assert counts(entered=entered, outcome=outcome, pre_reported=pre_reported) is counted


@pytest.mark.parametrize("outcome", ["", *Outcome.values])
def test_t8_who_never_entered_counts_for_nothing(outcome: str) -> None:
    assert not counts(entered=False, outcome=outcome, pre_reported=False)


def test_every_outcome_has_a_case() -> None:
    assert {outcome for outcome, *_rest in CASES} == {"", *Outcome.values}
