"""What a branch has settled about its calls, with an example of what follows from it."""

from dataclasses import dataclass
from datetime import datetime, time

from clinic.models import Branch
from followups.due import TryRules, next_try
from followups.models import CallDay, CallRules, PlanStep
from followups.selectors.days import CallDate, days_of_calls
from followups.selectors.plans import general_plans, steps_of

# At what hour the example's first try is made.
FIRST_TRY = time(10)


@dataclass(frozen=True, slots=True)
class Example:
    """When the calls after an operation of `today` are made, and when a visitor nobody reaches is tried, in a row."""

    calls: list[CallDate]
    tries: list[datetime]


def rules_of(branch: Branch) -> CallRules:
    """Return what a branch has settled about its calls; the defaults, not saved, when it has settled nothing."""
    return CallRules.objects.filter(branch=branch).first() or CallRules(branch=branch)


def example_of(branch: Branch, rules: TryRules, now: datetime) -> Example:
    """Return what follows from the rules for an operation of today, and for a visitor who never answers."""
    today = branch.today(now)
    plan = general_plans().filter(department_kind="surgery", starts_on__lte=today).order_by("-version").first()
    steps = [step for step in steps_of(plan) if not step.tracked_only] if plan is not None else []
    steps = [step for step in steps if step.anchor == PlanStep.Anchor.OPERATION][:3]
    rest = dict(
        CallDay.objects.filter(branch=branch, day__gte=today).order_by("day").values_list("day", "call_on")[:400]
    )
    at = datetime.combine(rest.get(today, today), max(FIRST_TRY, rules.call_from), branch.zone)
    tries = [at]
    while again := next_try(
        result="no_answer", tries=len(tries), at=tries[-1], rules=rules, works=lambda day: rest.get(day, day)
    ):
        tries.append(again)
    return Example(days_of_calls(branch=branch, steps=steps, treated_on=today) if steps else [], tries)
