"""Whose visitors they are, changed for many at once (A9, O1)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from clinic.live import topics
from clinic.models import Staff
from clinic.services import outbox
from reception.services.histories import history_by_sets, new_context, remember

# Rows a step, and how many visitors one event names.
STEP = 2_000
_TOPICS = 500

# Locked in the order of their numbers, so that nobody waits in a ring.
_CHANGE = """
with wanted as (
    select * from unnest(%(visitors)s::bigint[], %(before)s::bigint[], %(after)s::bigint[]) as w(visitor, before, after)
), held as (
    select v.id, w.after from reception_visitor v join wanted w on w.visitor = v.id
    where v.owner_id = w.before and v.merged_into_id is null order by v.id for no key update of v
)
update reception_visitor v set owner_id = held.after from held where v.id = held.id returning v.id
"""
_REMEMBER = remember("update", "unnest(%(done)s::bigint[]) as done(id) where v.id = done.id")


class OwnerChange(NamedTuple):
    """A visitor by her number, whose she is believed to be, and whose she is to be: people by their numbers."""

    visitor: int
    before: int
    after: int


@transaction.atomic
def change_owners(
    *, changes: Sequence[OwnerChange], staff: Staff, now: datetime, tell: Callable[[int], None] | None = None
) -> set[int]:
    """Give visitors to other consultants, with the history of their cards; return whose owner was changed.

    A visitor who belongs to somebody else by now, or whose record was merged into another, stays as she is and is not
    among those returned. Two statements for `STEP` visitors, after each of which `tell` hears how many are done.
    """
    changed: set[int] = set()
    ordered = sorted(changes)
    if not ordered:
        return changed
    context = new_context({"staff": staff.pk, "at": now.isoformat()})
    with connection.cursor() as cursor, history_by_sets(cursor):
        for begin in range(0, len(ordered), STEP):
            part = ordered[begin : begin + STEP]
            visitors, before, after = (list(column) for column in zip(*part, strict=True))
            cursor.execute(_CHANGE, {"visitors": visitors, "before": before, "after": after})
            done = [pk for (pk,) in cursor.fetchall()]
            cursor.execute(_REMEMBER, {"done": done, "context": context})
            changed.update(done)
            if tell is not None:
                tell(begin + len(part))
    names = [topics.visitor(pk) for pk in sorted(changed)]
    for begin in range(0, len(names), _TOPICS):
        outbox.announce(topics=names[begin : begin + _TOPICS])
    return changed
