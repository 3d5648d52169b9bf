"""The plans, and the calls built from them: set-based, the same rows however often and whenever it runs."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from clinic.live import topics
from clinic.models import Branch
from clinic.services.outbox import announce
from clinic.services.turns import one_at_a_time
from followups.models import CallBack, Plan, PlanStep
from followups.plans import PLANS

_STEPS = """
    select s.id, s.code, s.position, s."offset", s.unit, s.risk, p.department_kind
    from followups_planstep s join followups_plan p on p.id = s.plan_id
"""
_CHOSEN = "(%(branch)s::bigint is null or t.branch_id = %(branch)s) and (%(all)s or t.id = any(%(treatments)s))"
_DUE = """(case s.unit when 'days' then t.treated_on + s."offset"::int
               else (t.treated_on + make_interval(months => s."offset"::int))::date end)"""

# A call of the same step may stem from an older version of the plan, so it is looked up by kind and code.
_INSERT = f"""
with added as (
    insert into followups_callback (treatment_id, step_id, visitor_id, branch_id, due_on, call_on, state, state_reason,
        closed_at, risk, concern, settled_note, tries, version, built_at, as_planned)
    select t.id, s.id, t.visitor_id, t.branch_id, d.due_on, coalesce(w.call_on, d.due_on),
        case when n.visitor_id is null then 'open' else 'cancelled' end,
        case when n.visitor_id is null then '' else 'do_not_call' end,
        case when n.visitor_id is null then null else %(now)s::timestamptz end,
        s.risk, '', '', 0, 1, %(now)s, true
    from consultations_treatment t
    join clinic_project j on j.id = t.project_id
    join clinic_department e on e.id = j.department_id
    join ({_STEPS} where p.active) s on s.department_kind = e.kind
    cross join lateral (select {_DUE} as due_on) d
    left join followups_callday w on w.branch_id = t.branch_id and w.day = d.due_on
    left join (
        select distinct c.visitor_id from followups_callattempt a join followups_callback c on c.id = a.call_back_id
        where a.result = 'do_not_call') n on n.visitor_id = t.visitor_id
    where {_CHOSEN} and t.state <> 'cancelled'
      and not exists (
        select 1 from followups_callback c join ({_STEPS}) o on o.id = c.step_id
        where c.treatment_id = t.id and o.code = s.code and o.department_kind = s.department_kind)
    order by t.id, s.position
    returning branch_id)
select branch_id, count(*) from added group by branch_id
"""  # noqa: S608 - put together from the constants above

# What a treatment that was moved, cancelled, brought back or changed to another department means for its calls.
_FOLLOW = f"""
with facts as (
    select c.id, d.due_on, coalesce(w.call_on, d.due_on) as planned_on,
        -- A day that a try or somebody gave the call stays, unless the treatment itself has moved.
        c.due_on <> d.due_on or (c.as_planned and c.call_on <> coalesce(w.call_on, d.due_on)) as moved,
        case when t.state = 'cancelled' then 'treatment_cancelled'
             when e.kind <> s.department_kind then 'treatment_changed' else '' end as reason
    from followups_callback c
    join consultations_treatment t on t.id = c.treatment_id
    join clinic_project j on j.id = t.project_id
    join clinic_department e on e.id = j.department_id
    join ({_STEPS}) s on s.id = c.step_id
    cross join lateral (select {_DUE} as due_on) d
    left join followups_callday w on w.branch_id = t.branch_id and w.day = d.due_on
    where {_CHOSEN}
      and (c.state = 'open' or c.state_reason in ('treatment_cancelled', 'treatment_changed'))),
followed as (
    update followups_callback c
    set state = case when f.reason = '' then 'open' else 'cancelled' end,
        state_reason = f.reason,
        closed_at = case when f.reason = '' then null else %(now)s::timestamptz end,
        due_on = f.due_on,
        call_on = case when f.moved then f.planned_on else c.call_on end,
        as_planned = c.as_planned or f.moved,
        call_at = case when f.moved then null else c.call_at end,
        concern = case when f.moved or f.reason <> '' then '' else c.concern end,
        concern_at = case when f.moved or f.reason <> '' then null else c.concern_at end,
        held_by_id = null,
        held_until = null,
        version = c.version + 1
    from facts f
    where f.id = c.id and (f.moved or c.state_reason <> f.reason)
    returning c.branch_id)
select branch_id, count(*) from followed group by branch_id
"""  # noqa: S608 - put together from the constants above


@transaction.atomic
def ensure_plans() -> None:
    """Create the starting plans (surgery: day 2, months 1, 3 and 6) that do not exist yet. Changes no plan there is."""
    for kind, steps in PLANS.items():
        if Plan.objects.filter(department_kind=kind).exists():
            continue
        plan = Plan.objects.create(department_kind=kind)
        PlanStep.objects.bulk_create(
            PlanStep(
                plan=plan,
                code=step.code,
                position=position,
                offset=step.offset,
                unit=step.unit,
                risk=step.risk,
                name=step.zh.name,
                name_en=step.en.name,
                script=step.zh.script,
                script_en=step.en.script,
                normal_signs=step.zh.normal,
                normal_signs_en=step.en.normal,
                warning_signs=step.zh.warning,
                warning_signs_en=step.en.warning,
            )
            for position, step in enumerate(steps, start=1)
        )


@transaction.atomic
def build_call_backs(*, branch: Branch | None = None, treatment_ids: Sequence[int] | None = None, now: datetime) -> int:
    """Make the calls of every treatment's plan exist, and follow treatments that changed; return how many changed.

    Limited to a branch and to some treatments when given (None: all). Missing calls are added with the day the plan
    says even if it has passed, so a late run shows them as overdue; one due on a day the branch makes no calls (see
    `services.days`) is made on the next day it does. Open calls of a treatment that moved move with it; those of one
    cancelled, or changed to a department with another plan, are cancelled with the reason, and come back when the
    treatment does. Calls already made are left alone. A visitor who asked not to be called gets closed ones. One run
    at a time; running it again changes nothing.
    """
    arguments = {
        "branch": branch.pk if branch else None,
        "all": treatment_ids is None,
        "treatments": list(treatment_ids or []),
        "now": now,
    }
    changed: dict[int, int] = {}
    one_at_a_time("build call-backs")
    with connection.cursor() as cursor:
        for statement in (_FOLLOW, _INSERT):
            cursor.execute(statement, arguments)
            for branch_id, number in cursor.fetchall():
                changed[branch_id] = changed.get(branch_id, 0) + number
    if changed:
        named = topics_of_visitors(treatment_ids) if treatment_ids else []
        announce(topics=[*(topics.call_backs(branch_id) for branch_id in changed), *named])
    return sum(changed.values())


def topics_of_visitors(treatment_ids: Sequence[int]) -> list[str]:
    """Return the topics of the visitors whose treatments these are."""
    visitors = CallBack.objects.filter(treatment_id__in=treatment_ids).values_list("visitor_id", flat=True).distinct()
    return [topics.visitor(visitor_id) for visitor_id in visitors]
