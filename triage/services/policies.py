"""Policy versions."""

from datetime import date, datetime

from django.db import transaction

from clinic.models import Branch, Staff
from clinic.services import audit
from triage.models import Policy
from triage.selectors.policies import policy_of_day


@transaction.atomic
def ensure_policy(*, branch: Branch, day: date, staff: Staff | None, now: datetime) -> Policy:
    """Return the policy in force on a day; a branch without any gets the `standard` one from that day on."""
    policy = policy_of_day(branch, day)
    if policy is not None:
        return policy
    Branch.objects.select_for_update().get(pk=branch.pk)
    policy = policy_of_day(branch, day)
    if policy is not None:
        return policy
    last = Policy.objects.filter(branch=branch).order_by("-version").values_list("version", flat=True).first()
    policy = Policy.objects.create(
        branch=branch, version=(last or 0) + 1, starts_on=day, preset="standard", created_by=staff
    )
    audit.record(action="triage.ensure_policy", now=now, staff=staff, branch=branch, target=policy)
    return policy
