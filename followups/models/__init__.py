"""Tables of this room: plans, calls, what was said, and what a branch and a visitor settle about calls."""

from followups.models.calls import CallAnswer, CallAttempt, CallBack
from followups.models.days import CallDay, CallRules
from followups.models.owner_calls import OwnerCall, OwnerCallTry
from followups.models.plans import Plan, PlanQuestion, PlanStep
from followups.models.reports import FollowUpReport
from followups.models.reviews import UrgentReview
from followups.models.sharing import AgentAbsence, CallAgent, CallShare
from followups.models.wishes import CallBar, Tracking

__all__ = [
    "AgentAbsence",
    "CallAgent",
    "CallAnswer",
    "CallAttempt",
    "CallBack",
    "CallBar",
    "CallDay",
    "CallRules",
    "CallShare",
    "FollowUpReport",
    "OwnerCall",
    "OwnerCallTry",
    "Plan",
    "PlanQuestion",
    "PlanStep",
    "Tracking",
    "UrgentReview",
]
