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
from followups.views.team import (
    absence_withdraw,
    share_out,
    team,
    team_absent,
    team_agent,
    team_panel,
    team_takes,
)

__all__ = [
    "absence_withdraw",
    "attempt",
    "card",
    "count",
    "next_card",
    "plan",
    "plan_new",
    "plans",
    "put_back",
    "release",
    "renew",
    "reveal_phone",
    "settle",
    "share_out",
    "take",
    "team",
    "team_absent",
    "team_agent",
    "team_panel",
    "team_takes",
    "worklist",
    "worklist_panel",
]
