"""How much a role may take off the list price on its own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Branch, Staff
from clinic.problems import Refused
from clinic.roles import Role
from clinic.services import audit
from clinic.services.meanwhile import refuse_if_changed
from consultations.models import DiscountLimit
from consultations.models.plans import USUAL_LIMITS
from consultations.selectors.plans import limits_at


@transaction.atomic
def set_discount_limits(
    *, branch: Branch, limits: Mapping[Role, Decimal], staff: Staff, now: datetime, seen: int | None = None
) -> None:
    """Set role → least percent of the list price (1 to 100) that it may quote on its own at a branch.

    What was quoted before stays. Raises Refused `not_a_limit` for another role or a percent out of range; Stale
    `changed_meanwhile` when somebody set them after audit entry `seen`, which the form was drawn after.
    """
    branch = Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    refuse_if_changed(branch, seen=seen, by=("consultations.set_discount_limits",))
    if any(role not in USUAL_LIMITS or not 1 <= least <= 100 for role, least in limits.items()):
        raise Refused(_("A limit lies between 1 and 100 percent."), code="not_a_limit")
    before = limits_at(branch)
    changed = {role: least for role, least in limits.items() if before[role] != least}
    if not changed:
        return
    DiscountLimit.objects.bulk_create(
        [DiscountLimit(branch=branch, role=role.value, least_percent=least) for role, least in changed.items()],
        update_conflicts=True,
        unique_fields=["branch", "role"],
        update_fields=["least_percent"],
    )
    detail = {f"limit_{role.value}": str(least) for role, least in changed.items()}
    audit.record(action="consultations.set_discount_limits", now=now, staff=staff, target=branch, detail=detail)
