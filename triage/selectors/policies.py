"""Which rules a branch runs by."""

import json
from datetime import date
from functools import lru_cache

from clinic.models import Branch
from triage.engine.policy import Policy as Rules
from triage.engine.policy import policy_from_json
from triage.models import Policy


def policy_of_day(branch: Branch, day: date) -> Policy | None:
    """Return the policy version a board opened on that day runs by; None when the branch has none yet."""
    return Policy.objects.filter(branch=branch, starts_on__lte=day).order_by("-starts_on", "-version").first()


def rules_of(policy: Policy) -> Rules:
    """Return the knobs of a policy version; raises PolicyError when its settings are not valid."""
    return _rules(policy.preset, json.dumps(policy.settings, sort_keys=True))


@lru_cache(maxsize=64)
def _rules(preset: str, settings: str) -> Rules:
    return policy_from_json({"preset": preset, **json.loads(settings)})
