"""Photographs a visitor sends to who calls her; they are kept where all others are."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused
from consultations.models import Photograph
from consultations.services.photographs import Outcome, Shot, keep_photographs
from followups.models import CallBack


def may_keep_sent(call_back: CallBack, staff: Staff, now: datetime) -> bool:
    """Say whether this person may take in what the visitor sends: who holds the card, or made its last call today."""
    if call_back.holder(now) == staff:
        return True
    last = call_back.attempts.order_by("-id").values_list("staff_id", "at").first()
    return last is not None and last[0] == staff.pk and call_back.branch.today(last[1]) == call_back.branch.today(now)


def keep_sent_photographs(
    *, call_back: CallBack, shots: Sequence[Shot], taken_on: date, staff: Staff, now: datetime
) -> list[Outcome]:
    """Keep photographs a visitor sent, as taken after the treatment of the call; return what became of each.

    Who calls needs no other right than the card; the photographs themselves she does not see. Raises Refused
    `not_her_card`, and what `keep_photographs` raises.
    """
    if not may_keep_sent(call_back, staff, now):
        raise Refused(
            _("Take the card first: who is on the telephone with her takes her photographs in."), code="not_her_card"
        )
    return keep_photographs(
        visitor=call_back.visitor,
        shots=shots,
        stage=Photograph.Stage.AFTER,
        taken_on=taken_on,
        treatment=call_back.treatment,
        staff=staff,
        now=now,
    )
