"""R1 in full: what the tests do with two thousand visits, with ten thousand."""

import time

from tests.benchmarks.report import figure
from tests.triage.test_allocation_race import PROCESSES, assert_nothing_lost_or_doubled, race
from tests.triage.test_allocation_race import database as database

VISITS = 10_000


def test_r1_ten_thousand_visits_at_one_board(database: str) -> None:
    began = time.perf_counter()
    outcome = race(VISITS)
    seconds = time.perf_counter() - began
    assert_nothing_lost_or_doubled(*outcome)
    figure(
        quality="R1",
        what=f"{VISITS:,} allocations by {PROCESSES} processes on one board, each finished; none lost or doubled",
        ours=VISITS / seconds,
        limit=None,
        unit="/s",
        aim="",
    )
