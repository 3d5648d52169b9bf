"""The scenario days notice when a rule is taken apart, or a knob is turned."""

from typing import Any

import pytest

from tests.triage.rehearsal.mutate import MUTATIONS, red_under, red_when_turned, turns
from tests.triage.rehearsal.scenarios import RULES, differences, scenarios


def test_every_rule_has_its_mutation() -> None:
    assert set(MUTATIONS) == set(RULES)


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_day_turns_red_without_the_rule(rule: str) -> None:
    named = [one for one in scenarios() if rule in one.rules]
    assert red_under(rule, named), f"{rule} may say anything: none of {[one.name for one in named]} notices"


@pytest.mark.parametrize(("key", "given", "other"), list(turns()))
def test_a_day_turns_red_when_the_knob_is_turned(key: str, given: Any, other: Any) -> None:
    assert next(red_when_turned(key, given, other), None), f"no day notices {key} turned from {given} to {other}"


def test_a_mutation_is_taken_back() -> None:
    assert red_under("A12", scenarios())
    assert not [one.name for one in scenarios() if differences(one)]
