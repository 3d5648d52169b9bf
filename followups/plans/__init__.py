"""The plans a hospital starts with, by the kind of department: when is called, what is said, what is normal then."""

from followups.plans.laser import LASER
from followups.plans.non_invasive import NON_INVASIVE
from followups.plans.surgery import SURGERY
from followups.plans.words import Anchor, AnswerKind, Kind, Question, Step, Words

# The kinds are those of clinic.models.Department.Kind.
PLANS: dict[str, tuple[Step, ...]] = {"surgery": SURGERY, "laser": LASER, "non_invasive": NON_INVASIVE}

__all__ = ["PLANS", "Anchor", "AnswerKind", "Kind", "Question", "Step", "Words"]
