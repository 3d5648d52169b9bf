"""The arithmetic of a report of complaints."""

from complaints.weekly import flow_holds


def test_flow() -> None:
    assert flow_holds({"open_start": 3, "in": 23, "out": 19, "open_end": 7})
    assert not flow_holds({"open_start": 3, "in": 23, "out": 19, "open_end": 6})
