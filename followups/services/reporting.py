"""The weekly report of follow-ups: counted in one statement, so from one state, and frozen with its hash."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from clinic.live import topics
from clinic.models import Branch, Department, Staff
from clinic.services import audit
from clinic.services.outbox import announce
from clinic.services.weekly_reports import freeze_week, missing_weeks, week_as_told
from clinic.weeks import WEEKS_COMPARED, Week
from followups import weekly
from followups.models import CallBack, FollowUpReport
from followups.selectors.figures import (
    AHEAD,
    CALLED,
    CLOSED,
    FLOW,
    RESULTS,
    REVIEWS,
    SCORES,
    SOURCES,
    TIMELY,
    TRIES,
    week_arguments,
)
from followups.services.days import rules_of

SCHEMA = 1
# More words than anybody reads in a week; the number of all is told beside them.
MOST_SUGGESTIONS = 100


def _counts(figures: Mapping[str, str], *, where: str = "true", distinct: bool = False) -> str:
    what = "distinct id" if distinct else "*"
    return ", ".join(f"'{name}', count({what}) filter (where {where} and {one})" for name, one in figures.items())


_OF_CALLS = {**FLOW, "on_day": TIMELY["on_day"]}
_OF_TRIES = {name: TRIES[name] for name in ("tries", "scored", "satisfied", "abnormal")}
_TALLY = f"{_counts(_OF_TRIES)}, {_counts(CALLED, distinct=True)}"

# grouping() is a bit for each column that is not part of the group.
_COUNT = f"""
with {SOURCES},
calls_of_weeks as (
    select starts, jsonb_build_object({_counts(_OF_CALLS)}) as body from present group by starts),
said_of_weeks as (
    select starts, jsonb_build_object({_TALLY}) as body from said group by starts),
calls_by as (
    select grouping(kind, code) as dimension, kind, code, max(step_id) as step_id,
        jsonb_build_object({_counts(_OF_CALLS)}) as body
    from present where this and due group by grouping sets ((kind), (kind, code))),
said_by as (
    select grouping(kind, code, staff_id) as dimension, kind, code, staff_id, max(step_id) as step_id,
        jsonb_build_object({_TALLY}) as body
    from said where this group by grouping sets ((kind), (kind, code), (staff_id)))
select jsonb_build_object(
    'weeks', (select jsonb_agg(jsonb_build_object('year', w.year, 'week', w.week, 'calls', c.body, 'said', s.body)
        order by w.starts)
        from weeks w left join calls_of_weeks c using (starts) left join said_of_weeks s using (starts)),
    'timely', (select jsonb_build_object({_counts(TIMELY)}) from present where this),
    'closed', (select jsonb_build_object({_counts(CLOSED)}) from present where this),
    'ahead', (select jsonb_build_object({_counts(AHEAD)}) from present where this),
    'said', (select jsonb_build_object({_counts(TRIES)}, {_counts(CALLED, distinct=True)}) from said where this),
    'results', (select jsonb_build_object({_counts(RESULTS)}) from said where this),
    'scores', (select jsonb_build_object({_counts(SCORES)}) from said where this),
    'calls_by', (select coalesce(jsonb_agg(jsonb_build_object('dimension', b.dimension, 'kind', b.kind,
        'code', b.code, 'name', p.name, 'name_en', p.name_en, 'body', b.body)), '[]')
        from calls_by b left join followups_planstep p on p.id = b.step_id),
    'said_by', (select coalesce(jsonb_agg(jsonb_build_object('dimension', b.dimension, 'kind', b.kind,
        'code', b.code, 'staff', b.staff_id, 'name', p.name, 'name_en', p.name_en, 'person', f.display_name,
        'body', b.body)), '[]')
        from said_by b left join followups_planstep p on p.id = b.step_id
        left join clinic_staff f on f.id = b.staff_id),
    'reviews', (select jsonb_build_object({_counts(REVIEWS)}) from asked),
    'complaints', (select count(*) from followups_callbar b where b.branch_id = %(branch)s and b.reason = 'complaint'
        and b.at >= %(start)s and b.at < %(end)s),
    'abnormal', (select coalesce(jsonb_agg(jsonb_build_object('call', s.id,
        'at', to_char(s.at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), 'kind', s.kind,
        'project', j.name, 'project_en', j.name_en, 'step', p.name, 'step_en', p.name_en,
        'days', (s.at at time zone %(zone)s)::date - s.treated_on, 'doctor', d.display_name,
        'visitor', left(v.name, 1) || '**', 'notes', s.notes,
        'answer', case when r.id is null then '' when r.answered_at < %(end)s then r.answer else 'waiting' end,
        'come_on', case when r.answered_at < %(end)s then r.come_on end,
        'settled', s.settled_note) order by s.at, s.attempt_id), '[]')
        from said s join clinic_project j on j.id = s.project_id join followups_planstep p on p.id = s.step_id
        join clinic_staff d on d.id = s.doctor_id join reception_visitor v on v.id = s.visitor_id
        left join followups_urgentreview r on r.attempt_id = s.attempt_id
        where s.this and s.recovery = 'abnormal'),
    'suggestions', (select coalesce(jsonb_agg(jsonb_build_object('call', g.id, 'kind', g.kind, 'project', g.name,
        'project_en', g.name_en, 'text', g.suggestions) order by g.at, g.attempt_id), '[]') from (
            select s.*, j.name, j.name_en from said s join clinic_project j on j.id = s.project_id
            where s.this and s.suggestions <> '' order by s.at, s.attempt_id limit {MOST_SUGGESTIONS}) g)
    )::text
"""  # noqa: S608 - put together from the constants above

_NO_CALLS = dict.fromkeys(_OF_CALLS, 0)
_NO_TRIES = dict.fromkeys((*_OF_TRIES, *CALLED), 0)
_BY_KIND, _BY_STEP, _BY_STAFF = "kind", "step", "staff"


def _count(branch: Branch, week: Week, now: datetime) -> dict[str, Any]:
    weeks = [week.moved(-back) for back in range(WEEKS_COMPARED, -1, -1)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, week_arguments(branch, weeks, now))
        counted: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return counted


def _body(branch: Branch, week: Week, now: datetime) -> dict[str, Any]:
    counted = _count(branch, week, now)
    weeks = []
    for one in counted.pop("weeks"):
        numbers = {**_NO_CALLS, **_NO_TRIES, **(one["calls"] or {}), **(one["said"] or {})}
        weeks.append({"year": one["year"], "week": one["week"], **numbers})
    for flow in weeks:
        if not weekly.flow_holds(flow):
            raise ArithmeticError(f"{week}: open at start + came due - made - closed is not open at end: {flow}")
    rules = rules_of(branch)
    return {
        "schema": SCHEMA,
        **week_as_told(branch, week, now),
        "targets": {"reached": rules.target_reached, "satisfied": rules.target_satisfied},
        "flow": {name: weeks[-1][name] for name in FLOW},
        "weeks": weeks,
        "by": _by(counted.pop("calls_by"), counted.pop("said_by")),
        **counted,
    }


def _by(of_calls: list[dict[str, Any]], of_said: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows by kind of department, by step of a kind, and by who called, in a fixed order."""
    found: dict[str, dict[Any, dict[str, Any]]] = {_BY_KIND: {}, _BY_STEP: {}, _BY_STAFF: {}}
    for row in of_calls:
        _place(found, row, _BY_STEP if row["code"] is not None else _BY_KIND).update(row["body"])
    for row in of_said:
        name = _BY_STAFF if row["staff"] is not None else _BY_STEP if row["code"] is not None else _BY_KIND
        _place(found, row, name).update(row["body"])
    kinds = {kind: place for place, kind in enumerate(Department.Kind.values)}
    return {
        _BY_KIND: sorted(found[_BY_KIND].values(), key=lambda row: kinds[row["kind"]]),
        _BY_STEP: sorted(found[_BY_STEP].values(), key=lambda row: (kinds[row["kind"]], row["code"])),
        _BY_STAFF: sorted(found[_BY_STAFF].values(), key=lambda row: (-row["tries"], row["staff"])),
    }


def _place(found: dict[str, dict[Any, dict[str, Any]]], row: dict[str, Any], name: str) -> dict[str, Any]:
    if name == _BY_STAFF:
        begun = {"staff": row["staff"], "name": row["person"], **_NO_TRIES}
        return found[name].setdefault(row["staff"], begun)
    begun = {"kind": row["kind"], **_NO_CALLS, **_NO_TRIES}
    if name == _BY_STEP:
        begun |= {"code": row["code"], "name": row["name"], "name_en": row["name_en"]}
    return found[name].setdefault((row["kind"], row["code"]), begun)


@transaction.atomic
def build_follow_up_report(
    *, branch: Branch, year: int, week: int, staff: Staff | None = None, reason: str = "", now: datetime
) -> FollowUpReport:
    """Count the follow-ups of an ISO week in the branch's time zone, freeze them, and return the report.

    Without `staff` (Monday's task) a week that has a report built after its end keeps it: any number of runs make one
    report. A person's build beside a finished one is a correction: a new version with a reason; the old one stays. The
    same build sent again returns the report it made. A week still running may be built; the report says so and
    Monday's takes its place. Raises Refused `no_such_week`, `not_begun`, `reason_missing`, `nothing_changed` when the
    figures are those of the newest version.
    """
    report, new = freeze_week(
        FollowUpReport, branch=branch, year=year, week=week, body=_body, staff=staff, reason=reason, now=now
    )
    if not new:
        return report
    audit.record(
        action="followups.build_report",
        now=now,
        staff=staff,
        branch=branch,
        target=report,
        detail={"week": str(Week(year, week)), "version": report.version, "hash": report.hash},
    )
    announce(topics=[topics.call_backs(branch.pk)])
    return report


def build_missing_follow_up_reports(*, branch: Branch, now: datetime) -> list[FollowUpReport]:
    """Build every report of a finished week that is due and missing, oldest first, each in its own transaction.

    The first week is the one in which the branch's first calls were built; without any call it is the last finished
    week.
    """
    return [
        build_follow_up_report(branch=branch, year=week.year, week=week.number, now=now)
        for week in missing_weeks(FollowUpReport, branch=branch, first=_first(branch), now=now)
    ]


def _first(branch: Branch) -> datetime | None:
    # Once Monday's task has begun, its first week is the first; before that all calls are looked through.
    begun = FollowUpReport.objects.filter(branch=branch, built_by=None).order_by("year", "week").first()
    if begun is not None:
        return Week(begun.year, begun.week).bounds(branch.zone)[0]
    first: datetime | None = CallBack.objects.filter(branch=branch).aggregate(first=Min("built_at"))["first"]
    return first
