"""The days a branch is closed or works in exchange, apart from its usual week."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.asked import FURTHEST_AHEAD
from clinic.models import Branch, BranchDay, Staff
from clinic.problems import Refused, Stale
from clinic.services import audit, outbox

LONGEST = 31


@transaction.atomic
def set_branch_days(
    *, branch: Branch, first: date, last: date, kind: str, name: str, staff: Staff, now: datetime
) -> int:
    """Say that the house is closed, or works in exchange, from `first` to `last`; return how many days that changed.

    A day that was said already is said anew. Raises Refused `days_unclear` when the last day comes before the first,
    `too_many_days` for more than LONGEST at once, `too_far` for days of the past or more than two years ahead.
    """
    branch = Branch.objects.select_for_update(no_key=True).get(pk=branch.pk)
    today = branch.today(now)
    if last < first:
        raise Refused(_("The last day comes before the first."), code="days_unclear")
    if (last - first).days >= LONGEST:
        raise Refused(_("Enter at most %(most)s days at once.") % {"most": LONGEST}, code="too_many_days")
    if first < today or last > today + FURTHEST_AHEAD:
        raise Refused(_("Choose days from today on, at most two years ahead."), code="too_far")
    wanted = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    there = branch.days.filter(day__in=wanted, kind=kind, name=name).values_list("day", flat=True)
    fresh = sorted(wanted - set(there))
    if not fresh:
        return 0
    BranchDay.objects.bulk_create(
        [BranchDay(branch=branch, day=day, kind=kind, name=name) for day in fresh],
        update_conflicts=True,
        unique_fields=["branch", "day"],
        update_fields=["kind", "name"],
    )
    detail = {"kind": kind, "why": name, "first_day": fresh[0].isoformat(), "last_day": fresh[-1].isoformat()}
    audit.record(action="clinic.set_branch_days", now=now, staff=staff, target=branch, detail=detail)
    tell_of_days(branch)
    return len(fresh)


@transaction.atomic
def forget_branch_day(*, said: BranchDay, staff: Staff, now: datetime) -> None:
    """Let a day be as its weekday says again.

    Raises Refused `too_far` for a day that is over, Stale `gone` when somebody else took it away already.
    """
    branch = Branch.objects.select_for_update(no_key=True).get(pk=said.branch_id)
    found = branch.days.filter(pk=said.pk).first()
    if found is None:
        raise Stale(_("This day is not in the list any more."), code="gone")
    if found.day < branch.today(now):
        raise Refused(_("This day is over; it stays in the list."), code="too_far")
    found.delete()
    detail = {"kind": found.kind, "why": found.name, "day": found.day.isoformat()}
    audit.record(action="clinic.forget_branch_day", now=now, staff=staff, target=branch, detail=detail)
    tell_of_days(branch)


def tell_of_days(branch: Branch) -> None:
    """Say that the branch is open or closed on other days than before; what falls on them follows."""
    outbox.announce(topics=[], event="branch_days_changed", payload={"branch_id": branch.pk})
