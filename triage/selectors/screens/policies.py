"""The rules in force, as everybody reads them."""

from datetime import datetime

from clinic.models import Branch
from triage.engine.policy import preset
from triage.models import Policy
from triage.selectors.knobs import PRESET_NAMES, knobs_of
from triage.selectors.policies import policy_of_day, rules_of, words_for
from triage.selectors.screens.parts import Context


def policy_of(branch: Branch, now: datetime) -> Context:
    """The rules a branch runs by today, and the versions before and after."""
    policy = policy_of_day(branch, branch.today(now))
    versions = Policy.objects.filter(branch=branch).select_related("created_by").order_by("-version")[:20]
    return {
        "policy": policy,
        "preset": PRESET_NAMES[policy.preset if policy else "standard"],
        "knobs": knobs_of(rules_of(policy) if policy else preset("standard"), words_for(branch, branch.today(now))),
        "versions": [(version, PRESET_NAMES[version.preset]) for version in versions],
    }
