"""Pairs of records that may be one person: put down when a record is written, and dismissed when they are two."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from clinic.models import Staff
from clinic.problems import Stale
from clinic.services import audit
from reception.models import PossibleDuplicate, Visitor
from reception.selectors.duplicates import possible_duplicates, reason_of
from reception.selectors.merging import merged_sentence


@transaction.atomic
def dismiss_duplicate(*, pair: PossibleDuplicate, staff: Staff, now: datetime) -> PossibleDuplicate:
    """Note that two records are two persons; the pair is not asked about again. Sent again, it stays as it was.

    Raises Stale `merged` when somebody merged one of them meanwhile.
    """
    pair.refresh_from_db(from_queryset=PossibleDuplicate.objects.select_for_update(of=("self",)))
    for record in (pair.first, pair.second):
        if record.merged_into_id is not None:
            raise Stale(merged_sentence(record), code="merged", detail={"visitor": record.merged_into_id})
    if pair.dismissed_at is None:
        pair.dismissed_at, pair.dismissed_by = now, staff
        pair.save(update_fields=["dismissed_at", "dismissed_by"])
        detail = {"first": pair.first_id, "second": pair.second_id}
        audit.record(action="reception.dismiss_duplicate", now=now, staff=staff, target=pair, detail=detail)
    return pair


def note_duplicates(*, visitor: Visitor, now: datetime) -> None:
    """Put down whom a new or changed record may be a second one of; what does not hold any more is taken out.

    Inside the caller's transaction. What somebody said to be two persons stays said.
    """
    PossibleDuplicate.objects.filter(first=visitor, dismissed_at=None).delete()
    PossibleDuplicate.objects.filter(second=visitor, dismissed_at=None).delete()
    alike = possible_duplicates(
        name=visitor.name, phone=str(visitor.phone), birth_on=visitor.birth_on, but=visitor, limit=6
    )
    _note([(visitor, one, reason_of(visitor, one)) for one in alike], now)


_ALL_PAIRS = """
insert into reception_possibleduplicate (first_id, second_id, reason, noticed_at)
select earlier, later, min(reason), %(now)s from (
    select lag(id) over (partition by phone order by id) as earlier, id as later, 'phone' as reason
    from reception_visitor where phone <> '' and merged_into_id is null
    union all
    select lag(id) over (partition by birth_on, name order by id), id, 'person'
    from reception_visitor where birth_on is not null and merged_into_id is null
) as pairs
where earlier is not null
group by earlier, later
on conflict (first_id, second_id) do nothing
"""


@transaction.atomic
def note_all_duplicates(*, now: datetime) -> int:
    """Put down every pair of all records that is not down yet, whoever wrote the records; return how many.

    Of many people with one phone each is set beside the one before her, so that a number a whole house gives does not
    make thousands of pairs. Run again, it finds nothing new.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALL_PAIRS, {"now": now})
        return int(cursor.rowcount)


def _note(pairs: Iterable[tuple[Visitor, Visitor, str]], now: datetime) -> None:
    PossibleDuplicate.objects.bulk_create(
        (
            PossibleDuplicate(
                first_id=min(one.pk, two.pk), second_id=max(one.pk, two.pk), reason=reason, noticed_at=now
            )
            for one, two, reason in pairs
        ),
        ignore_conflicts=True,
    )
