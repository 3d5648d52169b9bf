"""Any day at the desk is rehearsed as it happened, under every preset, and what always holds does."""

from random import Random
from typing import Any

import pytest
from django.db import transaction

from clinic.models import Branch
from reception.models import Visit
from tests.factories.triage import open_morning
from tests.triage.compared import agrees
from tests.triage.live_day import WORDS, Happening, open_day
from tests.triage.scenes import (
    given,
)
from tests.triage.watched import Watched, fairness_says_what_the_board_says
from triage.engine.policy import PRESETS

BAG = [word for word, often in WORDS.items() for _ in range(often)]
# Beside the presets, each in turn: what else a hospital may have set.
TURNED: tuple[dict[str, Any], ...] = (
    {},
    {"make_up": ["off", "out", "busy", "scope", "suspended"], "senior_phone": True},
    {"owner_absent": "rotate", "other_in_rotation": True, "turn_size": 2},
    {"busy_wait_minutes": 0, "max_wait_minutes": 0, "carry_owed": True, "group": "each"},
    {"designation": "counted", "left_early_minutes": 30, "change_credit": "first"},
)


@pytest.mark.parametrize("preset", PRESETS)
def test_r13_any_day_through_the_desk_is_rehearsed_the_same(branch: Branch, preset: str) -> None:
    for seed, rules in enumerate(TURNED):
        chance = Random(f"{preset} {seed}")
        with transaction.atomic():
            live = open_day(branch, preset, **rules)
            watched = Watched(live)
            for _ in range(40):
                watched.happen(Happening(chance.choice(BAG), chance.randrange(2**16)))
            agrees(live.morning, least=0)
            fairness_says_what_the_board_says(live)
            transaction.set_rollback(True)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("seats", [2, 5])
def test_r13_with_everybody_free_and_in_scope_the_spread_is_one(branch: Branch, preset: str, seats: int) -> None:
    chance = Random(seats)
    morning = open_morning(branch, ("王欣", "李敏", "陈静", "周琳", "吴迟")[:seats], preset=preset, turn_size=1)
    for _ in range(14):
        given(morning, *chance.sample(["eyes", "nose", "skin"], 1))
        morning.serve(Visit.objects.latest("pk"))
        morning.later(chance.random() * 9)
    turns = morning.turns()
    assert (sum(turns), max(turns) - min(turns) <= 1) == (14, True)
    agrees(morning)
