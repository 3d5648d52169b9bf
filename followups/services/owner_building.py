"""The calls of owners, built from what is on record: the same rows however often, when and by how many at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from clinic.live import topics
from clinic.models import Branch
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from followups.models import OwnerCall

# How many days before the next session its visitor is called.
DAYS_BEFORE = 3
# An appointment so many days before or after the day of the next session is taken to be for it.
AROUND = 14
# After so many days nobody is congratulated any more.
PASSES_AFTER = 7
# Birthdays so many days ahead are written down, and those gone by that nobody wrote down in time.
LOOK = 31

# Who works today, and for everybody who has left, who took her place.
_PEOPLE = """
today as (
    select id as branch_id, (%(now)s::timestamptz at time zone time_zone)::date as today from clinic_branch),
people as (
    select s.id, s.branch_id, s.successor_id,
        s.active_from <= d.today and coalesce(s.active_until >= d.today, true) as works
    from clinic_staff s join today d on d.branch_id = s.branch_id),
heirs as (
    select id as of_id, id as staff_id, 0 as steps from people
    union all
    select h.of_id, p.successor_id, h.steps + 1
    from heirs h join people p on p.id = h.staff_id
    where not p.works and p.successor_id is not null and h.steps < 9),
owners as (
    select distinct on (h.of_id) h.of_id, p.id as owner_id, p.branch_id
    from heirs h join people p on p.id = h.staff_id and p.works order by h.of_id, h.steps)
"""

# She was here: not who left again before anybody had her, nor a wrong entry.
_WAS_HERE = """(v.state not in ('left', 'void') or (v.state = 'left' and exists (
    select from consultations_consultation h where h.visit_id = v.id and h.entered_at is not null)))"""

_NO_DEAL = f"""
select 'no_deal' as kind, 'consultation ' || c.id as about, c.visitor_id, c.branch_id, c.consultant_id as by_id,
    c.no_deal_reason as reason, c.call_again_on as due_on,
    case when exists (
            select from consultations_dealaccount a join consultations_deal n on n.id = a.current_id
            where a.visitor_id = c.visitor_id and a.since_at > c.finished_at and not n.void) then 'bought'
        when exists (
            select from reception_visit v
            where v.visitor_id = c.visitor_id and v.id <> c.visit_id and v.arrived_at > c.finished_at
                and {_WAS_HERE}) then 'came'
        else '' end as closed
from consultations_consultation c
where c.state = 'finished' and c.outcome = 'no_deal' and c.call_again_on is not null and {{of_consultations}}
"""  # noqa: S608 - put together from the constant above

_NEXT_SESSION = f"""
select 'next_session', 'treatment ' || t.id, t.visitor_id, t.branch_id, c.consultant_id, '',
    greatest(t.next_visit_on - %(before)s::int, t.treated_on + 1),
    case when exists (
            select from consultations_treatment n
            where n.visitor_id = t.visitor_id and n.project_id = t.project_id and n.treated_on > t.treated_on
                and n.state = 'done')
        or exists (
            select from reception_visit v
            where v.visitor_id = t.visitor_id and v.day > t.treated_on
                and v.day >= t.next_visit_on - %(before)s::int and {_WAS_HERE}) then 'came'
        when exists (
            select from reception_appointment a
            where a.visitor_id = t.visitor_id and a.state in ('booked', 'confirmed') and a.day > t.treated_on
                and a.day between t.next_visit_on - %(around)s::int and t.next_visit_on + %(around)s::int)
        or exists (
            select from consultations_treatment n
            where n.visitor_id = t.visitor_id and n.project_id = t.project_id and n.treated_on > t.treated_on
                and n.state = 'planned') then 'booked'
        else '' end
from consultations_treatment t
left join consultations_consultation c on c.id = t.consultation_id
where t.state = 'done' and t.next_visit_on is not null and {{of_treatments}}
"""  # noqa: S608 - put together from the constant above

# 29 February falls on the 28th in a common year: adding years to a date does that.
_BIRTHDAY = """
select 'birthday', v.id || ' ' || y.year, v.id, v.registered_in_id, null::bigint, '', b.day, ''
from {of_birthdays}
cross join lateral (
    select (v.birth_on + make_interval(years => y.year - extract(year from v.birth_on)::int))::date as day) b
where v.merged_into_id is null and v.birth_on is not null
    and (exists (
            select from consultations_treatment t
            where t.visitor_id = v.id and t.state = 'done' and t.treated_on <= b.day)
        or exists (
            select from consultations_dealaccount a join consultations_deal n on n.id = a.current_id
            where a.visitor_id = v.id and a.since_at::date <= b.day and not n.void))
"""
# Those to be written down now, and those of the calls there are.
_BIRTHDAYS_NEAR = """
(select v.id, v.birth_on, v.merged_into_id, v.registered_in_id, d.today
    from reception_visitor v join today d on d.branch_id = v.registered_in_id
    -- Few of all who are on file: the rest is not looked through one by one.
    where v.birth_on is not null and {of_visitors} and v.id in (
        select visitor_id from consultations_treatment union select visitor_id from consultations_dealaccount)) v
cross join lateral (
    select u.year from (
        select extract(year from v.today - %(look)s::int)::int as year
        union select extract(year from v.today + %(look)s::int)::int) u
    where (v.birth_on + make_interval(years => u.year - extract(year from v.birth_on)::int))::date
        between v.today - %(look)s::int and v.today + %(look)s::int) y
"""
_BIRTHDAYS_CALLED = """
(select split_part(about, ' ', 1)::bigint as visitor_id, split_part(about, ' ', 2)::int as year
    from followups_ownercall where kind = 'birthday' and {followed} and {of_calls}) y
join reception_visitor v on v.id = y.visitor_id
"""

_PLACED = """
placed as (
    select w.kind, w.about, w.visitor_id, coalesce(o.owner_id, b.owner_id) as owner_id, z.branch_id, d.today,
        left(w.reason, 200) as reason, w.due_on, coalesce(m.call_on, w.due_on) as planned_on,
        case when w.closed <> '' then w.closed when r.visitor_id is not null then 'barred' else '' end as closed
    from wanted w
    join reception_visitor v on v.id = w.visitor_id
    left join owners o on o.of_id = v.owner_id
    left join owners b on b.of_id = w.by_id
    -- The branch of who calls, not of where it began.
    cross join lateral (select coalesce(o.branch_id, b.branch_id, w.branch_id) as branch_id) z
    join today d on d.branch_id = z.branch_id
    left join followups_callday m on m.branch_id = z.branch_id and m.day = w.due_on
    left join (select distinct visitor_id from followups_callbar where ended_at is null) r
        on r.visitor_id = w.visitor_id)
"""

# What building may still change. A birthday long gone by is left alone.
_FOLLOWED = """(state = 'open' or (state = 'cancelled' and state_reason = any(%(reasons)s))
    or (state = 'cancelled' and state_reason = 'passed' and due_on > %(now)s::date - 400)
    or (state = 'done' and state_reason = 'unreached'))"""

_INSERT = f"""
with recursive {_PEOPLE},
wanted as ({_NO_DEAL} union all {_NEXT_SESSION} union all {_BIRTHDAY}),
{_PLACED},
added as (
    insert into followups_ownercall (kind, about, visitor_id, branch_id, owner_id, reason, due_on, call_on, promised,
        as_planned, state, state_reason, tries, version, built_at, closed_at)
    select p.kind, p.about, p.visitor_id, p.branch_id, p.owner_id, p.reason, p.due_on, p.planned_on, false, true,
        case when y.why = '' then 'open' else 'cancelled' end, y.why, 0, 1, %(now)s,
        case when y.why = '' then null else %(now)s::timestamptz end
    from placed p
    cross join lateral (
        select case when p.kind = 'birthday' and p.today > p.planned_on + %(passes)s::int then 'passed'
            else p.closed end as why) y
    where {{of_branch}} and (p.kind <> 'birthday'
            or p.due_on between p.today - %(look)s::int and p.today + %(look)s::int)
      and not exists (select from followups_ownercall c where c.kind = p.kind and c.about = p.about)
      -- Of two records that became one, one was congratulated.
      and not (p.kind = 'birthday' and exists (
        select from followups_ownercall c
        where c.visitor_id = p.visitor_id and c.kind = 'birthday' and c.state = 'done'
            and split_part(c.about, ' ', 2) = split_part(p.about, ' ', 2)))
    returning branch_id)
select branch_id, count(*) from added group by branch_id
"""  # noqa: S608 - put together from the constants above

_FOLLOW = f"""
with recursive {_PEOPLE},
wanted as ({_NO_DEAL} union all {_NEXT_SESSION} union all {_BIRTHDAY}),
{_PLACED},
calls as (
    select id, kind, about, branch_id, due_on, call_on, as_planned
    from followups_ownercall where {{followed}} and {{of_calls}}),
judged as (
    select c.id, c.kind, c.branch_id as was_at, p.about is not null as known, p.visitor_id, p.owner_id,
        coalesce(p.branch_id, c.branch_id) as branch_id, p.reason, p.due_on, p.planned_on, p.today, p.closed,
        -- A day that a try gave the call stays, unless what it is counted from has moved.
        p.about is not null and (c.due_on <> p.due_on or (c.as_planned and c.call_on <> p.planned_on)) as moved,
        c.call_on
    from calls c left join placed p on p.kind = c.kind and p.about = c.about),
facts as (
    select j.*, case when not j.known then 'changed'
        when j.kind = 'birthday' and j.today > %(passes)s::int
            + case when j.moved then j.planned_on else greatest(j.planned_on, j.call_on) end then 'passed'
        else j.closed end as why
    from judged j
    where {{of_either_branch}}),
followed_up as (
    update followups_ownercall c
    set state = case when f.why = '' then 'open' else 'cancelled' end,
        state_reason = f.why,
        closed_at = case when f.why = '' then null when c.state_reason = f.why then c.closed_at
            else %(now)s::timestamptz end,
        visitor_id = case when f.known then f.visitor_id else c.visitor_id end,
        owner_id = case when f.known then f.owner_id else c.owner_id end,
        branch_id = f.branch_id,
        reason = case when f.known then f.reason else c.reason end,
        due_on = coalesce(f.due_on, c.due_on),
        call_on = case when f.moved then f.planned_on else c.call_on end,
        as_planned = c.as_planned or f.moved,
        call_at = case when f.moved then null else c.call_at end,
        promised = c.promised and not f.moved,
        held_by_id = null,
        held_until = null,
        version = c.version + 1
    from facts f
    where f.id = c.id
      -- Read again after waiting for the row: a try recorded meanwhile stands.
      and (c.state = 'open' or c.state = 'cancelled' and c.state_reason <> 'unreached'
        or c.state = 'done' and c.state_reason = 'unreached' and f.why <> '')
      and (f.moved or c.state_reason <> f.why or f.known and (c.owner_id is distinct from f.owner_id
        or c.branch_id <> f.branch_id or c.visitor_id <> f.visitor_id or c.reason <> f.reason))
    returning c.branch_id, f.was_at)
select branch_id, count(*) from followed_up group by branch_id
union all
select was_at, 0 from followed_up where was_at <> branch_id group by was_at
"""  # noqa: S608 - put together from the constants above


def hold_owner_building() -> None:
    """Let nobody build owners' calls until the transaction ends: after `hold_building`, before single calls' locks."""
    one_at_a_time("build calls of owners")


@transaction.atomic
def build_owner_calls(*, branch: Branch | None = None, visitor_ids: Sequence[int] | None = None, now: datetime) -> int:
    """Make the calls owners are to make exist, and follow what changed; return how many calls changed.

    Limited to a branch, and to some visitors, when given (None: all). There is one for each consultation that ended
    without a deal and said when to call again; for each treatment with a day of the next visit, DAYS_BEFORE days
    before it; and for each birthday of somebody who was treated or bought here. The owner is who the visitor belongs
    to, else her consultant then, and whoever has succeeded a leaver; None when nobody is left. A call due on a day the
    branch makes none is made on the next day it does.

    A call is closed with its reason once she bought, came, has an appointment, gets no calls, what it is about
    changed, or the birthday is PASSES_AFTER days gone, and comes back when the reason passes. Calls already made are
    left alone. One run at a time; running it again changes nothing, and running it late makes the same rows (birthdays
    as far back as LOOK days).
    """
    visitors = None if visitor_ids is None else sorted({*visitor_ids})

    def among(column: str) -> str:
        return "true" if visitors is None else f"{column} = any(%(visitors)s)"

    scope = {
        "of_consultations": among("c.visitor_id"),
        "of_treatments": among("t.visitor_id"),
        "of_calls": among("visitor_id"),
        "of_branch": "true" if branch is None else "p.branch_id = %(branch)s",
        "of_either_branch": "true" if branch is None else "%(branch)s in (j.was_at, j.branch_id)",
        "followed": _FOLLOWED,
    }
    near = _BIRTHDAYS_NEAR.format(of_visitors=among("v.id"))
    called = _BIRTHDAYS_CALLED.format(followed=_FOLLOWED, of_calls=scope["of_calls"])
    arguments: dict[str, Any] = {
        "branch": branch.pk if branch else None,
        "visitors": visitors,
        "reasons": [reason.value for reason in OwnerCall.FOLLOWED],
        "before": DAYS_BEFORE,
        "around": AROUND,
        "passes": PASSES_AFTER,
        "look": LOOK,
        "now": now,
    }
    changed: dict[int, int] = {}
    hold_owner_building()
    with connection.cursor() as cursor:
        for statement, birthdays in ((_FOLLOW, called), (_INSERT, near)):
            cursor.execute(statement.format(of_birthdays=birthdays, **scope), arguments)
            for branch_id, number in cursor.fetchall():
                changed[branch_id] = changed.get(branch_id, 0) + number
    if changed:
        named = [topics.owner_calls(branch_id) for branch_id in changed]
        announce(topics=[*named, *(topics.visitor(visitor_id) for visitor_id in visitors or ())])
    return sum(changed.values())
