"""What a branch settles about its calls: the days, the hours, the tries, the targets."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.services import audit
from clinic.services.meanwhile import refuse_if_changed
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from followups.models import CallRules

# What a branch settles, in the order it is read in.
SETTLED = (
    "operation_day",
    "call_from",
    "call_until",
    "rest_from",
    "rest_until",
    "most_tries",
    "tries_a_day",
    "pause_no_answer",
    "pause_busy",
    "target_reached",
    "target_satisfied",
    "review_minutes",
)


@transaction.atomic
def change_call_rules(
    *, branch: Branch, changes: Mapping[str, object], seen: int | None = None, staff: Staff, now: datetime
) -> list[str]:
    """Change what a branch settles about its calls; return the names of what changed.

    `changes`: fields of CallRules among SETTLED; what is left out stays. Tries to come follow at once; when the number
    of the day of operation changes, the open calls of the branch move to their new days in the background. `seen`: the
    audit entry the form was drawn after. Raises Stale `changed_meanwhile`, Refused `hours_wrong`, `rest_wrong`.
    """
    one_at_a_time(f"call rules of {branch.pk}")
    rules, _made = CallRules.objects.get_or_create(branch=branch)
    refuse_if_changed(rules, seen=seen, by=("followups.change_rules",))
    changed = [name for name in SETTLED if name in changes and getattr(rules, name) != changes[name]]
    if not changed:
        return []
    for name in changed:
        setattr(rules, name, changes[name])
    _check(rules)
    rules.save(update_fields=changed)
    audit.record(
        action="followups.change_rules", now=now, staff=staff, branch=branch, target=rules, detail={"changed": changed}
    )
    moved = "operation_day" in changed
    announce(
        topics=[topics.call_backs(branch.pk)],
        event="call_rules_changed" if moved else "",
        payload={"branch_id": branch.pk} if moved else {},
    )
    return changed


def _check(rules: CallRules) -> None:
    if rules.call_from >= rules.call_until:
        raise Refused(_("The last call of a day is later than the first one."), code="hours_wrong")
    if rules.rest_from is None and rules.rest_until is None:
        return
    if rules.rest_from is None or rules.rest_until is None:
        raise Refused(_("Give both the beginning and the end of the rest, or neither."), code="rest_wrong")
    if not rules.call_from < rules.rest_from < rules.rest_until < rules.call_until:
        raise Refused(_("The rest lies within the hours of calling, and ends after it begins."), code="rest_wrong")
