"""What a visitor still owes."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum

from consultations.models import DealAccount


def unpaid_balance(records: Sequence[int]) -> Decimal:
    """Return what is open of the deals of a visitor's records, in yuan."""
    return DealAccount.objects.filter(visitor__in=records, due__gt=0).aggregate(due=Sum("due"))["due"] or Decimal(0)
