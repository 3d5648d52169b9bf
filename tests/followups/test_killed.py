"""R6, R7: every Celery task of this room run twice at once, killed half-way, a week late: the rows of once, in time.

The tasks run in processes of their own and commit for real. One is killed by the kernel (kill -9) while it waits for a
row in the middle of what it writes: somebody else holds that row, so the middle is where it is.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import time_machine
from django.db import connection, transaction

from clinic.launch.paths import ROOT
from clinic.models import Branch, BranchDay
from consultations.models import Treatment
from followups import tasks
from followups.models import CallBack, CallDay, FollowUpReport
from followups.services import build_call_backs, write_call_days
from reception.models import Visitor
from tests.conftest import make_branch
from tests.factories.followups import a_doctor, another_project
from tests.launch.desk import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
OPERATIONS = 1500
COUNTED: dict[str, int] = {}
# Monday of week 49 of 2026, ten in the morning in Shanghai.
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def counted() -> Iterator[None]:
    """Say at the end how much was compared."""
    yield
    print(f"\nR6/R7: {COUNTED}")


def count(what: str, number: int = 1) -> None:
    COUNTED[what] = COUNTED.get(what, 0) + number


def a_hospital() -> Branch:
    """Return a branch where calls are built already, and where much has happened since that nobody has built."""
    branch = make_branch("killed")
    doctor, projects = a_doctor(branch), [another_project(branch, number) for number in range(3)]
    visitors = Visitor.objects.bulk_create(
        Visitor(
            file_number=f"K{number:06d}",
            name="王小美",
            phone=f"+86137{number:08d}",
            gender="female",
            registered_at=NOW,
            registered_in=branch,
        )
        for number in range(OPERATIONS // 3)
    )

    def operate(numbers: range) -> None:
        Treatment.objects.bulk_create(
            Treatment(
                visitor=visitors[number % len(visitors)],
                branch=branch,
                project=projects[number // len(visitors)],
                doctor=doctor,
                treated_on=date(2026, 10, 1) + timedelta(days=number % 50),
                state="done",
                stage="discharged",
                recorded_at=NOW,
                recorded_by=doctor,
            )
            for number in numbers
        )

    operate(range(OPERATIONS // 2))
    write_call_days(branch)
    build_call_backs(now=NOW - timedelta(days=21))
    operate(range(OPERATIONS // 2, OPERATIONS))
    ids = list(Treatment.objects.order_by("pk").values_list("pk", flat=True))
    Treatment.objects.filter(pk__in=ids[::7]).update(treated_on=date(2026, 11, 20))
    Treatment.objects.filter(pk__in=ids[::11]).update(state="cancelled", cancel_reason="感冒")
    for day in range(20, 28):
        BranchDay.objects.create(branch=branch, day=date(2026, 12, day), kind="closed", name="休")
    return branch


def rows() -> set[tuple[Any, ...]]:
    """Return what the calls are, and the days without calls."""
    calls = CallBack.objects.values_list(
        "treatment_id", "code", "step_id", "visitor_id", "due_on", "call_on", "state", "state_reason", "as_planned"
    )
    days = CallDay.objects.filter(day__year=2026).values_list("branch_id", "day", "call_on")
    return {*calls, *days}


def as_once_in_time(task: str, arguments: dict[str, Any]) -> set[tuple[Any, ...]]:
    """Return what stands when a task has run once, and take it back."""
    with transaction.atomic():
        getattr(tasks, task)(**arguments)
        found = rows()
        transaction.set_rollback(True)
    return found


def address() -> str:
    known = connection.settings_dict
    return (
        f"postgres://{quote(known['USER'])}:{quote(known['PASSWORD'])}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    )


def start(task: str, arguments: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Start a task in a process of its own, as a worker does."""
    code = f"import django; django.setup(); from followups import tasks; tasks.{task}(**{arguments!r})"
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def holding(statement: str, arguments: dict[str, Any]) -> Iterator[None]:
    """Hold a row that is not committed, which whoever writes the same one waits for; take it back at the end."""
    with psycopg.connect(address()) as other:
        other.execute(statement.encode(), arguments)
        yield
        other.rollback()


def waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'"
        )
        return bool(cursor.fetchone()[0])


def nobody_else_is_here() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return not cursor.fetchone()[0]


_HELD_CALL = """
insert into followups_callback (treatment_id, step_id, code, visitor_id, branch_id, due_on, call_on, state,
    state_reason, risk, concern, settled_note, tries, version, built_at, as_planned)
select t.id, s.id, s.code, t.visitor_id, t.branch_id, t.treated_on, t.treated_on, 'open', '', 0, '', '', 0, 1, now(),
    true
from consultations_treatment t, followups_planstep s
where t.id = %(treatment)s and s.code = 'month-3'
"""
_HELD_REPORT = """
insert into followups_followupreport (branch_id, year, week, version, built_at, reason, body, hash)
values (%(branch)s, 2026, %(week)s, 1, now(), '', '{}', '')
"""
BUILDERS = ["build_for_treatment", "follow_branch_days", "build_all", "build_nightly"]


def arguments_of(task: str, branch: Branch) -> dict[str, Any]:
    if task == "build_for_treatment":
        return {"treatment_id": Treatment.objects.latest("pk").pk}
    return {"branch_id": branch.pk} if task == "follow_branch_days" else {}


@pytest.mark.parametrize("task", BUILDERS)
def test_killed_half_way_and_run_again(task: str) -> None:
    branch = a_hospital()
    arguments = arguments_of(task, branch)
    before, wanted = rows(), as_once_in_time(task, arguments)
    assert before != wanted
    treatment = Treatment.objects.exclude(state="cancelled").latest("pk").pk
    with holding(_HELD_CALL, {"treatment": treatment}):
        worker = start(task, arguments)
        wait_for(waits_for_a_row, "the worker in the middle of its rows")
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    wait_for(nobody_else_is_here, "the server notices that the worker has died")
    # What a step commits on its own may stand; of the calls nothing is half written.
    left = rows()
    assert {row for row in left if len(row) > 3} == {row for row in before if len(row) > 3}
    again = start(task, arguments)
    assert again.wait() == 0
    assert rows() == wanted
    count("tasks killed half-way")
    count("rows compared", len(wanted))


@pytest.mark.parametrize("task", BUILDERS)
def test_two_workers_at_once(task: str) -> None:
    branch = a_hospital()
    arguments = arguments_of(task, branch)
    wanted = as_once_in_time(task, arguments)
    workers = [start(task, arguments) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert rows() == wanted
    assert CallBack.objects.count() == CallBack.objects.values("treatment", "code").distinct().count()
    count("tasks run twice at once")
    count("rows compared", len(wanted))


@pytest.mark.parametrize("task", BUILDERS)
def test_a_week_late(task: str) -> None:
    branch = a_hospital()
    arguments = arguments_of(task, branch)
    with time_machine.travel(NOW, tick=True):
        wanted = as_once_in_time(task, arguments)
    with time_machine.travel(NOW + timedelta(days=7), tick=True):
        getattr(tasks, task)(**arguments)
    assert rows() == wanted
    count("tasks run a week late")
    count("rows compared", len(wanted))


def reports() -> list[tuple[int, int, str]]:
    return list(FollowUpReport.objects.order_by("year", "week", "version").values_list("week", "version", "hash"))


def test_reports_killed_half_way_at_once_and_late() -> None:
    branch = a_hospital()
    build_call_backs(now=NOW)
    with transaction.atomic(), time_machine.travel(NOW, tick=True):
        tasks.build_reports()
        wanted = reports()
        transaction.set_rollback(True)
    assert [(week, version) for week, version, _hash in wanted] == [(46, 1), (47, 1), (48, 1)]
    code = f"import time_machine; time_machine.travel({NOW.timestamp()!r}, tick=True).start(); "
    run = code + "import django; django.setup(); from followups import tasks; tasks.build_reports()"
    command = [sys.executable, "-W", "ignore", "-c", run]
    environment = {**os.environ, "DATABASE_URL": address()}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with holding(_HELD_REPORT, {"branch": branch.pk, "week": 47}):
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, **quiet)  # type: ignore[call-overload]
        wait_for(waits_for_a_row, "the worker at the second of three weeks")
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    wait_for(nobody_else_is_here, "the server notices that the worker has died")
    assert reports() == wanted[:1]
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) for _ in range(2)]  # type: ignore[call-overload]
    assert [each.wait() for each in workers] == [0, 0]
    assert reports() == wanted
    with time_machine.travel(NOW + timedelta(days=7), tick=True):
        tasks.build_reports()
    assert reports()[:3] == wanted and len(reports()) == 4
    count("tasks killed half-way")
    count("tasks run twice at once")
    count("tasks run a week late")


def test_two_beats_build_each_list_once() -> None:
    a_hospital()
    with time_machine.travel(NOW, tick=True):
        with transaction.atomic():
            tasks.build_nightly()
            wanted = rows()
            transaction.set_rollback(True)
        scheduled = [plan["task"].rpartition(".")[2] for plan in tasks.SCHEDULE.values()]
        scheduled = [name for name in scheduled if name in ("build_nightly", "build_reports")]
        ready, wrong = threading.Barrier(2 * len(scheduled)), []

        def beat(task: str) -> None:
            try:
                ready.wait()
                getattr(tasks, task)()
            except Exception as error:
                wrong.append(error)
            finally:
                connection.close()

        beats = [threading.Thread(target=beat, args=[task]) for task in scheduled * 2]
        for each in beats:
            each.start()
        for each in beats:
            each.join()
    assert wrong == [] and len(beats) == 4
    assert rows() == wanted
    weeks = list(FollowUpReport.objects.values_list("branch", "year", "week", "version"))
    assert len(weeks) == len(set(weeks)) and {version for *_week, version in weeks} == {1}
    count("beats at once", 2)
    count("rows compared", len(wanted))
