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
from followups.services.owner_building import build_owner_calls
from followups.services.owner_calls import (
    end_owner_call,
    put_owner_call_back,
    record_owner_try,
    release_owner_call,
    renew_owner_call,
    take_next_owner_call,
    take_owner_call,
)
from followups.services.plans import ensure_plans, publish_plan
from followups.services.step_messages import follow_failed_messages, send_step_messages
from followups.services.wishes import bar_calls, end_tracking, lift_bar, track_visitor

__all__ = [
    "bar_calls",
    "build_call_backs",
    "build_owner_calls",
    "end_owner_call",
    "end_tracking",
    "ensure_plans",
    "follow_failed_messages",
    "lift_bar",
    "publish_plan",
    "put_back",
    "put_owner_call_back",
    "record_attempt",
    "record_owner_try",
    "release_card",
    "release_owner_call",
    "renew_card",
    "renew_owner_call",
    "send_step_messages",
    "settle_concern",
    "take_card",
    "take_next",
    "take_next_owner_call",
    "take_owner_call",
    "track_visitor",
    "write_call_days",
]
