"""The arithmetic of the weekly report of complaints. Pure: no database, no clock. Weeks are in `clinic.weeks`."""

from collections.abc import Mapping


def flow_holds(flow: Mapping[str, int]) -> bool:
    """Say whether open at start + in - out = open at end."""
    return flow["open_start"] + flow["in"] - flow["out"] == flow["open_end"]
