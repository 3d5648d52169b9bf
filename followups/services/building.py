"""The calls built from the plans: set-based, the same rows however often, when and by how many at once it runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from clinic.live import topics
from clinic.models import Branch
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from consultations.models import Treatment
from followups.models import CallBack
from followups.selectors.days import DUE, EFFECT_DAYS

# Which version of which plan holds for a project, or for one treatment, and for treatments of which days.
_HOLDS = """
spans as (
    select id as plan_id, department_kind, project_id, treatment_id, inherits, starts_on,
        coalesce(lead(starts_on) over (partition by department_kind, project_id, treatment_id order by version),
            'infinity') as ends_on
    from followups_plan),
general as (
    select j.id as project_id, date '-infinity' as starts_on, coalesce(min(s.starts_on), 'infinity') as ends_on
    from clinic_project j left join spans s on s.project_id = j.id group by j.id
    union all
    select project_id, starts_on, ends_on from spans where project_id is not null and inherits),
holds as (
    select project_id, plan_id, starts_on, ends_on from spans where project_id is not null and not inherits
    union all
    select g.project_id, s.plan_id, greatest(s.starts_on, g.starts_on), least(s.ends_on, g.ends_on)
    from general g
    join clinic_project j on j.id = g.project_id
    join clinic_department e on e.id = j.department_id
    join spans s on s.department_kind = e.kind
    where greatest(s.starts_on, g.starts_on) < least(s.ends_on, g.ends_on)),
own as (
    select distinct on (treatment_id) treatment_id, plan_id, inherits
    from spans where treatment_id is not null order by treatment_id, plan_id desc)
"""

# A treatment with the plan that holds for it, and the day the same was done to her again.
_TREATED = """
treated as (
    select t.id, t.visitor_id, t.branch_id, t.project_id, t.treated_on, t.state = 'cancelled' as cancelled,
        t.next_visit_on, t.done_at, t.discharged_at, t.recorded_at,
        case when t.state <> 'cancelled' then lead(t.treated_on) over (
            partition by t.visitor_id, t.project_id, t.state = 'cancelled' order by t.treated_on, t.id) end as again_on
    from consultations_treatment t
    where {of_visitors}),
followed as (
    select t.*, coalesce(o.plan_id, h.plan_id) as plan_id, z.time_zone, j.effect_days, j.department_id,
        coalesce(r.operation_day, 0) as operation_day, b.reason as bar, k.visitor_id is not null as tracked
    from treated t
    join clinic_branch z on z.id = t.branch_id
    join clinic_project j on j.id = t.project_id
    left join followups_callrules r on r.branch_id = t.branch_id
    left join own o on o.treatment_id = t.id and not o.inherits
    left join holds h on h.project_id = t.project_id and t.treated_on >= h.starts_on and t.treated_on < h.ends_on
    left join (
        -- What is for good comes before a complaint, which passes.
        select distinct on (visitor_id) visitor_id, reason from followups_callbar where ended_at is null
        order by visitor_id, case reason when 'deceased' then 1 when 'do_not_call' then 2 else 3 end
        ) b on b.visitor_id = t.visitor_id
    left join (
        select distinct visitor_id from followups_tracking where ended_at is null) k on k.visitor_id = t.visitor_id
    where {of_branch})
"""

# Why a call of a plan is not to be made; empty when it is. A complaint comes last: what waits for it alone is to be
# made once it is closed.
_REASON = """(case
    when t.cancelled then 'treatment_cancelled'
    when t.bar <> 'complaint' then t.bar
    when s.tracked_only and not t.tracked then 'not_tracked'
    when d.due_on is null then 'no_day'
    when d.due_on >= t.again_on then 'treatment_repeated'
    when t.bar is not null then t.bar
    else '' end)"""

# Whether a call that was written is to be shared out now; somewhere it is tomorrow already.
_TO_SHARE_OUT = """(state = 'open' and shared_to_id is null
    and call_on <= (%(now)s::timestamptz at time zone 'UTC')::date + 1)"""

_INSERT = f"""
with {_HOLDS}, {_TREATED},
added as (
    insert into followups_callback (treatment_id, step_id, code, visitor_id, branch_id, due_on, call_on, state,
        state_reason, closed_at, risk, concern, settled_note, tries, version, built_at, as_planned)
    select t.id, s.id, s.code, t.visitor_id, t.branch_id, d.due_on, coalesce(w.call_on, d.due_on),
        case when y.reason = '' then 'open' else 'cancelled' end, y.reason,
        case when y.reason = '' then null else %(now)s::timestamptz end, s.risk, '', '', 0, 1, %(now)s, true
    from followed t
    join followups_planstep s on s.plan_id = t.plan_id
    cross join lateral (select {DUE} as due_on) d
    cross join lateral (select {_REASON} as reason) y
    left join followups_callday w on w.branch_id = t.branch_id and w.day = d.due_on
    where (t.tracked or not s.tracked_only) and d.due_on is not null
      and not exists (select from followups_callback c where c.treatment_id = t.id and c.code = s.code)
    returning branch_id, {_TO_SHARE_OUT} as to_share_out)
select branch_id, count(*), count(*) filter (where to_share_out) from added group by branch_id
"""  # noqa: S608 - put together from the constants above

# What has changed since for the calls that are not made yet: the day of the treatment, its plan, whose visitor she is.
_FOLLOW = f"""
with {_HOLDS}, {_TREATED},
facts as (
    select c.id, s.id as step_id, t.visitor_id, d.due_on, coalesce(w.call_on, d.due_on) as planned_on,
        -- A day that a try or somebody gave the call stays, unless what it is counted from has moved.
        d.due_on is not null and (c.due_on <> d.due_on
            or (c.as_planned and c.call_on <> coalesce(w.call_on, d.due_on))) as moved,
        case when s.id is not null then {_REASON}
            when t.cancelled then 'treatment_cancelled'
            when nullif(o.department_kind, '') <> e.kind or o.project_id <> t.project_id then 'treatment_changed'
            else 'plan_changed' end as reason
    from followups_callback c
    join followed t on t.id = c.treatment_id
    join clinic_department e on e.id = t.department_id
    join followups_planstep q on q.id = c.step_id
    join followups_plan o on o.id = q.plan_id
    left join followups_planstep s on s.plan_id = t.plan_id and s.code = c.code
    left join lateral (select {DUE} as due_on) d on true
    left join followups_callday w on w.branch_id = t.branch_id and w.day = d.due_on
    where c.state = 'open' or (c.state = 'cancelled' and c.state_reason = any(%(reasons)s))),
followed_up as (
    update followups_callback c
    set state = case when f.reason = '' then 'open' else 'cancelled' end,
        state_reason = f.reason,
        closed_at = case when f.reason = '' then null when c.state_reason = f.reason then c.closed_at
            else %(now)s::timestamptz end,
        step_id = coalesce(f.step_id, c.step_id),
        due_on = coalesce(f.due_on, c.due_on),
        call_on = case when f.moved then f.planned_on else c.call_on end,
        as_planned = c.as_planned or f.moved,
        call_at = case when f.moved then null else c.call_at end,
        promised = c.promised and not f.moved and f.reason in ('', 'complaint'),
        -- What the supervisor has to see to does not pass while a complaint is open.
        concern = case when f.moved or f.reason not in ('', 'complaint') then '' else c.concern end,
        concern_at = case when f.moved or f.reason not in ('', 'complaint') then null else c.concern_at end,
        held_by_id = null,
        held_until = null,
        version = c.version + 1
    from facts f
    -- Read again after waiting for the row: a call made meanwhile stays made.
    where f.id = c.id and (c.state = 'open' or (c.state = 'cancelled' and c.state_reason = any(%(reasons)s)))
      and (f.moved or c.state_reason <> f.reason or c.step_id <> f.step_id)
    returning c.branch_id, {_TO_SHARE_OUT} as to_share_out)
select branch_id, count(*), count(*) filter (where to_share_out) from followed_up group by branch_id
"""  # noqa: S608 - put together from the constants above


@contextmanager
def _whole_tables(cursor: CursorWrapper, *, whole: bool) -> Iterator[None]:
    """Let whole tables be joined as such: while the database takes one for empty that is not, it would look through it
    once for each row of the other, and a first build of many treatments would never end.
    """
    if not whole:
        yield
        return
    cursor.execute("select current_setting('enable_nestloop'), set_config('enable_nestloop', 'off', true)")
    before = cursor.fetchone()[0]
    yield
    cursor.execute("select set_config('enable_nestloop', %s, true)", [before])


def hold_building() -> None:
    """Let nobody build calls until the transaction ends: taken before the locks of single calls, never after."""
    one_at_a_time("build call-backs")


@transaction.atomic
def build_call_backs(
    *,
    branch: Branch | None = None,
    treatment_ids: Sequence[int] | None = None,
    visitor_ids: Sequence[int] | None = None,
    now: datetime,
) -> int:
    """Make the calls of every treatment's plan exist, and follow what changed; return how many calls changed.

    Limited to a branch, to some visitors, and to the visitors of some treatments, when given (None: all). Missing
    calls are added with the day the plan says even if it has passed, so a late run shows them as overdue; one due on a
    day the branch makes no calls (see `services.days`) is made on the next day it does. A call of a treatment that is
    cancelled, or that was repeated before the call was due, of a visitor with a bar to calls, or of a plan that has no
    such step any more is closed with that as the reason, and comes back when the reason passes; one that waits until a
    complaint is closed comes back on the day it had. Calls already made are left alone. One run at a time; running it
    again changes nothing. Calls that are to be made today by then are shared out once it is done, on the event
    `calls_to_share_out` of their branch.
    """
    visitors = None if visitor_ids is None and treatment_ids is None else sorted({*(visitor_ids or ())})
    if treatment_ids is not None and visitors is not None:
        named = Treatment.objects.filter(pk__in=treatment_ids).values_list("visitor_id", flat=True)
        visitors = sorted({*visitors, *named})
    scope = {
        "of_visitors": "true" if visitors is None else "t.visitor_id = any(%(visitors)s)",
        "of_branch": "true" if branch is None else "t.branch_id = %(branch)s",
    }
    arguments = {
        "branch": branch.pk if branch else None,
        "visitors": visitors,
        "reasons": [reason.value for reason in CallBack.FOLLOWED],
        "effect_days": EFFECT_DAYS,
        "now": now,
    }
    changed: dict[int, int] = {}
    to_share_out: set[int] = set()
    hold_building()
    with connection.cursor() as cursor, _whole_tables(cursor, whole=visitors is None):
        for statement in (_FOLLOW, _INSERT):
            cursor.execute(statement.format(**scope), arguments)
            for branch_id, number, due in cursor.fetchall():
                changed[branch_id] = changed.get(branch_id, 0) + number
                if due:
                    to_share_out.add(branch_id)
    if changed:
        of_visitors = [topics.visitor(visitor_id) for visitor_id in visitors or ()]
        announce(topics=[*(topics.call_backs(branch_id) for branch_id in changed), *of_visitors])
    for branch_id in sorted(to_share_out):
        announce(topics=[], event="calls_to_share_out", payload={"branch_id": branch_id})
    return sum(changed.values())
