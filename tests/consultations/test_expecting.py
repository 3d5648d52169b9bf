"""How long those who wait are told it will be: whoever comes later is never told less."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultations.expecting import Receiver, Waiting, expectations


@pytest.mark.parametrize(
    ("waiting", "receivers", "told"),
    [
        ([Waiting(1, None, 30)], {7: Receiver(True, 0)}, {1: (0, 0)}),
        ([Waiting(1, None, 30), Waiting(2, None, 30)], {7: Receiver(True, 0)}, {1: (0, 0), 2: (1, 30)}),
        ([Waiting(1, None, 30), Waiting(2, None, 30)], {7: Receiver(True, 0), 8: Receiver(True, 12)}, {2: (1, 15)}),
        ([Waiting(1, 7, 10), Waiting(2, 7, 10)], {7: Receiver(True, 38)}, {1: (0, 40), 2: (1, 50)}),
        ([Waiting(1, 7, 10)], {7: Receiver(True, None)}, {1: (0, None)}),
        ([Waiting(1, 7, 10)], {}, {1: (0, None)}),
        ([Waiting(1, 7, 10)], {7: Receiver(False, 20)}, {1: (0, 20)}),
        ([Waiting(1, None, 10)], {7: Receiver(False, 20)}, {1: (0, None)}),
        ([], {7: Receiver(True, 0)}, {}),
    ],
)
def test_how_long_yet(waiting: list[Waiting], receivers: dict[int, Receiver], told: dict[int, Any]) -> None:
    found = expectations(waiting, receivers)
    assert {key: (found[key].ahead, found[key].minutes) for key in told} == told


@given(
    st.lists(st.tuples(st.sampled_from([None, 1, 2, 9]), st.integers(5, 60)), max_size=12),
    st.dictionaries(st.sampled_from([1, 2]), st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 90)))),
)
def test_who_comes_later_is_never_told_less(
    asked: list[tuple[int | None, int]], people: dict[int, tuple[bool, int | None]]
) -> None:
    waiting = [Waiting(key, receiver, minutes) for key, (receiver, minutes) in enumerate(asked)]
    found = expectations(waiting, {key: Receiver(*one) for key, one in people.items()})
    for receiver in (None, 1, 2, 9):
        minutes = [found[one.key].minutes for one in waiting if one.receiver == receiver]
        known = [one for one in minutes if one is not None]
        assert known == sorted(known)
        assert [found[one.key].ahead for one in waiting if one.receiver == receiver] == list(range(len(minutes)))
