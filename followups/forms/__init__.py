"""What is typed on the call card, on the supervisor's list, into a plan, the rules, and about a visitor."""

from followups.forms.calls import AttemptForm, PutBackForm, SettleForm
from followups.forms.plans import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.rules import CallRulesForm
from followups.forms.visitors import SentPhotographsForm, TrackForm

__all__ = [
    "AttemptForm",
    "CallRulesForm",
    "PlanForm",
    "PreviewForm",
    "PutBackForm",
    "SentPhotographsForm",
    "SettleForm",
    "StepsFormSet",
    "TrackForm",
    "one_more",
    "rows_of",
    "steps_form",
]
