"""A database that has been in use comes to the same tables as one that begins empty."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql
from psycopg.sql import SQL

from clinic.launch.paths import ROOT

NAME = "test_of_migrations"
# Where a database stands that was made before the rooms of consultations were complete.
BEFORE = {
    "clinic": "0007_messages_newest_first",
    "reception": "0019_retention",
    "triage": "0006_longest_waits",
    "consultations": "0005_who_took_part_what_was_signed",
    "followups": "0003_callback_concern_callback_concern_at_callback_risk_and_more",
    "complaints": "0007_request_content",
}
# Step by step to there, with a few rows that later steps move or add to.
ONE_BY_ONE = f"""
from datetime import UTC, date, datetime
from decimal import Decimal
import django
django.setup()
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor


def come_to(targets):
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False
    executor.loader.build_graph()
    return executor.migrate(targets).apps.get_model


now = datetime(2026, 3, 11, 3, tzinfo=UTC)
model = come_to([("reception", "0003_circumstances"), ("complaints", "0005_complaint_request_key")])
branch = model("clinic", "Branch").objects.create(code="old", name="老院")
model("reception", "DayCounter").objects.create(branch_id=branch.pk, day=date(2026, 3, 11), last_number=41)
model("complaints", "ComplaintCounter").objects.create(branch_id=branch.pk, year=2026, last_number=7)
model = come_to([*{BEFORE!r}.items()])
nobody = model("clinic", "Staff").objects.create(
    login_name="old", display_name="老", active_from=now.date(), branch_id=branch.pk
)
kind = model("clinic", "Department").objects.create(branch_id=branch.pk, code="old", name="外科", kind="surgery")
nose, eyes = (
    model("clinic", "Project").objects.create(code=code, name=code, department_id=kind.pk, rank=1)
    for code in ("nose", "eyes")
)
visitor = model("reception", "Visitor").objects.create(
    name="王", file_number="1", registered_at=now, registered_in_id=branch.pk
)
visit = model("reception", "Visit").objects.create(
    branch_id=branch.pk,
    day=now.date(),
    number=1,
    visitor_id=visitor.pk,
    arrived_at=now,
    registered_by_id=nobody.pk,
    consultant_id=nobody.pk,
)
consultation = model("consultations", "Consultation").objects.create(
    visit_id=visit.pk,
    visitor_id=visitor.pk,
    branch_id=branch.pk,
    consultant_id=nobody.pk,
    day=now.date(),
    offered_at=now,
    state="offered",
)
for kind, amount, projects in (("paid", 4200, [nose]), ("deposit", 900, [nose, eyes])):
    with transaction.atomic():
        deal = model("consultations", "Deal").objects.create(
            consultation_id=consultation.pk,
            visitor_id=visitor.pk,
            branch_id=branch.pk,
            kind=kind,
            amount=Decimal(amount),
            made_at=now,
            made_by_id=nobody.pk,
        )
        deal.projects.set(one.pk for one in projects)
        model("consultations", "DealShare").objects.create(deal_id=deal.pk, staff_id=nobody.pk, share=Decimal(1))
"""
THINGS = """
select concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
    attgenerated, attcollation::regcollation, (
        select pg_get_expr(adbin, adrelid) from pg_attrdef d where d.adrelid = attrelid and d.adnum = attnum))
from pg_attribute join pg_class r on r.oid = attrelid
where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped and relkind in ('r', 'v')
union all
select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
from pg_constraint where connamespace = 'public'::regnamespace
union all
select pg_get_indexdef(indexrelid) from pg_index join pg_class r on r.oid = indexrelid
where relnamespace = 'public'::regnamespace
union all
select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select pg_get_functiondef(p.oid) from pg_proc p
where pronamespace = 'public'::regnamespace and prokind = 'f'
    and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
"""


@pytest.fixture
def empty_database(db: None) -> Iterator[str]:
    """Give the address of an empty database beside the one of the tests, and take it away afterwards."""
    known = connection.settings_dict
    server = f"postgres://{quote(known['USER'])}:{quote(known['PASSWORD'])}@{known['HOST']}:{known['PORT']}"
    name = f"{settings.DATABASES['default']['NAME']}_{NAME}"
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(f"{server}/postgres", autocommit=True) as beside:
        beside.execute(drop)
        beside.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield f"{server}/{name}"
        beside.execute(drop)


def run(address: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_was_made_step_by_step_is_what_is_made_at_once(empty_database: str) -> None:
    run(empty_database, "-c", ONE_BY_ONE)
    run(empty_database, "manage.py", "migrate", "--verbosity=0")
    with connection.cursor() as cursor:
        cursor.execute(THINGS)
        at_once = {thing for (thing,) in cursor.fetchall()}
    with psycopg.connect(empty_database) as other:

        def told(query: str) -> set[tuple[Any, ...]]:
            return set(other.execute(SQL(query)).fetchall())

        step_by_step = {thing for (thing,) in told(THINGS)}
        assert step_by_step - at_once == set()
        assert at_once - step_by_step == set()
        assert len(at_once) > 1000
        counters = "select series, period, last_number from clinic_counter"
        assert told(counters) == {("visits", "2026-03-11", 41), ("complaints", "2026", 7)}
        lines = "select sessions, amount from consultations_dealline"
        assert told(lines) == {(1, Decimal(4200))}
        balances = "select amount, received, due from consultations_dealaccount"
        assert told(balances) == {(Decimal(4200), Decimal(4200), Decimal(0)), (Decimal(900), Decimal(0), Decimal(900))}
        payments = "select kind, amount, received_on from consultations_payment"
        assert told(payments) == {("full", Decimal(4200), date(2026, 3, 11))}
