"""On which days a branch makes calls: its week, its holidays and the days it works in exchange for them."""

from datetime import date
from typing import Any

from django.db import connection, transaction

from clinic.models import Branch
from clinic.services.turns import one_at_a_time
from followups.models import CallDay
from followups.selectors.rules import rules_of

__all__ = ["first_call_day", "rules_of", "write_call_days"]

# Written once for good: no day of a call ever lies outside, and nothing has to be carried on as time goes by.
FIRST, LAST = date(2000, 1, 1), date(2060, 12, 31)
# A house that is closed for longer than this makes its calls on the day they are due.
LONGEST_REST = 60

_DAYS = """
    with week as (select weekday from clinic_branchhours where branch_id = %(branch)s),
    days as (
        select g.day::date as day,
            coalesce(b.kind = 'worked', not exists (select from week)
                or extract(isodow from g.day)::int - 1 in (select weekday from week)) as works
        from generate_series(%(first)s::date, %(last)s::date, interval '1 day') as g (day)
        left join clinic_branchday b on b.branch_id = %(branch)s and b.day = g.day::date),
    calls as (
        select day, works,
            min(day) filter (where works) over (order by day desc) as call_on
        from days)
    select day, call_on from calls where not works and call_on - day <= %(longest)s
"""
_FORGET = f"""
    delete from followups_callday c where c.branch_id = %(branch)s
        and not exists (select from ({_DAYS}) n where n.day = c.day and n.call_on = c.call_on)
"""  # noqa: S608 - put together from the constant above
_WRITE = f"""
    insert into followups_callday (branch_id, day, call_on) select %(branch)s, n.day, n.call_on from ({_DAYS}) n
    on conflict (branch_id, day) do nothing
"""  # noqa: S608 - put together from the constant above


@transaction.atomic
def write_call_days(branch: Branch) -> int:
    """Write down on which days a branch makes no calls, and when those due then are made; return how many changed.

    A day is a call day when its weekday has opening hours, unless the branch's own days say otherwise; a branch
    without any opening hours calls every day. Running it again changes nothing.
    """
    one_at_a_time(f"call days of {branch.pk}")
    arguments: dict[str, Any] = {"branch": branch.pk, "first": FIRST, "last": LAST, "longest": LONGEST_REST}
    changed = 0
    with connection.cursor() as cursor:
        for statement in (_FORGET, _WRITE):
            cursor.execute(statement, arguments)
            changed += cursor.rowcount
    return changed


def first_call_day(branch: Branch, day: date) -> date:
    """Return the first day from a day on that the branch makes calls."""
    moved = CallDay.objects.filter(branch=branch, day=day).values_list("call_on", flat=True).first()
    return moved or day
