"""Pages and fragments of the call-backs."""

from followups.views.calls import (
    attempt,
    card,
    count,
    next_card,
    photographs,
    put_back,
    release,
    renew,
    reveal_phone,
    settle,
    take,
    worklist,
    worklist_panel,
)
from followups.views.inbound import inbound
from followups.views.plans import plan, plan_new, plan_take_back, plans, treatment_plan
from followups.views.rules import rules, rules_change
from followups.views.visitors import bar, track, unbar, untrack, visitor

__all__ = [
    "attempt",
    "bar",
    "card",
    "count",
    "inbound",
    "next_card",
    "photographs",
    "plan",
    "plan_new",
    "plan_take_back",
    "plans",
    "put_back",
    "release",
    "renew",
    "reveal_phone",
    "rules",
    "rules_change",
    "settle",
    "take",
    "track",
    "treatment_plan",
    "unbar",
    "untrack",
    "visitor",
    "worklist",
    "worklist_panel",
]
