"""Tables of this room: plans, calls, what was said, and what a branch and a visitor settle about calls."""

from followups.models.calls import CallAttempt, CallBack
from followups.models.days import CallDay, CallRules
from followups.models.plans import Plan, PlanStep
from followups.models.wishes import CallBar, Tracking

__all__ = ["CallAttempt", "CallBack", "CallBar", "CallDay", "CallRules", "Plan", "PlanStep", "Tracking"]
