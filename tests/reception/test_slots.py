"""Half hours, without a database."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reception import slots

DAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("opens", "closes", "first", "last", "count"),
    [
        (time(9), time(18), time(9), time(17, 30), 18),
        (time(9, 10), time(10, 20), time(9, 30), time(9, 30), 1),
        (time(0), time(23, 59), time(0), time(23), 47),
    ],
)
def test_half_hours_lie_wholly_within_opening_hours(
    opens: time, closes: time, first: time, last: time, count: int
) -> None:
    found = slots.slots_between(opens, closes)
    assert (found[0], found[-1], len(found)) == (first, last, count)


def test_what_would_pass_midnight_fits_nowhere() -> None:
    plan = slots.DayPlan(DAY, tuple(slots.slots_between(time(0), time(23, 59))), {}, {})
    assert not plan.fits(slots.Taken("laser", time(23, 30), 60, 1))


@given(st.lists(st.tuples(st.integers(0, 47), st.integers(1, 8), st.integers(1, 4)), max_size=12))
def test_the_load_is_the_sum_of_what_covers_a_half_hour(booked: list[tuple[int, int, int]]) -> None:
    taken = [slots.Taken("laser", slots.clock(30 * at), 30 * long, weight) for at, long, weight in booked]
    load = slots.load(taken)
    for half in range(48):
        expected = sum(weight for at, long, weight in booked if at <= half < at + long)
        assert load.get(("laser", slots.clock(30 * half)), 0) == expected


def test_free_times_are_the_first_that_fit_after_an_instant() -> None:
    times = tuple(slots.slots_between(time(9), time(11)))
    full = {("laser", time(9, 30)): 4, ("laser", time(10)): 3}
    plans = [slots.DayPlan(DAY, times, {}, full), slots.DayPlan(date(2026, 3, 13), times, {}, {})]
    found = slots.free_times(plans, group="laser", minutes=30, weight=2, after=(DAY, time(9)), most=2)
    assert found == [(DAY, time(10, 30)), (date(2026, 3, 13), time(9))]
