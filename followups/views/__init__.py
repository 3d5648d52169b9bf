"""Pages and fragments of the call-backs."""

from followups.views.calls import (
    attempt,
    card,
    count,
    next_card,
    put_back,
    release,
    renew,
    reveal_phone,
    settle,
    take,
    worklist,
    worklist_panel,
)
from followups.views.plans import plan, plan_new, plans
from followups.views.reports import outcomes, report, report_build, report_calls, reports

__all__ = [
    "attempt",
    "card",
    "count",
    "next_card",
    "outcomes",
    "plan",
    "plan_new",
    "plans",
    "put_back",
    "release",
    "renew",
    "report",
    "report_build",
    "report_calls",
    "reports",
    "reveal_phone",
    "settle",
    "take",
    "worklist",
    "worklist_panel",
]
