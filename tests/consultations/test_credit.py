"""O4 without a database: whose a deal is, person by person and to the last ten-thousandth."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultations.credit import Misallocated, equally, shares
from triage.engine.facts.words import Fault

CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "the owner has all": ({"owner": "a", "receiver": "a"}, {"a": "1"}),
    "nobody's visitor is the receiver's": ({"owner": None, "receiver": "b"}, {"b": "1"}),
    "a stand-in has nothing": ({"owner": "a", "receiver": "b", "stand_in": True}, {"a": "1"}),
    "K4, new deals are the new one's": ({"owner": "a", "receiver": "b", "change_credit": "new"}, {"b": "1"}),
    "K4, deals stay the first's": ({"owner": "a", "receiver": "b", "change_credit": "first"}, {"a": "1"}),
    "K4, somebody stands in for the new one": (
        {"owner": "a", "receiver": "b", "change_credit": "new", "stand_in": True},
        {"a": "1"},
    ),
    "K6, half and half": (
        {"owner": None, "receiver": "b", "misallocated": Misallocated("a", "b", None)},
        {"a": "0.5", "b": "0.5"},
    ),
    "K6, the receiver steered it": (
        {"owner": None, "receiver": "b", "misallocated": Misallocated("a", "b", Fault.RECEIVER)},
        {"a": "1"},
    ),
    "K6, she concealed her history": (
        {"owner": None, "receiver": "b", "misallocated": Misallocated("a", "b", Fault.VISITOR)},
        {"a": "1"},
    ),
    "a panel, doctor and consultant had her first": (
        {"owner": "a", "receiver": "a", "panel": [("doctor", True), ("x", False), ("y", False)]},
        {"a": "0.15", "doctor": "0.15", "x": "0.35", "y": "0.35"},
    ),
    "a panel without a doctor who had her first": (
        {"owner": None, "receiver": "b", "panel": [("x", False), ("y", False), ("z", False)]},
        {"b": "0.3", "x": "0.2334", "y": "0.2333", "z": "0.2333"},
    ),
    "a panel of nobody but those who had her": (
        {"owner": "a", "receiver": "a", "panel": [("doctor", True)]},
        {"a": "0.5", "doctor": "0.5"},
    ),
    "a panel in which a stand-in sits": (
        {"owner": "a", "receiver": "b", "stand_in": True, "panel": [("b", False), ("x", False)]},
        {"a": "0.3", "x": "0.7"},
    ),
    "a panel after K6": (
        {"owner": None, "receiver": "b", "misallocated": Misallocated("a", "b", None), "panel": [("x", False)]},
        {"a": "0.15", "b": "0.15", "x": "0.7"},
    ),
}


@pytest.mark.parametrize(("known", "expected"), CASES.values(), ids=CASES)
def test_o4_whose_a_deal_is(known: dict[str, Any], expected: dict[str, str]) -> None:
    assert shares(**known) == {person: Decimal(share) for person, share in expected.items()}


def test_three_share_equally() -> None:
    assert equally("abc") == {"a": Decimal("0.3334"), "b": Decimal("0.3333"), "c": Decimal("0.3333")}


people = st.sampled_from([str(number) for number in range(1, 14)])
known = st.fixed_dictionaries(
    {
        "owner": st.none() | people,
        "receiver": people,
        "stand_in": st.booleans(),
        "panel": st.lists(st.tuples(people, st.booleans()), max_size=13),
        "change_credit": st.sampled_from([None, "new", "first"]),
        "misallocated": st.none() | st.builds(Misallocated, people, people, st.none() | st.sampled_from(Fault)),
    }
)


@given(known=known, mixed=st.randoms(use_true_random=False))
def test_o4_every_way_sums_to_exactly_one_whoever_is_named_first(known: dict[str, Any], mixed: Any) -> None:
    found = shares(**known)
    assert sum(found.values()) == 1
    assert all(share > 0 and share == share.quantize(Decimal("0.0001")) for share in found.values())
    panel = list(known["panel"])
    mixed.shuffle(panel)
    assert shares(**known | {"panel": panel}) == found
