"""Membership levels."""

from django.db.models import QuerySet

from clinic.models import MembershipLevel


def all_levels() -> QuerySet[MembershipLevel]:
    """Return the levels of the group, the lowest first."""
    return MembershipLevel.objects.order_by("from_amount")
