"""Which deals, shares and receptions count in figures: said once, for every figure."""

from django.db.models import QuerySet

from consultations.models import Deal, DealShare
from consultations.selectors.deals import effective_deals

# A reception counts in no rate when the project is not offered here, or when a visitor who was announced for it only
# collected a product: she is typed `first` by C5. Aliases: `talk` the consultation, `visit` its visit.
COUNTS = """(
    talk.entered_at is not null
    and not (visit.visit_type = 'other' and visit.other_reason = 'not_offered')
    and not (visit.visit_type = 'first' and visit.type_rule = 'C5' and visit.other_reason = 'product')
)"""


def counted_deals() -> QuerySet[Deal]:
    """Return the deals that figures count: as they stand, neither corrected since nor made void."""
    return effective_deals().order_by()


def counted_shares() -> QuerySet[DealShare]:
    """Return the shares of deals that figures count: who is credited with which part of a sale (O4)."""
    return DealShare.objects.filter(part=DealShare.Part.SALES, deal__corrected_by=None, deal__void=False).order_by()
