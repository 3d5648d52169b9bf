"""P1: what an allocation costs, as a service call."""

import multiprocessing
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from clinic.models import Staff
from reception.models import Visit
from tests.benchmarks.bare import bare_transactions
from tests.benchmarks.hospital import SEATS, Desk, finish_all, in_turn, make_desks
from tests.benchmarks.report import figure
from tests.factories.triage import NINE
from triage import services
from triage.models import Board
from triage.selectors.integrity import check_board

ALLOCATIONS = 1_200


@pytest.mark.parametrize("clients", [1, 8, 32])
@pytest.mark.parametrize("boards", [1, 10])
@pytest.mark.django_db(transaction=True)
def test_p1_allocate_a_visit(clients: int, boards: int, tmp_path: Path) -> None:
    # Until somebody's turn comes to free all seats, each of the others may take one, and again until she has.
    desks = make_desks(boards, visits=ALLOCATIONS // boards, seats=SEATS + 2 * clients, now=NINE)
    limit = bare_transactions(_address(), clients=clients, boards=boards, folder=tmp_path)
    a_second, median = _allocated(desks, clients)
    where = "one board" if boards == 1 else f"{boards} boards"
    figure(
        quality="P1",
        what=f"allocate, service call, {clients} clients, {where}",
        ours=a_second,
        limit=limit.a_second,
        unit="/s",
        aim="<= 3 x",
    )
    if clients == 1:
        figure(
            quality="P1",
            what=f"one allocation, service call, {where}",
            ours=median * 1000,
            limit=limit.milliseconds,
            unit="ms",
            aim="<= 3 x",
        )


def _address() -> str:
    settings = connection.settings_dict
    return make_conninfo(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
    )


def _allocated(desks: list[Desk], clients: int) -> tuple[float, float]:
    """Give all visits out by as many processes at once; return how many a second, and the median seconds of one."""
    work = list(in_turn(desks))
    fork = multiprocessing.get_context("fork")
    place, taken, ready = fork.Value("i", 0), fork.Queue(), fork.Barrier(clients + 1)
    connections.close_all()
    processes = [fork.Process(target=_clerk, args=(work, len(desks), place, taken, ready)) for _ in range(clients)]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    found = [taken.get() for _ in processes]
    whole = time.perf_counter() - began
    for process in processes:
        process.join()
    assert not (failed := [one for one in found if isinstance(one, str)]), failed[0]
    seconds = [one for each in found for one in each]
    assert len(seconds) == len(work)
    for board in Board.objects.all():
        finding = check_board(board)
        assert not finding.problems, str(finding)
        given = [seat["counted"] for seat in board.state["seats"]]
        assert sum(given) == len(work) // len(desks)
        assert max(given) - min(given) <= 1
    return len(work) / whole, statistics.median(seconds)


def _clerk(work: list[tuple[Desk, Visit]], boards: int, place: Any, taken: Any, ready: Any) -> None:
    """Take the next visit and give it out, until there is none left; put the seconds of each, or what went wrong.

    Whoever gives out a visit after which a board may have no free seat frees them all: not in the seconds of an
    allocation, but in what is done in a second.
    """
    seconds = []
    try:
        # Opens the connection, and has Django build what it builds once.
        Staff.objects.select_related("branch").get(pk=work[0][0].clerk.pk)
        ready.wait()
        while True:
            with place.get_lock():
                number, place.value = place.value, place.value + 1
            if number >= len(work):
                break
            desk, visit = work[number]
            now = visit.arrived_at + timedelta(seconds=number)
            began = time.perf_counter()
            services.allocate_visit(visit=visit, expected_sequence=None, staff=desk.clerk, now=now)
            seconds.append(time.perf_counter() - began)
            if number // boards % SEATS == SEATS - 1:
                finish_all(desk, now)
    except Exception as error:
        place.value = len(work)
        taken.put(f"{type(error).__name__}: {error}")
    else:
        taken.put(seconds)
    connections.close_all()
