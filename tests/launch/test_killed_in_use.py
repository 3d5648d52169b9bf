"""Processes are killed while the desk works; what was acknowledged is still there at the end, and nothing twice."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from clinic.launch.ports import any_free

from .clerks import Browser, Clerk, make_hospital, shell
from .desk import Desk, runs, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("launch")]
# All at one desk: whoever confirms makes what was proposed to the others stale, and they confirm what is proposed anew.
CLERKS, CONSULTANTS = 32, 40
SECONDS = 30
TREATMENT = """
from datetime import timedelta
from django.utils import timezone
from clinic.models import Project, Staff
from consultations.services import file_treatment
from reception.models import Visitor

now = timezone.now()
visitor, doctor = Visitor.objects.order_by("pk").first(), Staff.objects.get(login_name="doctor")
branch = doctor.branch
file_treatment(visitor=visitor, project=Project.objects.get(pk=PROJECT), doctor=doctor,
    treated_on=branch.today(now - timedelta(days=1)), state="done", staff=doctor, branch=branch, now=now)
"""
BOOKS = """
import json
from followups.models import CallBack
from reception.models import Visit
from triage.models import Board, LedgerEntry
told = lambda board: {
    "visits": [(pk, number, str(key)) for pk, number, key in Visit.objects.filter(branch=board.branch)
        .order_by("number").values_list("pk", "number", "request_key")],
    "given": list(LedgerEntry.objects.filter(board=board, kind="allocated").values_list("visit", flat=True)),
    "turns": [seat["counted"] + seat["make_ups"] for seat in board.state["seats"]],
}
print(json.dumps({"boards": [told(board) for board in Board.objects.all()], "calls": CallBack.objects.count()}))
"""


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A hospital of its own, running."""
    folder = tmp_path_factory.mktemp("killed")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up()
    yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.stop()
    assert desk.left() == []


@contextmanager
def clerks_at_work(desk: Desk, count: int = CLERKS) -> Iterator[list[Clerk]]:
    """Let so many clerks work at one desk meanwhile."""
    project = make_hospital(desk, consultants=CONSULTANTS)
    stop = threading.Event()
    browser = Browser(desk.address).sign_in("clerk")
    clerks = [Clerk(browser.another(), project, stop) for _ in range(count)]
    working = [threading.Thread(target=clerk.work) for clerk in clerks]
    for thread in working:
        thread.start()
    try:
        wait_for(lambda: confirmed_by(clerks), "the desk works")
        yield clerks
    finally:
        stop.set()
        for thread in working:
            thread.join()


def confirmed_by(clerks: list[Clerk]) -> int:
    """Count what was confirmed to all of them."""
    return sum(len(clerk.confirmed) for clerk in clerks)


def works_on(clerks: list[Clerk], before: int, what: str) -> None:
    """Wait until another visit is confirmed."""
    wait_for(lambda: confirmed_by(clerks) > before, f"the desk works on after {what}")


def kill_for(seconds: float, clerks: list[Clerk], victim: Callable[[], int | None]) -> int:
    """Kill whoever `victim` names, at random moments, each time after the desk got on; return how often."""
    chance = random.Random(7)
    end, kills = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        before = confirmed_by(clerks)
        time.sleep(chance.uniform(0.2, 1.5))
        with suppress(OSError):
            if (pid := victim()) is not None:
                os.kill(pid, signal.SIGKILL)
                kills += 1
        works_on(clerks, before, "a kill")
    return kills


def children_of(parent: int) -> list[int]:
    """Return the processes a process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "stat").read_text().rpartition(")")[2].split()[1] == str(parent):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def books_in_order(desk: Desk, clerks: list[Clerk], *killed: str) -> None:
    """Nothing acknowledged is missing, nothing is there twice, boards are fair, and their ledgers say the same."""
    unclear = [words for clerk in clerks for words in clerk.unclear]
    assert not unclear, unclear[:3]
    registered: dict[int, str] = {}
    given: list[int] = []
    for board in shell(desk, BOOKS)["boards"]:
        assert [number for _pk, number, _key in board["visits"]] == list(range(1, len(board["visits"]) + 1))
        assert sum(board["turns"]) == len(board["given"])
        assert max(board["turns"]) - min(board["turns"]) <= 1
        registered |= {pk: key for pk, _number, key in board["visits"]}
        given += board["given"]
    assert registered == {pk: key for clerk in clerks for pk, key in clerk.registered.items()}
    assert len(set(registered.values())) == len(registered)
    assert sorted(given) == sorted(pk for clerk in clerks for pk in clerk.confirmed)
    checked = desk.run("manage", "check_ledger")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    repeated, moved = sum(clerk.repeated for clerk in clerks), sum(clerk.moved for clerk in clerks)
    print(
        f"\n{len(clerks)} clerks: {len(registered)} arrivals and {len(given)} allocations acknowledged; killed:"
        f" {', '.join(killed)}; {repeated} tries repeated, {moved} confirmed anew because the board had moved;"
        f" longest outage {max(clerk.longest for clerk in clerks):.1f} s"
    )


def test_what_is_recorded_stays_recorded_whatever_is_killed(desk: Desk) -> None:
    with clerks_at_work(desk, 1) as clerks:
        for name in ("worker", "web", "valkey"):
            killed, before = desk.children[name], confirmed_by(clerks)
            os.kill(killed, signal.SIGKILL)
            if name == "worker":
                shell(desk, TREATMENT.replace("PROJECT", str(clerks[0].project)))
            wait_for(partial(desk.restarted, name, killed), f"{name} is back")
            works_on(clerks, before, name)
            desk.seen |= set(desk.children.values())
        assert desk.process is not None
        children = desk.children
        desk.process.kill()
        desk.process.wait()
        wait_for(lambda: not any(runs(pid) for pid in children.values()), "nobody is left over")
        before = confirmed_by(clerks)
        desk.up()
        works_on(clerks, before, "the next start")
    wait_for(lambda: shell(desk, BOOKS)["calls"] == 4, "the worker built the calls of the treatment")
    books_in_order(desk, clerks, "worker", "web", "valkey", "supervisor")


def test_r2_web_workers_killed_at_random(desk: Desk) -> None:
    def worker() -> int | None:
        workers = children_of(desk.children["web"])
        return random.Random(len(workers)).choice(workers) if workers else None

    with clerks_at_work(desk) as clerks:
        kills = kill_for(SECONDS, clerks, worker)
    assert kills >= 3
    books_in_order(desk, clerks, f"{kills} web workers")


def test_r3_postgresql_killed_and_back(desk: Desk) -> None:
    killed: list[str] = []

    def backend_or_server() -> int | None:
        server = desk.children.get("postgres")
        if server is None:
            return None
        desk.seen.add(server)
        backends = [pid for pid in children_of(server) if b"frontdesk_app" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        killed.append("server" if len(killed) % 2 or not backends else "backend")
        return server if killed[-1] == "server" else backends[0]

    with clerks_at_work(desk) as clerks:
        kill_for(SECONDS, clerks, backend_or_server)
    assert {"server", "backend"} <= set(killed)
    assert sum(clerk.repeated for clerk in clerks) > 0
    books_in_order(
        desk, clerks, f"{killed.count('backend')} backends of PostgreSQL", f"{killed.count('server')} servers"
    )
