"""A million treatments, and how long building their calls takes beside the bare statement that writes the same rows.

The rows are made by the owner of the tables; what is measured runs inside the system, by its own role.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from django.utils import timezone

from followups.models import CallBack
from followups.services import build_call_backs
from tests.benchmarks.million import add_million

TREATMENTS = int(os.environ.get("BENCH_TREATMENTS", "1000000"))
_TREATMENTS = """
insert into consultations_treatment (visitor_id, branch_id, project_id, doctor_id, treated_on, state, notes,
    cancel_reason, recorded_at, recorded_by_id, version, stage)
select v.id, %(branch)s, p.id, %(doctor)s, date '2022-01-01' + ((v.place * 37 + p.place * 211) %% 1800)::int, 'done',
    '', '', timestamptz '2026-01-01 04:00+00', %(doctor)s, 1, 'discharged'
from (select id, row_number() over (order by id) as place from reception_visitor where last_visit_on is not null) v
cross join (
    select id, row_number() over (order by id) as place from clinic_project where id = any(%(projects)s)) p
"""
# The same rows by one statement that knows there is one plan, no version of it, no holiday and nobody to leave out.
_BARE = """
insert into followups_callback (treatment_id, step_id, code, visitor_id, branch_id, due_on, call_on, state,
    state_reason, closed_at, risk, concern, settled_note, tries, version, built_at, as_planned)
select t.id, s.id, s.code, t.visitor_id, t.branch_id, d.due_on, d.due_on, 'open', '', null, s.risk, '', '', 0, 1,
    %(now)s, true
from consultations_treatment t
cross join followups_planstep s
join followups_plan p on p.id = s.plan_id and p.department_kind = 'surgery'
cross join lateral (select case s.unit when 'days' then t.treated_on + s."offset"::int
    else (t.treated_on + make_interval(months => s."offset"::int))::date end as due_on) d
where not s.tracked_only
"""
_HANG_ON_CALLS = """
with recursive found (id) as (
    select 'followups_callback'::regclass::oid
    union select conrelid from pg_constraint join found on confrelid = found.id where contype = 'f')
select id::regclass::text from found order by 1
"""
_SUM = """
select count(*), coalesce(sum(hashtextextended(concat_ws('|', treatment_id, code, due_on, call_on, state), 0)), 0)
from followups_callback
"""


def add_treatments(database: str, *, doctor: int, branch: int, projects: list[int], number: int = TREATMENTS) -> None:
    """Fill a database (libpq address of the tables' owner) with so many operations, shared out over the projects."""
    add_million(database, clerk=doctor, branch=branch, number=number // len(projects))
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("set synchronous_commit to off")
        owner.execute(_TREATMENTS.encode(), {"branch": branch, "doctor": doctor, "projects": projects})
        owner.execute("vacuum analyze consultations_treatment")


def empty_calls(database: str) -> None:
    """Take all calls away, as the owner of the tables; what hangs on them (none here) is append-only otherwise."""
    with psycopg.connect(database, autocommit=True) as owner:
        tables = [row[0] for row in owner.execute(_HANG_ON_CALLS.encode()).fetchall()]
        for switched in ("disable", "enable"):
            if switched == "enable":
                owner.execute(f"truncate {', '.join(tables)}".encode())
            for table in tables:
                owner.execute(f"alter table {table} {switched} trigger user".encode())
        owner.execute("vacuum analyze followups_callback")


def know_calls(database: str) -> None:
    """Let the planner know the calls, as it does by itself within a minute."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("vacuum analyze followups_callback")


def built() -> str:
    """Build all calls; return JSON of seconds, how many changed, and by how many MB each process grew meanwhile."""
    return _timed(lambda: build_call_backs(now=timezone.now()))


def bare() -> str:
    """Write the same rows by the bare statement; return JSON as `built`."""

    def write() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BARE, {"now": timezone.now()})
            return int(cursor.rowcount)

    return _timed(write)


def _timed(work: Callable[[], int]) -> str:
    CallBack.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    own = _Growth("self"), _Growth(str(backend))
    began = time.perf_counter()
    for one in own:
        one.start()
    changed = work()
    seconds = time.perf_counter() - began
    grown = [one.stop() for one in own]
    with connection.cursor() as cursor:
        cursor.execute(_SUM)
        rows, summed = cursor.fetchone()
    checksum = hashlib.sha256(str(summed).encode()).hexdigest()[:12]
    found: dict[str, Any] = {"seconds": seconds, "changed": changed, "rows": rows, "sum": checksum}
    return json.dumps(found | {"process_mb": grown[0], "server_mb": grown[1]})


class _Growth(threading.Thread):
    """How many MB of its own memory (not what processes share) a process has come to hold while it was watched."""

    def __init__(self, pid: str) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0.0, threading.Event()
        self.first = self._now()

    def _now(self) -> float:
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        except OSError:
            return 0.0
        return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

    def run(self) -> None:
        """Look twenty times a second."""
        while not self.over.wait(0.05):
            self.most = max(self.most, self._now() - self.first)

    def stop(self) -> float:
        """Stop looking; return the growth."""
        self.over.set()
        self.join()
        return round(self.most, 1)
