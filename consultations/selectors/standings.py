"""How far a visitor has come, as her deals and treatments say."""

from functools import reduce

from django.db.models import Exists, OuterRef

from consultations.models import Deal, DealAccount, Payment, Treatment
from consultations.selectors.ownership import higher
from reception.models import ImportedRow, Standing, Visitor
from reception.selectors import records_of


def standing_by_deals(visitor: Visitor) -> Standing:
    """Return what a visitor's deals come to: PAID with one that is paid, DEPOSIT with one that is paid in part.

    A deal to which no payment was ever noted counts as it was made; one that was given back entirely does not count,
    nor does one of nothing: a free session is a deal, but nothing is paid (C2, C4).
    """
    noted = Payment.objects.filter(deal=OuterRef("deal"))
    bought = DealAccount.objects.filter(visitor=visitor, current__void=False, amount__gt=0)
    rows = bought.annotate(has_notes=Exists(noted))
    reached = Standing.NO_DEAL if visitor.consulted_by else Standing.NEW
    for account in rows.select_related("current"):
        paid_as_made = not account.has_notes and account.current.kind == Deal.Kind.PAID
        if account.due == 0 or paid_as_made:
            return Standing.PAID
        if account.received > 0 or not account.has_notes:
            reached = Standing.DEPOSIT
    return reached


def standing_taken_over(visitor: Visitor) -> Standing:
    """Return how far a visitor had come when she was taken over from another system; NEW when she was not. Two queries.

    It is what her record began with, and what an import filled in since.
    """
    hers = records_of(visitor).values("pk")
    history = visitor.events.model.objects.filter(pgh_obj__in=hers, pgh_label="insert")  # type: ignore[attr-defined]
    filled = ImportedRow.objects.filter(visitor__in=hers, filled__has_key="standing")
    said = [*history.values_list("standing", flat=True), *filled.values_list("filled__standing", flat=True)]
    return reduce(higher, map(Standing, said), Standing.NEW)


def standing_of(visitor: Visitor) -> Standing:
    """Return how far a visitor has come by her treatments and deals together."""
    treated = Treatment.objects.filter(visitor=visitor, state=Treatment.State.DONE).exists()
    return Standing.TREATED if treated else standing_by_deals(visitor)


def standing_after(visitor: Visitor, before: Standing) -> Standing:
    """Return what a visitor's standing becomes when her deals have changed; `before`: what they said until then.

    It rises with them. It falls with them only when they were what it rested on: an old system may know of more.
    """
    now_is = standing_of(visitor)
    if visitor.standing == before:
        return now_is
    return higher(Standing(visitor.standing), now_is)
