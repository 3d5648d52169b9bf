"""The consultants visitors may belong to, for a filter."""

from django.db.models import QuerySet

from clinic.models import Staff
from clinic.roles import Role
from reception.selectors.visitors import SEES_ALL


def owners(staff: Staff) -> QuerySet[Staff]:
    """Return the consultants of this person's branch; nobody for those who see their own visitors only."""
    if not SEES_ALL & staff.capabilities:
        return Staff.objects.none()
    return Staff.objects.filter(branch=staff.branch_id, groups__name=Role.CONSULTANT).only("display_name")
