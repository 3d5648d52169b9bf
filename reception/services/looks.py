"""Who looked at a visitor, and what a whole number was shown for: one entry of the audit log for each (S5)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from clinic.models import Staff
from clinic.problems import Refused
from clinic.reasons import Reason, Screen
from clinic.services import audit
from reception.log_words import without_phones
from reception.models import Visitor
from reception.names import clean_name

# Somebody who goes back and forth between the pages of one visitor looks at her once.
ONE_LOOK = timedelta(minutes=10)
MOST = 200


def note_view(*, visitor: Visitor, screen: Screen, staff: Staff, now: datetime) -> None:
    """Record that somebody opened a visitor's record and on which screen, unless she did in the last ten minutes.

    One statement, in the caller's transaction or in none.
    """
    audit.record_once(
        action="reception.view_visitor",
        now=now,
        within=ONE_LOOK,
        staff=staff,
        target=visitor,
        detail={"screen": screen.value},
    )


def note_opening(*, visitor: Visitor, screen: Screen, detail: dict[str, Any], staff: Staff, now: datetime) -> None:
    """Record that somebody opened one thing of a visitor's (`detail` says which), each time she does.

    Inside the caller's transaction or in none.
    """
    audit.record(
        action="reception.view_visitor", now=now, staff=staff, target=visitor, detail={"screen": screen.value, **detail}
    )


def what_for(reason: str, words: str = "") -> dict[str, str]:
    """Return a reason as an audit entry keeps it; phone numbers in somebody's own words are masked.

    Raises Refused `reason` for none, an unknown one, another one without words, and for more than 200 characters.
    """
    words = without_phones(clean_name(words))
    if reason not in Reason.values or (reason == Reason.OTHER and not words):
        raise Refused(_("Say what you need the number for: it is recorded that you looked."), code="reason")
    if len(words) > MOST:
        raise Refused(
            _("At most %(most)d characters; this has %(count)d.") % {"most": MOST, "count": len(words)}, code="reason"
        )
    return {"reason": reason} | ({"words": words} if reason == Reason.OTHER else {})
