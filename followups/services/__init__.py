"""Writes of this room. One function is one thing that happens, in one transaction."""

from followups.services.building import build_call_backs
from followups.services.calling import (
    put_back,
    record_attempt,
    release_card,
    renew_card,
    settle_concern,
    take_card,
    take_next,
)
from followups.services.days import write_call_days
from followups.services.plans import ensure_plans, publish_plan
from followups.services.reporting import build_follow_up_report, build_missing_follow_up_reports
from followups.services.wishes import bar_calls, end_tracking, lift_bar, track_visitor

__all__ = [
    "bar_calls",
    "build_call_backs",
    "build_follow_up_report",
    "build_missing_follow_up_reports",
    "end_tracking",
    "ensure_plans",
    "lift_bar",
    "publish_plan",
    "put_back",
    "record_attempt",
    "release_card",
    "renew_card",
    "settle_concern",
    "take_card",
    "take_next",
    "track_visitor",
    "write_call_days",
]
