"""P2: an allocation as the desk makes it, through the door and back: session, gate, rules, ledger, audit, fragment."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clinic.launch.ports import any_free
from tests.benchmarks.bare import bare_transactions
from tests.benchmarks.hospital import SEATS
from tests.benchmarks.load import Line, put_under_load
from tests.benchmarks.report import figure
from tests.launch.desk import Desk

REQUESTS = 768
TOKEN = "k" * 32
MAKE = """
import json
from django.utils import timezone
from tests.benchmarks.hospital import make_desks, signed_in
desks = make_desks(DESKS, visits=VISITS, seats=VISITS, now=timezone.now(), name="NAME")
print(json.dumps([
    {"session": signed_in(desk.clerk), "visits": [(visit.pk, sequence) for sequence, visit in
        enumerate(desk.visits, start=desk.sequence)]}
    for desk in desks
]))
"""
CHECK = """
import json
from triage.models import Board, LedgerEntry
from triage.selectors.integrity import check_board
boards = Board.objects.filter(branch__code__startswith="NAME-")
given = LedgerEntry.objects.filter(board__in=boards, kind="allocated")
print(json.dumps({
    "problems": [str(found) for found in map(check_board, boards) if found.problems],
    "given": [given.count(), given.values("visit").distinct().count()],
    "turns": sorted({seat["counted"] for board in boards for seat in board.state["seats"]}),
}))
"""


class Confirmation(NamedTuple):
    """A proposal to confirm: in whose session, of which visit, at which number of the board."""

    session: str
    visit: int
    sequence: int


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole system as `make up` runs it."""
    folder = tmp_path_factory.mktemp("bench")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up()
    yield desk
    desk.stop()


@pytest.mark.parametrize("clients", [1, 8, 16, 32])
def test_p2_each_at_her_own_desk(desk: Desk, clients: int, tmp_path: Path) -> None:
    name = f"own{clients}"
    # A desk after the other for each client: nobody is free any more when everybody has had one visitor.
    desks = shell(desk, MAKE, DESKS=REQUESTS // SEATS, VISITS=SEATS, NAME=name)
    pieces = [[Confirmation(one["session"], *visit) for visit in one["visits"]] for one in desks]
    work = [[piece for each in pieces[number::clients] for piece in each] for number in range(clients)]
    limit = bare_transactions(desk.settings["MIGRATION_DATABASE_URL"], clients=clients, boards=clients, folder=tmp_path)
    done = put_under_load(port_of(desk), work, confirm)
    books_in_order(desk, name, sum(map(len, work)))
    what = f"allocate, HTTP, {clients} clients"
    figure(quality="P2", what=what, ours=done.a_second, limit=limit.a_second, unit="/s", aim="<= 6 x")
    figure(quality="P2", what=f"{what}, p50", ours=done.percentile(50), limit=limit.milliseconds, unit="ms", aim="")
    figure(quality="P2", what=f"{what}, p95", ours=done.percentile(95), limit=None, unit="ms", aim="")
    if clients == 16:
        what = "the same beside FQM's pull next (measured elsewhere: 138/s)"
        figure(quality="P2", what=what, ours=done.a_second, limit=138.0, unit="/s", aim="<= 0.2 x")


def test_p2_all_at_one_desk(desk: Desk) -> None:
    """Whoever confirms moves the board, so most confirm what is proposed anew; nobody is refused for good."""
    clients, name = 16, "one"
    (made,) = shell(desk, MAKE, DESKS=1, VISITS=clients * 4, NAME=name)
    visits = [Confirmation(made["session"], *visit) for visit in made["visits"]]
    work = [visits[number::clients] for number in range(clients)]
    done = put_under_load(port_of(desk), work, confirm_until_done)
    books_in_order(desk, name, clients * 4)
    what = f"allocate, HTTP, {clients} clients at one desk, confirmed anew when it moved"
    figure(quality="P2", what=what, ours=done.a_second, limit=None, unit="/s", aim="")


def confirm(line: Line, piece: Confirmation) -> None:
    """Confirm a proposal nobody else can have made stale."""
    status, body = line.send(request_for(piece))
    assert status == 200 and b"proposal-settled" in body, f"{status} {body[:300]!r}"


def confirm_until_done(line: Line, piece: Confirmation) -> None:
    """Confirm what is proposed, and what is proposed instead, until it is done."""
    while True:
        status, body = line.send(request_for(piece))
        if status == 200:
            assert b"proposal-settled" in body, body[:300]
            return
        found = re.search(rb'name="sequence" value="(\d+)"', body)
        assert status == 409 and found, f"{status} {body[:300]!r}"
        piece = piece._replace(sequence=int(found[1]))


def request_for(piece: Confirmation) -> bytes:
    """Return the request htmx sends."""
    body = f"sequence={piece.sequence}"
    return (
        f"POST /triage/visits/{piece.visit}/confirm/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: sessionid={piece.session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\nHX-Request: true\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def books_in_order(desk: Desk, name: str, count: int) -> None:
    """Every visit is given out once, every seat has had its one turn, and the ledgers say so."""
    found = shell(desk, CHECK, NAME=name)
    assert found == {"problems": [], "given": [count, count], "turns": [1]}, found


def port_of(desk: Desk) -> int:
    """Return the door's port."""
    return int(desk.run_file["facts"]["ports"]["site"])


def shell(desk: Desk, code: str, **values: object) -> Any:
    """Run code inside the system, with these words replaced; return what its last line prints, read as JSON."""
    for word, value in values.items():
        code = code.replace(word, str(value))
    done = desk.run("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
