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
from followups.services.pauses import pause_calls, resume_calls
from followups.services.photographs import keep_sent_photographs, may_keep_sent
from followups.services.plans import ensure_plans, publish_plan, take_back_plan
from followups.services.reporting import build_follow_up_report, build_missing_follow_up_reports
from followups.services.reviews import (
    answer_review,
    escalate_reviews,
    follow_doctor,
    see_review,
    tell_visitor,
)
from followups.services.rules import change_call_rules
from followups.services.sharing import (
    Given,
    give_card,
    give_cards,
    report_absence,
    set_agent,
    share_out,
    withdraw_absence,
)
from followups.services.step_messages import follow_failed_messages, send_step_messages
from followups.services.talks import record_talk
from followups.services.wishes import bar_calls, end_tracking, lift_bar, track_visitor

__all__ = [
    "Given",
    "answer_review",
    "bar_calls",
    "build_call_backs",
    "build_follow_up_report",
    "build_missing_follow_up_reports",
    "build_owner_calls",
    "change_call_rules",
    "end_owner_call",
    "end_tracking",
    "ensure_plans",
    "escalate_reviews",
    "follow_doctor",
    "follow_failed_messages",
    "give_card",
    "give_cards",
    "keep_sent_photographs",
    "lift_bar",
    "may_keep_sent",
    "pause_calls",
    "publish_plan",
    "put_back",
    "put_owner_call_back",
    "record_attempt",
    "record_owner_try",
    "record_talk",
    "release_card",
    "release_owner_call",
    "renew_card",
    "renew_owner_call",
    "report_absence",
    "resume_calls",
    "see_review",
    "send_step_messages",
    "set_agent",
    "settle_concern",
    "share_out",
    "take_back_plan",
    "take_card",
    "take_next",
    "take_next_owner_call",
    "take_owner_call",
    "tell_visitor",
    "track_visitor",
    "withdraw_absence",
    "write_call_days",
]
