"""Which deals, shares and receptions count in figures: said once, for every figure."""

from django.db.models import QuerySet

from consultations.models import Deal, DealShare
from consultations.selectors.deals import effective_deals

# Which receptions count in rates (T8); aliases: `talk` the consultation, `visit` its visit. Not who never entered the
# room, nor who was taken out of it before it came to anything (K3, K6), nor for whom the project is not offered here,
# nor who was announced and only collected a product: by the desk she is typed `first` by C5 then, in the room it is the
# outcome.
COUNTS = """(
    talk.entered_at is not null
    and not (talk.state = 'withdrawn' and talk.outcome = '')
    and not (visit.visit_type = 'other' and visit.other_reason = 'not_offered')
    and not (visit.visit_type = 'first' and visit.type_rule = 'C5' and visit.other_reason = 'product')
    and not (talk.outcome = 'product' and (
        visit.announced_by_id is not null
        or exists (
            select from reception_prereport as report
            where report.visitor_id = visit.visitor_id and report.made_at <= visit.arrived_at)
        or exists (
            select from reception_visitor as person
            join reception_prereport as report
                on report.visitor_id is null and report.phone <> '' and report.phone = person.phone
            where person.id = visit.visitor_id and report.made_at <= visit.arrived_at)))
)"""


def counted_deals() -> QuerySet[Deal]:
    """Return the deals that figures count: as they stand, neither corrected since nor made void."""
    return effective_deals().order_by()


def counted_shares() -> QuerySet[DealShare]:
    """Return the shares of deals that figures count: who is credited with which part of a sale (O4)."""
    return DealShare.objects.filter(part=DealShare.Part.SALES, deal__corrected_by=None, deal__void=False).order_by()
