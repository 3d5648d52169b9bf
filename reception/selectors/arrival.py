"""Whom a visitor may ask for, be announced by, or have come with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from clinic.models import Staff
from clinic.roles import Role
from clinic.selectors.people import working_at
from reception.models import Visit

# How long after the first of a group the others are still offered to be entered with her.
TOGETHER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Desk:
    """What an arrival form offers: consultants of the branch, who may announce visitors, and who leads a group."""

    consultants: QuerySet[Staff]
    announcers: QuerySet[Staff]
    leads: QuerySet[Visit]


def consultants_for(visit: Visit) -> QuerySet[Staff]:
    """Return who worked as a consultant at the branch on the day of a visit, and whoever received it."""
    working = working_at(visit.branch, visit.day)
    return working.filter(Q(groups__name=Role.CONSULTANT.value) | Q(pk=visit.consultant_id)).distinct()


def desk_of(staff: Staff, now: datetime) -> Desk:
    """Return what the arrival form of a person's branch offers now."""
    day = staff.branch.today(now)
    working = working_at(staff.branch, day)
    announcing = [Role.PHONE_AGENT.value, Role.CUSTOMER_SERVICE.value, Role.CONSULTANT.value]
    return Desk(
        consultants=working.filter(groups__name=Role.CONSULTANT.value),
        announcers=working.filter(groups__name__in=announcing).distinct(),
        leads=Visit.objects.filter(branch=staff.branch_id, day=day, arrived_at__gte=now - TOGETHER, group_lead=None)
        .exclude(state=Visit.State.VOID)
        .select_related("visitor")
        .order_by("-number"),
    )
