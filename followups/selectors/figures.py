"""What each figure of a weekly report counts, said once: for the report, and for the list of calls behind a figure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from clinic.models import Branch
from clinic.weeks import Week
from followups.models import CallAttempt, CallBack
from followups.weekly import SATISFIED_FROM

_Result = CallAttempt.Result
# A call is due on the day its plan says, or on the next day the branch calls. A try that reached nobody, or somebody's
# hand, gives it another day, but does not make it due later.
_CALLS = """
weeks (year, week, first_on, last_on, starts, ends) as (
    select * from unnest(%(years)s::int[], %(weeks)s::int[], %(firsts)s::date[], %(lasts)s::date[],
        %(starts)s::timestamptz[], %(ends)s::timestamptz[])),
counted as materialized (
    select c.id, c.state, c.state_reason, c.closed_at, (c.closed_at at time zone %(zone)s)::date as closed_on,
        coalesce(d.call_on, c.due_on) as day, c.code, c.step_id, e.kind
    from followups_callback c
    join consultations_treatment t on t.id = c.treatment_id
    join clinic_project j on j.id = t.project_id
    join clinic_department e on e.id = j.department_id
    left join followups_callday d on d.branch_id = c.branch_id and d.day = c.due_on
    where c.branch_id = %(branch)s
        and (c.state = 'open' or c.closed_at >= (select min(starts) from weeks))),
present as materialized (
    select w.year, w.week, w.starts, w.starts = %(start)s as this, k.*,
        k.day <= w.last_on as due, k.day < w.first_on as before,
        coalesce(k.closed_at >= w.starts and k.closed_at < w.ends, false) as shut,
        k.closed_at is null or k.closed_at >= w.ends as open_at_end,
        case when w.starts = %(start)s and (k.closed_at is null or k.closed_at >= w.ends) then exists (
            select from followups_callattempt a where a.call_back_id = k.id and a.at < w.ends) end as tried
    from weeks w
    join counted k on (k.day <= w.last_on and (k.closed_at is null or k.closed_at >= w.starts))
        or (k.closed_at >= w.starts and k.closed_at < w.ends))
"""
_SAID = """
said as materialized (
    select w.year, w.week, w.starts, w.starts = %(start)s as this, a.id as attempt_id, a.call_back_id as id, a.at,
        a.staff_id, a.result, a.direction, a.satisfaction, a.recovery, a.suggestions, a.notes,
        c.code, c.step_id, c.settled_note, c.visitor_id, c.treatment_id, t.treated_on, t.doctor_id, t.project_id, e.kind
    from weeks w
    join followups_callattempt a on a.at >= w.starts and a.at < w.ends
    join followups_callback c on c.id = a.call_back_id
    join consultations_treatment t on t.id = c.treatment_id
    join clinic_project j on j.id = t.project_id
    join clinic_department e on e.id = j.department_id
    where c.branch_id = %(branch)s)
"""
_ASKED = """
asked as materialized (
    select a.call_back_id as id, e.kind, c.code, r.answered_at, r.due_at,
        coalesce(r.answered_at < %(end)s, false) as answered
    from followups_urgentreview r
    join followups_callattempt a on a.id = r.attempt_id
    join followups_callback c on c.id = a.call_back_id
    join consultations_treatment t on t.id = r.treatment_id
    join clinic_project j on j.id = t.project_id
    join clinic_department e on e.id = j.department_id
    where r.branch_id = %(branch)s and r.asked_at >= %(start)s and r.asked_at < %(end)s)
"""
SOURCES = ",\n".join(source.strip() for source in (_CALLS, _SAID, _ASKED))

# Counted in calls: rows of `present`. The flow: open_start + in - made - closed = open_end.
FLOW: dict[str, str] = {
    "open_start": "due and before",
    "in": "due and not before",
    "made": "due and shut and state = 'done'",
    "closed": "due and shut and state = 'cancelled'",
    "open_end": "due and open_at_end",
}
TIMELY: dict[str, str] = {
    "on_day": f"{FLOW['made']} and closed_on <= day",
    "late_1": f"{FLOW['made']} and closed_on - day = 1",
    "late_3": f"{FLOW['made']} and closed_on - day between 2 and 3",
    "late_7": f"{FLOW['made']} and closed_on - day between 4 and 7",
    "late_more": f"{FLOW['made']} and closed_on - day > 7",
    "early": "not due and shut and state = 'done'",
    "untried": f"{FLOW['open_end']} and not tried",
    "tried": f"{FLOW['open_end']} and tried",
}
# Calls that came due and are not made any more, and those that ended before they were due.
CLOSED: dict[str, str] = {
    f"closed_{reason}": f"{FLOW['closed']} and state_reason = '{reason}'" for reason in CallBack.Reason.values
}
AHEAD: dict[str, str] = {
    f"ahead_{reason}": f"not due and shut and state = 'cancelled' and state_reason = '{reason}'"
    for reason in CallBack.Reason.values
}
# Counted in tries: rows of `said`.
TRIES: dict[str, str] = {
    "tries": "true",
    "she_called": "direction = 'in'",
    "scored": "satisfaction is not null",
    "satisfied": f"satisfaction >= {SATISFIED_FROM}",
    "normal": "recovery = 'normal'",
    "abnormal": "recovery = 'abnormal'",
    "suggested": "suggestions <> ''",
}
RESULTS: dict[str, str] = {f"result_{result}": f"result = '{result}'" for result in _Result.values}
SCORES: dict[str, str] = {f"score_{score}": f"satisfaction = {score}" for score in range(1, 6)}
# Counted in calls that were tried: distinct calls of `said`.
CALLED: dict[str, str] = {
    "called": "true",
    "reached": "result = 'reached'",
    "finished": "result in ('reached', 'refused', 'do_not_call', 'deceased')",
}
# Counted in reviews: rows of `asked`.
REVIEWS: dict[str, str] = {
    "review_asked": "true",
    "review_in_time": "answered and answered_at <= due_at",
    "review_late": "answered and answered_at > due_at",
    "review_waiting": "not answered",
}
_SOURCE_OF: dict[str, tuple[str, str]] = {
    name: (source, condition)
    for source, figures in (
        ("present", FLOW | TIMELY | CLOSED | AHEAD),
        ("said", TRIES | RESULTS | SCORES | CALLED),
        ("asked", REVIEWS),
    )
    for name, condition in figures.items()
}


def week_arguments(branch: Branch, weeks: Sequence[Week], now: datetime) -> dict[str, Any]:
    """Return the arguments of SOURCES for some weeks, the last of them being the one that is told.

    A week still running is counted up to today: what is due later in it has not come due.
    """
    today = branch.today(now)
    bounds = [week.bounds(branch.zone) for week in weeks]
    return {
        "branch": branch.pk,
        "zone": branch.time_zone,
        "start": bounds[-1][0],
        "end": bounds[-1][1],
        "years": [week.year for week in weeks],
        "weeks": [week.number for week in weeks],
        "firsts": [week.first for week in weeks],
        "lasts": [min(week.last, today) for week in weeks],
        "starts": [start for start, _end in bounds],
        "ends": [end for _start, end in bounds],
    }


def calls_behind(
    *,
    branch: Branch,
    week: Week,
    figure: str,
    kind: str = "",
    code: str = "",
    staff_id: int | None = None,
    now: datetime,
) -> list[int] | None:
    """Return the ids of the calls that a figure counts as the records are now, in the order of their days.

    `figure`: one of those above; None is returned for any other. Narrowed to a kind of department, to a step (`code`,
    within the kind), and for what is counted in tries to who made them, when given.
    """
    if figure not in _SOURCE_OF:
        return None
    source, condition = _SOURCE_OF[figure]
    narrowed = [f"({condition})"]
    narrowed += ["f.kind = %(kind)s"] * bool(kind) + ["f.code = %(code)s"] * bool(code)
    if staff_id is not None and source == "said":
        narrowed.append("f.staff_id = %(staff)s")
    statement = f"""
        with {SOURCES}
        select c.id from followups_callback c
        where c.id in (select f.id from {source} f where {" and ".join(narrowed)})
        order by c.due_on, c.id
    """  # noqa: S608 - put together from the constants above
    arguments = week_arguments(branch, [week], now) | {"kind": kind, "code": code, "staff": staff_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return [row[0] for row in cursor.fetchall()]
