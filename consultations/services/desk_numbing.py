"""The numbing time of a visitor at a department's desk: it begins, ends, and is seen to be nearly over."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit
from consultations.models import DeskCase
from consultations.services.desk_rules import locked_case, saved, tell_screens_of

State = DeskCase.State
LONGEST_NUMBING = 180


@transaction.atomic
def start_numbing(*, case: DeskCase, minutes: int, staff: Staff, now: datetime) -> DeskCase:
    """Note that the numbing cream was put on, and how many minutes it needs; the desk is told two minutes before.

    Said again, it begins anew. Raises Refused `minutes_unclear` outside 1 to 180, Stale `moved_on` once she is gone.
    """
    if not 1 <= minutes <= LONGEST_NUMBING:
        raise Refused(_("Numbing takes from 1 to 180 minutes."), code="minutes_unclear")
    current = locked_case(case, State.WAITING, State.CALLED, State.WITH_STAFF)
    current.numbing_started_at, current.numbing_minutes, current.numbing_seen_at = now, minutes, None
    audit.record(
        action="consultations.start_numbing", now=now, staff=staff, target=current, detail={"minutes": minutes}
    )
    return saved(current)


@transaction.atomic
def end_numbing(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """The numbing time is over, or was put down by mistake. Raises Stale `moved_on` once she is gone."""
    current = locked_case(case, State.WAITING, State.CALLED, State.WITH_STAFF)
    current.numbing_started_at = current.numbing_minutes = current.numbing_seen_at = None
    audit.record(action="consultations.end_numbing", now=now, staff=staff, target=current)
    return saved(current)


@transaction.atomic
def see_numbing(*, case: DeskCase, staff: Staff, now: datetime) -> DeskCase:
    """Somebody at the desk has seen that the numbing time is nearly over: the notice stops. Seen twice is seen once."""
    current = DeskCase.objects.select_for_update(no_key=True).get(pk=case.pk)
    if current.numbing_started_at is not None and current.numbing_seen_at is None:
        current.numbing_seen_at = now
        current.save(update_fields=["numbing_seen_at"])
        audit.record(action="consultations.see_numbing", now=now, staff=staff, target=current)
        tell_screens_of(current)
    return current
