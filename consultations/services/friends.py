"""An absent friend is on the visit only while that is what the consultation came to (C8)."""

from django.db import transaction

from clinic.problems import Stale
from consultations.models import Consultation
from reception import services as reception
from reception.models import Visit, Visitor


@transaction.atomic
def say_friend(current: Consultation, friend: Visitor) -> None:
    """Write on the visit of a locked consultation for which friend she enquires. The visit is locked as well."""
    reception.record_circumstances(visit=current.visit, other_reason=Visit.OtherReason.FOR_FRIEND, friend=friend)


@transaction.atomic
def forget_friend(current: Consultation) -> Visitor | None:
    """Let the visit of a locked consultation say again what the desk had said; return whom she had enquired for.

    What was corrected since stays, and so does a day that is signed. None when she enquired for nobody. The visit is
    locked as well.
    """
    reason, friend = current.without_friend, current.visit.friend
    if reason is None:
        return None
    try:
        reception.record_circumstances(visit=current.visit, other_reason=reason, friend=current.desk_friend)
    except Stale:
        return None
    return friend
