"""Interference at the desk is recorded, with a running count for each person (R5)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.live import topics
from clinic.models import Staff
from clinic.problems import Refused
from clinic.services import audit, outbox
from clinic.services.repeats import content_of, made_before
from clinic.services.turns import one_at_a_time
from reception.models import Interference


@transaction.atomic
def record_interference(
    *, person: Staff, kind: str, note: str, request_key: UUID | None = None, staff: Staff, now: datetime
) -> Interference:
    """Record that somebody interfered at the desk today, and return it with the number of times so far.

    The same `request_key` again returns the same record. Raises Refused `note` when it does not say what happened,
    `herself` for who records about herself, `another_branch` for a person of another house; Stale `request_used` when
    something else was recorded under the same `request_key`.
    """
    content = content_of(person=person, kind=kind, note=note)
    if again := made_before(
        Interference.objects.select_related("person"),
        request_key,
        content,
        used_for=lambda made: (
            _(
                "This form has already recorded %(name)s, time %(count)d; what was changed since is not recorded. Is it"
                " something else? Then record it now."
            )
            % {"name": made.person, "count": made.count}
        ),
    ):
        return again
    branch = staff.branch
    one_at_a_time(f"interference {branch.pk} {person.pk}")
    if person.branch_id != branch.pk:
        raise Refused(_("Choose somebody of this branch."), code="another_branch")
    if person.pk == staff.pk:
        raise Refused(_("Nobody records about herself. Choose who interfered."), code="herself")
    if not note.strip():
        raise Refused(_("Say what happened."), code="note")
    recorded = Interference.objects.create(
        branch=branch,
        day=branch.today(now),
        person=person,
        kind=Interference.Kind(kind),
        note=note.strip(),
        count=Interference.objects.filter(branch=branch, person=person).count() + 1,
        recorded_at=now,
        recorded_by=staff,
        request_key=request_key,
        request_content=content if request_key else "",
    )
    audit.record(
        action="reception.record_interference",
        now=now,
        staff=staff,
        target=recorded,
        detail={"person": person.pk, "count": recorded.count},
    )
    outbox.announce(topics=[topics.days(branch.pk)])
    return recorded
