"""The weekly report: counted in one statement, so from one state of the database, and frozen with its hash."""

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from clinic.live import topics
from clinic.models import Branch, Staff
from clinic.services import audit
from clinic.services.outbox import announce
from clinic.services.weekly_reports import freeze_week, missing_weeks, week_as_told
from clinic.weeks import WEEKS_COMPARED, Week
from complaints import weekly
from complaints.models import Complaint, WeeklyReport

SCHEMA = 1

_COUNT = """
with weeks (year, week, starts, ends) as (
    select * from unnest(%(years)s::int[], %(weeks)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])),
flow as (
    select w.year, w.week, w.starts,
        count(c.id) filter (where c.received_at < w.starts) as open_start,
        count(c.id) filter (where c.received_at >= w.starts) as came_in,
        count(c.id) filter (where c.closed_at < w.ends) as went_out,
        count(c.id) filter (where c.closed_at is null or c.closed_at >= w.ends) as open_end
    from weeks w
    left join complaints_complaint c on c.branch_id = %(branch)s and c.received_at < w.ends
        and (c.closed_at is null or c.closed_at >= w.starts)
    group by w.year, w.week, w.starts),
present as materialized (
    select c.*, c.received_at >= %(start)s as came_in, coalesce(c.closed_at < %(end)s, false) as went_out
    from complaints_complaint c
    where c.branch_id = %(branch)s and c.received_at < %(end)s and (c.closed_at is null or c.closed_at >= %(start)s)),
parts as (
    select grouping(category, level, channel, responsible_department_id) as dimension,
        category, level, channel, responsible_department_id as department,
        count(*) filter (where came_in) as came_in,
        count(*) filter (where went_out) as went_out,
        count(*) filter (where not went_out) as open_end
    from present group by grouping sets ((category), (level), (channel), (responsible_department_id)))
select jsonb_build_object(
    'weeks', (select jsonb_agg(jsonb_build_object('year', year, 'week', week, 'open_start', open_start,
        'in', came_in, 'out', went_out, 'open_end', open_end) order by starts) from flow),
    'satisfied', (select jsonb_build_object('yes', count(*) filter (where went_out and satisfied),
        'no', count(*) filter (where went_out and not satisfied)) from present),
    'harm', (select count(*) filter (where came_in and harm) from present),
    'parts', (select coalesce(jsonb_agg(jsonb_build_object('dimension', dimension,
        'key', coalesce(category, level, channel, department::text), 'name', d.name, 'name_en', d.name_en,
        'in', came_in, 'out', went_out, 'open_end', open_end) order by department), '[]')
        from parts left join clinic_department d on d.id = parts.department),
    'major', (select coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'received_at',
            to_char(p.received_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'),
            'category', p.category, 'harm', p.harm, 'came_in', p.came_in,
            'state', case when p.closed_at < %(end)s then 'closed' when p.decided_at < %(end)s then 'decided'
                          when p.taken_at < %(end)s then 'taken' else 'open' end,
            'visitor', case when v.id is null then '' else left(v.name, 1) || '**' end,
            'responsible', s.display_name, 'department', d.name, 'department_en', d.name_en,
            'text', p.text, 'wish', p.wish,
            'decision', case when p.decided_at < %(end)s then p.decision else '' end)
            order by p.received_at, p.id), '[]')
        from present p join clinic_staff s on s.id = p.responsible_id
        left join reception_visitor v on v.id = p.visitor_id
        left join clinic_department d on d.id = p.responsible_department_id
        where p.level = 'major'))::text
"""

# grouping() is a bit for each column that is not part of the group.
_DIMENSIONS: dict[str, tuple[int, list[str]]] = {
    "category": (0b0111, Complaint.Category.values),
    "level": (0b1011, Complaint.Level.values),
    "channel": (0b1101, Complaint.Channel.values),
}
_DEPARTMENT = 0b1110


def _count(branch: Branch, week: Week) -> dict[str, Any]:
    weeks = [week.moved(-back) for back in range(WEEKS_COMPARED, -1, -1)]
    bounds = [each.bounds(branch.zone) for each in weeks]
    start, end = week.bounds(branch.zone)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "branch": branch.pk,
                "zone": branch.time_zone,
                "start": start,
                "end": end,
                "years": [each.year for each in weeks],
                "weeks": [each.number for each in weeks],
                "starts": [bound[0] for bound in bounds],
                "ends": [bound[1] for bound in bounds],
            },
        )
        counted: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return counted


def _body(branch: Branch, week: Week, now: datetime) -> dict[str, Any]:
    counted = _count(branch, week)
    for flow in counted["weeks"]:
        if not weekly.flow_holds(flow):
            raise ArithmeticError(f"{week}: open at start + in - out is not open at end: {flow}")
    parts = counted.pop("parts")
    for part in parts:
        dimension = part.pop("dimension")
        part["is"] = dimension
    numbers = ("key", "in", "out", "open_end")
    by: dict[str, list[dict[str, Any]]] = {}
    for name, (bits, keys) in _DIMENSIONS.items():
        found = {part["key"]: {each: part[each] for each in numbers} for part in parts if part["is"] == bits}
        by[name] = [found.get(key, {"key": key, "in": 0, "out": 0, "open_end": 0}) for key in keys]
    by["department"] = [
        {each: part[each] for each in (*numbers, "name", "name_en")} for part in parts if part["is"] == _DEPARTMENT
    ]
    return {
        "schema": SCHEMA,
        **week_as_told(branch, week, now),
        "flow": {name: counted["weeks"][-1][name] for name in ("open_start", "in", "out", "open_end")},
        "by": by,
        **counted,
    }


@transaction.atomic
def build_weekly_report(
    *, branch: Branch, year: int, week: int, staff: Staff | None = None, reason: str = "", now: datetime
) -> WeeklyReport:
    """Count the ISO week in the branch's time zone, freeze it, and return the report.

    Without `staff` (Monday's task) a week that has a report built after its end keeps it: any number of runs make one
    report. A person's build beside a finished one is a correction: a new version with a reason; the old one stays. The
    same build sent again returns the report it made. A week still running may be built; the report says so and
    Monday's takes its place. Raises Refused `no_such_week`, `not_begun`, `reason_missing`, `nothing_changed` when the
    figures are those of the newest version.
    """
    report, new = freeze_week(
        WeeklyReport, branch=branch, year=year, week=week, body=_body, staff=staff, reason=reason, now=now
    )
    if not new:
        return report
    audit.record(
        action="complaints.build_weekly_report",
        now=now,
        staff=staff,
        branch=branch,
        target=report,
        detail={"week": str(Week(year, week)), "version": report.version, "hash": report.hash},
    )
    announce(topics=[topics.complaints(branch.pk)])
    return report


def build_missing_reports(*, branch: Branch, now: datetime) -> list[WeeklyReport]:
    """Build every report of a finished week that is due and missing, oldest first, each in its own transaction.

    The first week is that of the branch's first complaint; without any complaint it is the last finished week.
    """
    first = (
        Complaint.objects.filter(branch=branch).order_by("received_at").values_list("received_at", flat=True).first()
    )
    return [
        build_weekly_report(branch=branch, year=week.year, week=week.number, now=now)
        for week in missing_weeks(WeeklyReport, branch=branch, first=first, now=now)
    ]
