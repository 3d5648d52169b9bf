"""How far a visitor has come, as her deals and treatments say."""

from django.db.models import Exists, OuterRef

from consultations.models import Deal, DealAccount, Payment, Treatment
from consultations.selectors.ownership import higher
from reception.models import Standing, Visitor


def standing_by_deals(visitor: Visitor) -> Standing:
    """Return what a visitor's deals come to: PAID with one that is paid, DEPOSIT with one that is paid in part.

    A deal to which no payment was ever noted counts as it was made; one that was given back entirely does not count.
    """
    noted = Payment.objects.filter(deal=OuterRef("deal"))
    rows = DealAccount.objects.filter(visitor=visitor, current__void=False).annotate(has_notes=Exists(noted))
    reached = Standing.NO_DEAL if visitor.consulted_by else Standing.NEW
    for account in rows.select_related("current"):
        paid_as_made = not account.has_notes and account.current.kind == Deal.Kind.PAID
        if account.due == 0 or paid_as_made:
            return Standing.PAID
        if account.received > 0 or not account.has_notes:
            reached = Standing.DEPOSIT
    return reached


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
