"""Policies: the table of the rulebook, and every mistake named with its place."""

from typing import Any

import pytest

from triage.engine.policy import POLICY_KEYS, PRESETS, Policy, PolicyError, policy_from_json, preset

# The rulebook's table. An empty cell is the default.
TABLE = {
    # key: standard, even, strict, performance, teams
    "typing": ("standing", "simple", None, None, None),
    "minor_until": (18, None, None, None, None),
    "elder_from": (60, None, None, None, None),
    "group": ("lead", None, None, "each", None),
    "other_in_rotation": (False, None, None, None, None),
    "busy_wait_minutes": (10, None, None, None, None),
    "max_wait_minutes": (10, None, None, None, None),
    "left_early_minutes": (5, None, None, None, None),
    "make_up": (("busy", "scope"), None, ("scope",), None, None),
    "designation": ("free", None, None, "free", "free"),
    "staff_introduction": ("ignored", None, None, "designation", None),
    "return_to": ("owner", None, None, None, "named"),
    "owner_absent": ("ask", None, "rotate", "rotate", "rotate"),
    "decline": ("suspend", None, "forbidden", None, None),
    "hide_project": (False, None, True, None, None),
    "not_offered_returns": (True, None, None, None, None),
    "cannot_do_returns": (False, True, None, True, None),
    "change_credit": ("new", None, None, "first", None),
    "claims": ("earliest", "follow_up", None, None, None),
    "senior_phone": (False, None, None, None, None),
    "opening": ("check_in", "continue", "roster", "roster", "continue"),
    "carry_owed": (False, None, None, None, True),
    "turn_size": (1, None, None, None, 2),
    "priority": ({}, None, None, None, None),
    "out_needs_supervisor": (False, None, None, True, None),
}


def test_the_table_has_every_key() -> None:
    assert tuple(TABLE) == POLICY_KEYS
    assert tuple(PRESETS) == ("standard", "even", "strict", "performance", "teams")


@pytest.mark.parametrize("column", range(5))
def test_presets(column: int) -> None:
    name = tuple(PRESETS)[column]
    policy = preset(name)
    for key, row in TABLE.items():
        expected = row[0] if row[column] is None else row[column]
        assert getattr(policy, key) == expected, (name, key)


MISTAKES = [
    # what was written, where, what is wrong
    ("lenient", "preset", "unknown_preset"),
    (7, "", "not_a_policy"),
    ({"preset": "strict", "busy_wait": 5}, "busy_wait", "unknown_key"),
    ({"typing": "complex"}, "typing", "not_a_choice"),
    ({"typing": True}, "typing", "not_a_choice"),
    ({"hide_project": "yes"}, "hide_project", "not_a_switch"),
    ({"hide_project": 1}, "hide_project", "not_a_switch"),
    ({"busy_wait_minutes": "ten"}, "busy_wait_minutes", "not_a_number"),
    ({"busy_wait_minutes": True}, "busy_wait_minutes", "not_a_number"),
    ({"busy_wait_minutes": -1}, "busy_wait_minutes", "out_of_range"),
    ({"turn_size": 0}, "turn_size", "out_of_range"),
    ({"make_up": "busy"}, "make_up", "not_a_list"),
    ({"make_up": ["busy", "lunch"]}, "make_up.1", "not_a_choice"),
    ({"make_up": ["busy", "busy"]}, "make_up.1", "named_twice"),
    ({"priority": ["A"]}, "priority", "not_a_mapping"),
    ({"priority": {"eyes": "A"}}, "priority.eyes", "not_a_list"),
    ({"priority": {"teeth": ["A"]}}, "priority.teeth", "unknown_project"),
    ({"priority": {"eyes": ["A", "Z"]}}, "priority.eyes.1", "unknown_consultant"),
    ({"minor_until": 60}, "elder_from", "ages_overlap"),
]


@pytest.mark.parametrize(("given", "place", "fault"), MISTAKES)
def test_a_mistake_is_named_with_its_place(given: object, place: str, fault: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_json(given, projects={"eyes"}, consultants={"A"})
    assert [(one.place, one.fault) for one in caught.value.mistakes] == [(place, fault)]


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_from_json({"preset": "x", "typing": "y", "make_up": ["z"], "q": 1})
    assert [one.place for one in caught.value.mistakes] == ["preset", "typing", "make_up.0", "q"]


def test_the_order_in_which_causes_are_ticked_says_nothing() -> None:
    assert policy_from_json({"make_up": ["scope", "busy"]}) == policy_from_json("standard")


@pytest.mark.parametrize("name", tuple(PRESETS))
def test_round_trip(name: str) -> None:
    policy = preset(name)
    assert policy_from_json(policy.to_json()) == policy


def test_keys_over_a_preset() -> None:
    data: dict[str, Any] = {"preset": "strict", "busy_wait_minutes": 3, "priority": {"eyes": ["C", "A"]}}
    policy = policy_from_json(data)
    assert (policy.decline, policy.busy_wait_minutes, policy.priority) == ("forbidden", 3, {"eyes": ("C", "A")})
    assert policy != Policy()
