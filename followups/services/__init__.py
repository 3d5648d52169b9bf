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
from followups.services.photographs import keep_sent_photographs, may_keep_sent
from followups.services.plans import ensure_plans, publish_plan, take_back_plan
from followups.services.rules import change_call_rules
from followups.services.wishes import bar_calls, end_tracking, lift_bar, track_visitor

__all__ = [
    "bar_calls",
    "build_call_backs",
    "change_call_rules",
    "end_tracking",
    "ensure_plans",
    "keep_sent_photographs",
    "lift_bar",
    "may_keep_sent",
    "publish_plan",
    "put_back",
    "record_attempt",
    "release_card",
    "renew_card",
    "settle_concern",
    "take_back_plan",
    "take_card",
    "take_next",
    "track_visitor",
    "write_call_days",
]
