"""Membership levels: what a visitor has paid so far says which she has; what she has paid a later room tells."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils.module_loading import import_string

from clinic.live import topics
from clinic.models import Job
from clinic.services import jobs, outbox
from clinic.services.levels import levels_stand
from reception.models import Visitor

AT_ONCE = 20_000

_WRITE = """
with wanted as (
    select visitor.id, (
        select level.id from clinic_membershiplevel level
        where level.from_amount <= spent.spent order by level.from_amount desc limit 1
    ) as level_id
    from reception_visitor visitor
    left join (select * from ({spent}) told where told.visitor_id between %(first)s and %(last)s) spent
        on spent.visitor_id = visitor.id
    where visitor.id between %(first)s and %(last)s
        and (spent.visitor_id is not null or visitor.level_id is not null)
)
update reception_visitor visitor set level_id = wanted.level_id from wanted
where visitor.id = wanted.id and visitor.level_id is distinct from wanted.level_id
"""


@transaction.atomic
def record_level(*, visitor: Visitor) -> None:
    """Write down the membership level a visitor has by what was paid, in the transaction of what changed it."""
    levels_stand()
    if _write(visitor.pk, visitor.pk):
        outbox.announce(topics=[topics.visitor(visitor.pk)])


def recompute_levels(*, job_id: UUID | str, now: datetime) -> None:
    """Give every visitor the level she has by the levels as they are now, some thousands in a statement.

    Done again, or after a crash, it comes to the same. Raises Refused `job_over`, and `jobs.Cancelled` when somebody
    asked for it to stop.
    """
    job: Job = jobs.begin(job_id=job_id, now=now)
    newest = Visitor.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    jobs.advance(job=job, done=0, total=newest)
    for before in range(0, newest, AT_ONCE):
        give_out_levels(first=before + 1, last=before + AT_ONCE)
        jobs.advance(job=job, done=min(before + AT_ONCE, newest))
    jobs.finish(job=job, now=now, result_url=reverse("clinic:levels"))


@transaction.atomic
def give_out_levels(*, first: int, last: int) -> int:
    """Give the visitors with these ids the level each has by what was paid; return how many have another one now."""
    return _write(first, last)


def _write(first: int, last: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(spent=import_string(settings.SPENT)), {"first": first, "last": last})
        return int(cursor.rowcount)
