"""The charts of a page: what each seat was given, and how a month went."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from triage.selectors.fairness.rows import DayRow, SeatRow

Context = dict[str, Any]


def seat_chart(rows: Sequence[SeatRow]) -> Context:
    """Return the turns and receptions of each seat."""
    return {
        "labels": [row.name for row in rows],
        "series": [
            _series(_("Counted turns"), [row.figures.counted for row in rows], stack="turns"),
            _series(_("Make-up turns"), [row.figures.make_up for row in rows], stack="turns"),
            _series(_("Receptions"), [row.figures.receptions for row in rows]),
        ],
    }


def day_chart(days: Sequence[DayRow]) -> Context:
    """Return the turns of each day, and how far the seats were apart."""
    return {
        "labels": [f"{row.board.day:%m-%d}" for row in days],
        "series": [
            _series(_("Turns"), [row.day.turns for row in days]),
            _series(_("Spread"), [row.day.spread for row in days], shape="line"),
        ],
    }


def _series(name: str, values: Sequence[int | None], *, stack: str = "", shape: str = "bar") -> Context:
    return {"name": name, "type": shape, "stack": stack, "values": list(values)}
