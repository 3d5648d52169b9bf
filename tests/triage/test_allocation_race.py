"""R1: thirty-two processes allocate two thousand visits on one board at once.

The processes commit for real, so they work on a copy of the test database that is dropped afterwards.
"""

import logging
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.test import override_settings

from clinic.live import bus
from clinic.models import Staff
from reception.models import Visit
from tests.conftest import make_branch
from tests.factories.triage import NINE, VisitorFactory, make_consultant
from triage import services
from triage.engine import ledger
from triage.engine.decision import Decision as Answer
from triage.engine.facts import Board as State
from triage.models import Board, Decision, LedgerEntry, Policy
from triage.selectors.boards import state_of
from triage.selectors.decisions import replayed
from triage.selectors.integrity import check_board
from triage.services import allocation
from triage.services.ledger import append, lock_board

PROCESSES = 32
SEATS = 36
Failure = tuple[int, str]


@contextmanager
def copied_database() -> Iterator[str]:
    """Point this process at a copy of the test database; drop the copy afterwards."""
    settings = connection.settings_dict
    original = settings["NAME"]
    copy = f"{original}_race_{os.getpid()}"
    connections.close_all()
    server = psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"] or None,
        dbname="postgres", autocommit=True,
    )  # fmt: skip
    with server:
        server.execute(f'drop database if exists "{copy}"')
        # A template must have no other session; what an earlier test's thread left open is of no use any more.
        server.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [original])
        server.execute(f'create database "{copy}" template "{original}"')
        # What is tried here is the lock; that commits survive a power cut is tried elsewhere.
        server.execute(f'alter database "{copy}" set synchronous_commit = off')
        settings["NAME"] = copy
        try:
            yield copy
        finally:
            connections.close_all()
            settings["NAME"] = original
            server.execute(f'drop database "{copy}" with (force)')


def make_crowd(size: int) -> tuple[Board, Staff, list[int]]:
    """A board with more consultants than there are clerks, and visitors at the door."""
    branch = make_branch("race")
    clerk = make_consultant(branch, "clerk")
    consultants = [make_consultant(branch, f"c{number:02d}") for number in range(SEATS)]
    Policy.objects.create(branch=branch, version=1, starts_on=NINE.date(), preset="standard")
    board = services.open_board(
        branch=branch, day=NINE.date(), consultants=consultants, present=consultants, staff=clerk, now=NINE
    )
    visitors = VisitorFactory.create_batch(size, registered_in=branch)
    visits = Visit.objects.bulk_create(
        Visit(
            branch=branch, day=NINE.date(), number=number, visitor=visitor, arrived_at=NINE, registered_by=clerk
        )
        for number, visitor in enumerate(visitors, start=1)
    )  # fmt: skip
    return board, clerk, [visit.pk for visit in visits]


def allocate_and_finish(clerk_pk: int, visits: list[int], failures: Any, take_lock_away: bool) -> None:
    """One clerk's work in a process of its own: give each visit out, see it through, go on."""
    if take_lock_away:
        vars(allocation)["lock_board"] = board_without_lock
    clerk = Staff.objects.select_related("branch").get(pk=clerk_pk)
    for number, pk in enumerate(visits):
        now = NINE + timedelta(seconds=number)
        try:
            visit = Visit.objects.get(pk=pk)
            services.allocate_visit(visit=visit, expected_sequence=None, staff=clerk, now=now)
            finish(visit, clerk, now)
        except Exception as error:
            failures.put((pk, f"{type(error).__name__}: {error}"))
    connections.close_all()


def finish(visit: Visit, clerk: Staff, now: datetime) -> None:
    """Free the seat again, so that there is always one for the next visit."""
    with transaction.atomic():
        board = lock_board(branch_id=visit.branch_id, desk="front", day=visit.day)
        assert board is not None
        state = state_of(board)
        seat = state.seat_of(str(visit.pk))
        assert seat is not None, "the allocation is lost"
        entry = ledger.Finished(at=now, by=str(clerk.pk), visit=str(visit.pk), seat=seat.consultant)
        append(board=board, state=state, entries=[entry])


def board_without_lock(*, branch_id: int, desk: str, day: date) -> Board | None:
    """What `lock_board` would be if it took no lock."""
    return Board.objects.select_related("policy").filter(branch_id=branch_id, desk=desk, day=day).first()


def race(size: int, *, take_lock_away: bool = False) -> tuple[Board, list[int], list[Failure]]:
    """Let all processes loose on one board; return it, the visits, and what failed."""
    board, clerk, visits = make_crowd(size)
    random.Random(7).shuffle(visits)
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    failures = fork.Queue()
    clerks = [
        fork.Process(
            target=allocate_and_finish, args=(clerk.pk, visits[number::PROCESSES], failures, take_lock_away)
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    for process in clerks:
        process.start()
    found: list[Failure] = []
    while any(process.is_alive() for process in clerks):
        time.sleep(0.1)
        while not failures.empty():
            found.append(failures.get())
    while not failures.empty():
        found.append(failures.get())
    board.refresh_from_db()
    return board, visits, found


def assert_nothing_lost_or_doubled(board: Board, visits: list[int], failures: list[Failure]) -> None:
    """Every visit has one turn, every turn one visit, and the ledger tells the whole of it."""
    assert not failures, failures[:3]
    finding = check_board(board)
    assert not finding.problems, str(finding)
    entries = list(LedgerEntry.objects.filter(board=board).order_by("sequence"))
    given = [entry.visit_id for entry in entries if entry.kind == "allocated"]
    assert sorted(given) == sorted(visits)  # type: ignore[type-var]
    state = ledger.board_from_json(board.state)
    assert sum(seat.turns for seat in state.seats) == len(visits)
    fair = [seat.turns + len(state.owed_to(seat.consultant)) for seat in state.seats]
    assert max(fair) - min(fair) <= 1
    assert_decided_on_the_board_as_it_was(board, entries)


def assert_decided_on_the_board_as_it_was(board: Board, entries: list[LedgerEntry]) -> None:
    """Each decision saw exactly the board its ledger folds to just before it, and the rules say the same again."""
    decisions = {one.sequence: one for one in Decision.objects.filter(board=board).select_related("policy")}
    state = State()
    for row in entries:
        decision = decisions.pop(row.sequence, None)
        if decision is not None:
            assert decision.facts["board"] == ledger.board_to_json(state)
            if row.sequence % 10 == 0:
                assert replayed(decision) == Answer.from_json(decision.answer)
        state = ledger.apply(state, ledger.entry_from_json(row.body))
    assert not decisions


@pytest.fixture
def database(transactional_db: None) -> Iterator[str]:
    """A copy of the test database, with nobody listening to what is published."""
    with copied_database() as name, override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        bus._client.cache_clear()
        logging.disable(logging.WARNING)
        yield name
        logging.disable(logging.NOTSET)
        bus._client.cache_clear()


def test_r1_two_thousand_visits_by_thirty_two_processes(database: str) -> None:
    assert_nothing_lost_or_doubled(*race(2_000))


def test_r1_without_the_lock_the_same_fails(database: str) -> None:
    outcome = race(256, take_lock_away=True)

    with pytest.raises(AssertionError):
        assert_nothing_lost_or_doubled(*outcome)
