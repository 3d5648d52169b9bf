"""What is typed on the call card, on the supervisor's list and into a plan."""

from followups.forms.calls import AttemptForm, PutBackForm, SettleForm
from followups.forms.plans import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.reviews import ReviewForm

__all__ = [
    "AttemptForm",
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
