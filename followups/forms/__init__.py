"""What is typed on the call card, on the supervisor's pages, into a plan, the rules, and about a visitor."""

from followups.forms.calls import AttemptForm, PutBackForm, SettleForm, TalkForm
from followups.forms.plans import PlanForm, PreviewForm, StepsFormSet, one_more, rows_of, steps_form
from followups.forms.reviews import ReviewForm
from followups.forms.rules import CallRulesForm
from followups.forms.team import AbsenceForm, AgentForm, GiveForm
from followups.forms.visitors import SentPhotographsForm, TrackForm

__all__ = [
    "AbsenceForm",
    "AgentForm",
    "AttemptForm",
    "CallRulesForm",
    "GiveForm",
    "PlanForm",
    "PreviewForm",
    "PutBackForm",
    "ReviewForm",
    "SentPhotographsForm",
    "SettleForm",
    "StepsFormSet",
    "TalkForm",
    "TrackForm",
    "one_more",
    "rows_of",
    "steps_form",
]
