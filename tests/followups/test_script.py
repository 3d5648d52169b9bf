"""Names are put into scripts as they are."""

import pytest

from followups.plans import PLANS
from followups.script import PLACES, fill

WORDS = dict.fromkeys(PLACES, "…")


def test_a_name_that_looks_like_a_place_stays_a_name() -> None:
    assert fill("{visitor}, {staff}", WORDS | {"visitor": "{staff}", "staff": "O'Brien <b>"}) == "{staff}, O'Brien <b>"


def test_braces_that_are_no_place_stay() -> None:
    assert fill("{other} {} {visitor}", WORDS | {"visitor": "曾"}) == "{other} {} 曾"


@pytest.mark.parametrize("step", [step for steps in PLANS.values() for step in steps], ids=lambda step: step.code)
def test_every_script_fills_whole_and_has_signs_in_both_languages(step: object) -> None:
    for words in (step.zh, step.en):  # type: ignore[attr-defined]
        assert "{" not in fill(words.script, WORDS)
        assert "{visitor}" in words.script and "{project}" in words.script
        assert len(words.normal.splitlines()) >= 3 and len(words.warning.splitlines()) >= 3
    assert len(step.zh.warning.splitlines()) == len(step.en.warning.splitlines())  # type: ignore[attr-defined]
