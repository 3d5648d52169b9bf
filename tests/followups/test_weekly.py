"""The arithmetic of a report of follow-ups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.weekly import flow_holds, meets, percent


def test_flow() -> None:
    assert flow_holds({"open_start": 3, "in": 23, "made": 15, "closed": 4, "open_end": 7})
    assert not flow_holds({"open_start": 3, "in": 23, "made": 15, "closed": 4, "open_end": 8})


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, None), (0, 7, 0), (1, 2, 50), (1, 3, 33), (1, 8, 13), (199, 200, 100), (7, 7, 100)],
)
def test_percent(part: int, whole: int, shown: int | None) -> None:
    assert percent(part, whole) == shown


@pytest.mark.parametrize(
    ("part", "whole", "target", "reached"),
    [(9, 10, 90, True), (899, 1000, 90, False), (0, 0, 90, True), (0, 1, 1, False), (1, 1, 100, True)],
)
def test_a_target_is_not_reached_by_rounding(part: int, whole: int, target: int, reached: bool) -> None:
    assert meets(part, whole, target) is reached


@given(st.integers(1, 10_000), st.data())
def test_whole_percents_are_as_near_as_they_can_be(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    shown = percent(part, whole)
    assert shown is not None and abs(shown * whole - part * 100) * 2 <= whole
