"""What is typed on the call card, on the supervisor's list and pages, and into a plan."""

from followups.forms.calls import AttemptForm, PutBackForm, SettleForm
from followups.forms.plans import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.reviews import ReviewForm
from followups.forms.team import AbsenceForm, AgentForm, GiveForm

__all__ = [
    "AbsenceForm",
    "AgentForm",
    "AttemptForm",
    "GiveForm",
    "PlanForm",
    "PreviewForm",
    "PutBackForm",
    "ReviewForm",
    "SettleForm",
    "StepsFormSet",
    "one_more",
    "rows_of",
    "steps_form",
]
