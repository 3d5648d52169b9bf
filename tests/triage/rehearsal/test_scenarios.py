"""Every row of the rulebook's tables, and a whole morning under every preset, worked out by hand."""

from pathlib import Path

import pytest

from tests.triage.rehearsal.scenarios import FOLDER, PRESETS, RULES, Scenario, differences, scenarios, table_of_rules


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.name)
def test_day(scenario: Scenario) -> None:
    found = differences(scenario)
    assert not found, "\n".join(found)


def test_every_day_has_its_expectations() -> None:
    days = {path.name.removesuffix(".yaml").removesuffix(".expect") for path in Path(FOLDER).glob("*.yaml")}
    assert days == {one.name for one in scenarios()}


def test_every_rule_is_exercised_by_a_day() -> None:
    exercised = {rule for one in scenarios() for rule in one.rules}
    assert exercised == set(RULES), table_of_rules()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_has_a_morning_of_thirty(preset: str) -> None:
    morning = next(one for one in scenarios() if one.name == f"morning_{preset}")
    assert morning.day.policy.preset == preset
    assert morning.arrivals >= 30
