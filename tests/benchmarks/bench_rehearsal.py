"""P6: what it costs to rehearse a day and a year of a desk, every decision with its trace."""

import time
from collections.abc import Iterable
from dataclasses import replace

from clinic.config import memory
from tests.benchmarks.busy_days import busy_days
from tests.benchmarks.report import figure
from triage.engine.policy import Policy, preset
from triage.engine.rehearsal.compare import PastDay, Tally, play

DAYS = 300
TIMES = 50


def test_p6_rehearse_a_day() -> None:
    _report("rehearse a day", list(busy_days(Policy(), days=1)) * TIMES, Policy())


def test_p6_rehearse_a_year_under_its_own_rules() -> None:
    _report("rehearse a year under its own rules", busy_days(Policy(), days=DAYS), Policy())


def test_p6_rehearse_a_year_under_other_rules() -> None:
    _report("rehearse a year under other rules", busy_days(Policy(), days=DAYS), preset("performance"))


def _report(what: str, past: Iterable[PastDay], rules: Policy) -> None:
    """Play days one after the other, as a rehearsal of the past does, and compare each with what was.

    The clock stands still while a day is made up. What the benchmarks themselves have loaded is out of sight, as it is
    in a worker.
    """
    memory.settle()
    tally, made, taken = Tally(), 0, 0.0
    for one in past:
        began = time.process_time()
        played = play(replace(one.day, policy=rules))
        tally.add(one, played)
        taken += time.process_time() - began
        decided = [line.decision for lines in played.lines.values() for line in lines if line.decision is not None]
        assert all(decision.trace for decision in decided)
        made += len(decided)
    figure(
        quality="P6",
        what=f"{what}, decisions with traces",
        ours=made / taken,
        limit=None,
        unit="a second",
        aim=">= 10,000 a second",
    )
