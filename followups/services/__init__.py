"""Writes of this room. One function is one thing that happens, in one transaction."""

from followups.services.building import build_call_backs, ensure_plans
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

__all__ = [
    "build_call_backs",
    "ensure_plans",
    "put_back",
    "record_attempt",
    "release_card",
    "renew_card",
    "settle_concern",
    "take_card",
    "take_next",
    "write_call_days",
]
