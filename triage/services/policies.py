"""Policy versions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import LAST_DAY
from clinic.models import Branch, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit
from triage.engine.policy import PolicyError
from triage.models import Policy
from triage.selectors.policies import (
    checked,
    earliest_start,
    mistakes_by_key,
    only_differing,
    policy_of_day,
    rules_of,
    words_for,
)


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


@transaction.atomic
def create_policy(
    *,
    branch: Branch,
    preset: str,
    settings: Mapping[str, Any],
    starts_on: date,
    reason: str,
    expected_version: int | None = None,
    staff: Staff,
    now: datetime,
) -> Policy:
    """Write a new version of a branch's rules, valid from the opening of a day; `settings` are keys over the preset.

    Of several versions for one day the newest counts. Raises Refused `policy_wrong` (detail `fields`: sentences by
    key), `starts_too_early`, `starts_too_late`, `reason_missing`, `nothing_changes`; Stale `policy_moved` when there is
    a version newer than `expected_version` (None: whatever there is).
    """
    Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    last = Policy.objects.filter(branch=branch).order_by("-version").first()
    version = last.version if last is not None else 0
    if expected_version is not None and expected_version != version:
        raise Stale(_("Somebody else has written a new version meanwhile. Compare again."), code="policy_moved")
    if not reason.strip():
        raise Refused(_("A new version needs a reason: everyone on the board can read it."), code="reason_missing")
    earliest = earliest_start(branch, now)
    if starts_on < earliest:
        raise Refused(
            _("Rules change at an opening, never in the middle of a day: the first day possible is %(day)s.")
            % {"day": earliest.isoformat()},
            code="starts_too_early",
        )
    if starts_on > LAST_DAY:
        raise Refused(_("This day is too far away."), code="starts_too_late")
    try:
        rules = checked(branch, preset, settings, starts_on)
    except PolicyError as error:
        fields = mistakes_by_key(error, words_for(branch, starts_on))
        raise Refused(
            " ".join(sentence for several in fields.values() for sentence in several),
            code="policy_wrong",
            detail={"fields": fields},
        ) from None
    running = policy_of_day(branch, starts_on)
    if running is not None and rules_of(running) == rules:
        raise Refused(_("On that day these rules are in force already."), code="nothing_changes")
    policy = Policy.objects.create(
        branch=branch,
        version=version + 1,
        starts_on=starts_on,
        preset=rules.preset,
        settings=only_differing(rules),
        reason=reason.strip(),
        created_by=staff,
    )
    replaced = running.version if running is not None and running.starts_on == starts_on else None
    audit.record(
        action="triage.create_policy",
        now=now,
        staff=staff,
        branch=branch,
        target=policy,
        detail={"version": policy.version, "starts_on": starts_on.isoformat(), "replaces": replaced},
    )
    return policy
