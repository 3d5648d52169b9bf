"""The arithmetic of the weekly report of follow-ups. Pure: no database, no clock. Weeks are in `clinic.weeks`."""

from collections.abc import Mapping
from typing import Any

# From this score on a visitor counts as satisfied.
SATISFIED_FROM = 4


def flow_holds(flow: Mapping[str, Any]) -> bool:
    """Say whether open at start + came due - made - closed = open at end."""
    return bool(flow["open_start"] + flow["in"] - flow["made"] - flow["closed"] == flow["open_end"])


def percent(part: int, whole: int) -> int | None:
    """Return a share in whole percent, a half rounded up; None of nothing."""
    return (part * 200 + whole) // (2 * whole) if whole else None


def meets(part: int, whole: int, target: int) -> bool:
    """Say whether a share reaches a target in percent, not rounded; nothing to share meets every target."""
    return part * 100 >= target * whole
