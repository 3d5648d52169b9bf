"""Slips and cards: each print is written down."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit
from reception.models import Visit, Visitor
from reception.selectors.slips import prints_of
from reception.services.visitors import refuse_merged


@transaction.atomic
def print_slip(*, visit: Visit, staff: Staff, now: datetime) -> int:
    """Write down that the slip of a visit goes to the printer; return which copy it is (1: the first).

    Raises Refused `visit_void` for an entry that is void.
    """
    visit.refresh_from_db(from_queryset=Visit.objects.select_for_update(no_key=True))
    if visit.state == Visit.State.VOID:
        raise Refused(_("Number %(number)s is void: it has no slip.") % {"number": visit}, code="visit_void")
    copy = prints_of(visit).count() + 1
    audit.record(
        action="reception.print_slip", now=now, staff=staff, branch=visit.branch, target=visit, detail={"copy": copy}
    )
    return copy


@transaction.atomic
def print_card(*, visitor: Visitor, staff: Staff, now: datetime) -> None:
    """Write down that the card of a visitor goes to the printer, and with it her name and file number to whoever asked.

    Raises Stale `merged` when her record was merged into another.
    """
    visitor.refresh_from_db(from_queryset=Visitor.objects.select_for_update(no_key=True))
    refuse_merged(visitor)
    audit.record(action="reception.print_card", now=now, staff=staff, target=visitor)
