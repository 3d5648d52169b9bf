"""How visitors are shared out among colleagues: the rule alone, without a database."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultations.sharing_out import EVENLY, ONE, PROJECTS, STANDING, Held, Receiver, share_out

# Other work on the machine may slow the drawing of examples; that says nothing about the rule.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FOUR = [Receiver(staff) for staff in (11, 12, 13, 14)]

held = st.lists(
    st.builds(
        Held,
        visitor=st.integers(1, 10_000),
        standing=st.integers(0, 4),
        vip=st.booleans(),
        last_on=st.integers(0, 800_000),
        project=st.sampled_from([None, "nose", "eyes", "skin"]),
    ),
    unique_by=lambda one: one.visitor,
    max_size=60,
)
receivers = st.lists(
    st.builds(
        Receiver,
        staff=st.integers(1, 50),
        scope=st.frozensets(st.sampled_from(["nose", "eyes", "skin"]), max_size=3),
        excluded=st.frozensets(st.sampled_from(["nose", "eyes", "skin"]), max_size=1),
    ),
    unique_by=lambda one: one.staff,
    min_size=1,
    max_size=6,
)
rules = st.sampled_from([ONE, EVENLY, STANDING, PROJECTS])


@calm
@given(held, receivers, rules, st.dictionaries(st.integers(1, 10_000), st.integers(1, 50), max_size=20), st.randoms())
def test_everybody_goes_to_one_colleague_and_the_order_asked_in_changes_nothing(
    visitors: list[Held], colleagues: list[Receiver], rule: str, moves: dict[int, int], random: object
) -> None:
    plan = share_out(visitors, colleagues, rule, moves)
    assert [one.visitor for one in plan] == sorted(one.visitor for one in visitors)
    assert {one.to for one in plan} <= {one.staff for one in colleagues}
    shuffled = list(visitors)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert share_out(shuffled, colleagues, rule, moves) == plan
    chosen = {one.staff for one in colleagues}
    for one in plan:
        moved = moves.get(one.visitor) in chosen
        assert one.by_hand is moved
        if moved:
            assert one.to == moves[one.visitor]


@calm
@given(held, receivers)
def test_evenly_differs_by_one_at_most(visitors: list[Held], colleagues: list[Receiver]) -> None:
    counts = Counter(one.to for one in share_out(visitors, colleagues, EVENLY))
    numbers = [counts[one.staff] for one in colleagues]
    assert max(numbers) - min(numbers) <= 1


@calm
@given(held, receivers)
def test_within_each_standing_and_in_all_the_numbers_differ_by_one_at_most(
    visitors: list[Held], colleagues: list[Receiver]
) -> None:
    plan = {one.visitor: one.to for one in share_out(visitors, colleagues, STANDING)}
    for kind in {(one.standing, one.vip) for one in visitors}:
        counts = Counter(plan[one.visitor] for one in visitors if (one.standing, one.vip) == kind)
        numbers = [counts[one.staff] for one in colleagues]
        assert max(numbers) - min(numbers) <= 1
    counts = Counter(plan.values())
    numbers = [counts[one.staff] for one in colleagues]
    assert max(numbers) - min(numbers) <= 1


@calm
@given(held, receivers)
def test_by_projects_nobody_is_given_what_somebody_else_receives(
    visitors: list[Held], colleagues: list[Receiver]
) -> None:
    by_staff = {one.staff: one for one in colleagues}
    projects = {one.visitor: one.project for one in visitors}
    for one in share_out(visitors, colleagues, PROJECTS):
        possible = any(colleague.receives(projects[one.visitor]) for colleague in colleagues)
        assert by_staff[one.to].receives(projects[one.visitor]) is possible
        assert one.fits is possible


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ONE, {11: 6}),
        (EVENLY, {11: 2, 12: 2, 13: 1, 14: 1}),
        (STANDING, {11: 2, 12: 2, 13: 1, 14: 1}),
    ],
)
def test_the_rules_on_six(rule: str, expected: dict[int, int]) -> None:
    visitors = [Held(number, standing=number % 2) for number in range(1, 7)]
    assert Counter(one.to for one in share_out(visitors, FOUR, rule)) == expected


def test_what_is_moved_by_hand_counts_in_its_colleagues_number() -> None:
    plan = share_out([Held(number) for number in range(1, 9)], FOUR, EVENLY, {1: 14, 2: 14, 3: 14})
    assert Counter(one.to for one in plan) == {11: 2, 12: 2, 13: 1, 14: 3}


def test_nobody_to_give_to_and_an_unknown_rule() -> None:
    with pytest.raises(ValueError, match="nobody"):
        share_out([], [], EVENLY)
    with pytest.raises(ValueError, match="rule"):
        share_out([], FOUR, "by_height")
