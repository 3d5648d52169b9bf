"""On which day a call of a plan falls. What the pages show is reckoned by what builds the calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from clinic.models import Branch, Project
from followups.models import CallRules, PlanStep

# When a project does not say after how many days its effect shows.
EFFECT_DAYS = 14

_ANCHOR = """(case s.anchor
    when 'operation' then t.treated_on
    when 'discharge' then coalesce((t.discharged_at at time zone t.time_zone)::date, t.treated_on)
    when 'filing' then greatest(t.treated_on,
        (coalesce(t.done_at, t.recorded_at) at time zone t.time_zone)::date)
    when 'effect' then t.treated_on + coalesce(t.effect_days, %(effect_days)s)
    else t.next_visit_on end)"""
# The day of step `s` after treatment `t`, before holidays move it; null when the treatment has no such day.
DUE = f"""(case s.unit
    when 'days' then {_ANCHOR} + s."offset"::int
        - case when s.anchor = 'operation' and s."offset" > 0 then t.operation_day else 0 end
    else ({_ANCHOR} + make_interval(months => s."offset"::int))::date end)"""

# A treatment that was filed on its day, with nobody staying overnight.
_CALLS = f"""
select d.due_on, coalesce(w.call_on, d.due_on)
from unnest(%(anchors)s::text[], %(offsets)s::int[], %(units)s::text[]) with ordinality
    as s (anchor, "offset", unit, place)
cross join (
    select z.id as branch_id, z.time_zone, %(treated_on)s::date as treated_on,
        %(next_visit_on)s::date as next_visit_on, %(of_project)s::int as effect_days,
        null::timestamptz as done_at, null::timestamptz as discharged_at,
        %(treated_on)s::date::timestamp at time zone z.time_zone as recorded_at,
        coalesce(r.operation_day, 0) as operation_day
    from clinic_branch z left join followups_callrules r on r.branch_id = z.id
    where z.id = %(branch)s) t
cross join lateral (select {DUE} as due_on) d
left join followups_callday w on w.branch_id = t.branch_id and w.day = d.due_on
order by s.place
"""  # noqa: S608 - put together from the constants above


@dataclass(frozen=True, slots=True)
class CallDate:
    """A step with the day it is due and the day the call is made; both None when it counts from a day not known."""

    step: PlanStep
    due_on: date | None
    call_on: date | None

    @property
    def moved(self) -> bool:
        """Whether the branch makes no calls on the day it is due."""
        return self.due_on != self.call_on


def days_of_calls(
    *,
    branch: Branch,
    steps: Sequence[PlanStep],
    treated_on: date,
    next_visit_on: date | None = None,
    project: Project | None = None,
) -> list[CallDate]:
    """Return when a branch would make each call of a plan after a treatment of a day, in one query."""
    arguments: dict[str, Any] = {
        "branch": branch.pk,
        "anchors": [str(step.anchor) for step in steps],
        "offsets": [step.offset for step in steps],
        "units": [str(step.unit) for step in steps],
        "treated_on": treated_on,
        "next_visit_on": next_visit_on,
        "of_project": project.effect_days if project else None,
        "effect_days": EFFECT_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CALLS, arguments)
        found = cursor.fetchall()
    return [CallDate(step, *days) for step, days in zip(steps, found, strict=True)]


def effect_days_of(project: Project | None) -> int:
    """Return after how many days the effect of a project is taken to show; None: one that does not say."""
    return EFFECT_DAYS if project is None or project.effect_days is None else project.effect_days


def counts_from_one(branch: Branch) -> bool:
    """Say whether a branch counts the day of the treatment as day 1."""
    return CallRules.objects.filter(branch=branch, operation_day=1).exists()
