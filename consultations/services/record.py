"""The record of a consultation, kept while it is being typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Stale
from clinic.services import audit, outbox
from consultations.models import Consultation

State = Consultation.State
# Typing goes on for a long time: the log says once in a while that somebody wrote.
AUDITED_ONCE_IN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Written:
    """The consultation as it is now, and by section the text another window wrote, which was left as it is."""

    consultation: Consultation
    theirs: Mapping[str, str]


@transaction.atomic
def write_record(
    *, consultation: Consultation, typed: Mapping[str, str], seen: Mapping[str, str], staff: Staff, now: datetime
) -> Written:
    """Keep sections of the record as typed so far.

    `typed`: section (one of `Consultation.SECTIONS`) → text; what is not named stays as it is. `seen`: the same
    sections as this window last had them from the server. A section that says something else by now is not
    overwritten: the others are saved, and that one is handed back in `theirs`. Saying what is saved already is fine,
    so a request that is sent again does no harm.

    Raises Stale `moved_away` when the visit went to another consultant.
    """
    current = Consultation.objects.select_for_update(no_key=True).get(pk=consultation.pk)
    if current.consultant_id != staff.pk or current.state in (State.DECLINED, State.WITHDRAWN):
        raise Stale(_("This visitor is no longer with you; what you typed was not saved."), code="moved_away")
    changed = {name: text for name, text in typed.items() if getattr(current, name) != text}
    theirs = {name: getattr(current, name) for name in changed if getattr(current, name) != seen[name]}
    saved = [name for name in Consultation.SECTIONS if name in changed and name not in theirs]
    if not saved:
        return Written(current, theirs)
    for name in saved:
        setattr(current, name, changed[name])
    current.record_version += 1
    current.written_at = now
    current.save(update_fields=[*saved, "record_version", "written_at"])
    audit.record_once(
        action="consultations.write_record", now=now, within=AUDITED_ONCE_IN, staff=staff, target=current, detail={}
    )
    outbox.announce(topics=[topics.record(current.pk)])
    return Written(current, theirs)
