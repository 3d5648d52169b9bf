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
from followups.services.pauses import pause_calls, resume_calls
from followups.services.plans import ensure_plans, publish_plan
from followups.services.reviews import (
    answer_review,
    escalate_reviews,
    follow_doctor,
    see_review,
    tell_visitor,
)
from followups.services.wishes import bar_calls, end_tracking, lift_bar, track_visitor

__all__ = [
    "answer_review",
    "bar_calls",
    "build_call_backs",
    "end_tracking",
    "ensure_plans",
    "escalate_reviews",
    "follow_doctor",
    "lift_bar",
    "pause_calls",
    "publish_plan",
    "put_back",
    "record_attempt",
    "release_card",
    "renew_card",
    "resume_calls",
    "see_review",
    "settle_concern",
    "take_card",
    "take_next",
    "tell_visitor",
    "track_visitor",
    "write_call_days",
]
