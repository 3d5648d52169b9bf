"""P1 with one client, and P6: what an allocation costs, in the database and in the engine."""

import hashlib
import json
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from clinic.models import Staff
from reception.models import Visit
from tests.benchmarks.report import figure, median_seconds
from tests.conftest import make_branch
from tests.factories.triage import NINE, VisitorFactory, make_consultant
from triage import services
from triage.engine.allocate import allocate, entries_for
from triage.engine.decision import Situation
from triage.engine.facts import Arrival, Consultant
from triage.engine.facts import Board as State
from triage.engine.ledger import CheckedIn, Finished, Opened, OpeningSeat, apply
from triage.engine.policy import Policy as EnginePolicy

VISITS = 300
DECISIONS = 10_000
SEATS = [str(number) for number in range(12)]


@pytest.mark.django_db(transaction=True)
def test_p1_allocate_a_visit() -> None:
    branch = make_branch("bench")
    clerk = make_consultant(branch, "clerk")
    consultants = [make_consultant(branch, f"c{number:03d}") for number in range(12)]
    services.open_board(
        branch=branch, day=NINE.date(), consultants=consultants, present=consultants, staff=clerk, now=NINE
    )
    visitors = VisitorFactory.create_batch(VISITS, registered_in=branch)
    visits = Visit.objects.bulk_create(
        Visit(branch=branch, day=NINE.date(), number=number, visitor=visitor, arrived_at=NINE, registered_by=clerk)
        for number, visitor in enumerate(visitors, start=1)
    )
    staff = Staff.objects.select_related("branch").get(pk=clerk.pk)

    def ours(number: int) -> None:
        # Nobody finishes, so later visits are escalated: the dearest decision, every seat judged.
        now = NINE + timedelta(seconds=number)
        services.allocate_visit(visit=visits[number], expected_sequence=None, staff=staff, now=now)

    with connection.cursor() as cursor:
        cursor.execute("create table bare_board (id int primary key, turn int, state jsonb)")
        cursor.execute(
            "create table bare_entry (board int, turn int, body jsonb, hash text, primary key (board, turn))"
        )
        cursor.execute("insert into bare_board values (1, 0, '{}')")
    body = json.dumps({"seat": "1", "visit": "1", "rule": "A12"})

    def bare(number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(1)")
            cursor.execute("select turn, state from bare_board where id = 1 for update")
            turn = cursor.fetchone()[0] + 1
            seal = hashlib.sha256(f"{turn}{body}".encode()).hexdigest()
            cursor.execute("insert into bare_entry values (1, %s, %s, %s)", [turn, body, seal])
            cursor.execute("update bare_board set turn = %s, state = %s where id = 1", [turn, body])

    limit = median_seconds(bare, VISITS)
    figure(
        quality="P1",
        what="allocate a visit, service call, 1 client",
        ours=median_seconds(ours, VISITS) * 1000,
        limit=limit * 1000,
        unit="ms",
        aim="<= 3 x",
    )
    with connection.cursor() as cursor:
        cursor.execute("drop table bare_board, bare_entry")


def test_p6_decisions_with_traces() -> None:
    policy = EnginePolicy()
    consultants = {name: Consultant(name) for name in SEATS}
    began = time.process_time()
    made = 0
    while made < DECISIONS:
        board = apply(State(), Opened(at=NINE, seats=tuple(OpeningSeat(name) for name in SEATS)))
        for name in SEATS:
            board = apply(board, CheckedIn(at=NINE, seat=name))
        for number in range(80):
            now = NINE + timedelta(minutes=number)
            situation = Situation(
                now=now,
                arrival=Arrival(visit=str(number), projects=("eyes",)),
                person=None,
                board=board,
                consultants=consultants,
                policy=policy,
                ranks={"eyes": 1},
            )
            decision = allocate(situation)
            for entry in entries_for(decision, at=now, by="clerk"):
                board = apply(board, entry)
            if decision.consultant is not None and number % 3:
                board = apply(board, Finished(at=now, visit=str(number), seat=decision.consultant))
            made += 1
    figure(
        quality="P6",
        what="decisions with traces, one core",
        ours=made / (time.process_time() - began),
        limit=None,
        unit="a second",
        aim=">= 10,000 a second",
    )
