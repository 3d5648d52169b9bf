"""Processes are killed one after the other while the desk works; what was acknowledged is still there at the end."""

import http.cookiejar
import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from tests.ports import free_port

from .desk import Desk, runs, wait_for

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("launch")]
PASSWORD = "a-clerk-at-the-desk"
HOSPITAL = f"""
import json
from datetime import time
from django.utils import timezone
from clinic.catalogue import install_catalogue
from clinic.models import Branch, BranchHours, Department, Project
from clinic.roles import Role
from clinic.services.staff import create_staff
from triage.services import check_in, open_board

now = timezone.now()
branch = Branch.objects.create(code="main", name="滨江院区", name_en="Riverside")
BranchHours.objects.create(branch=branch, weekday=0, opens_at=time(9), closes_at=time(18))
install_catalogue(branch)
today = branch.today(now)
person = lambda name, role: create_staff(login_name=name, display_name=name, branch=branch,
    department=None, roles=[role], password={PASSWORD!r}, active_from=today, now=now)
clerk, doctor = person("clerk", Role.RECEPTION), person("doctor", Role.DOCTOR)
consultants = [person(f"consultant{{n}}", Role.CONSULTANT) for n in range(40)]
open_board(branch=branch, day=today, consultants=consultants, present=consultants, staff=clerk, now=now)
print(json.dumps({{"project": Project.objects.filter(department__kind="surgery").first().pk}}))
"""
TREATMENT = """
from django.utils import timezone
from clinic.models import Project, Staff
from consultations.services import file_treatment
from reception.models import Visitor

now = timezone.now()
visitor, doctor = Visitor.objects.order_by("pk").first(), Staff.objects.get(login_name="doctor")
branch = doctor.branch
file_treatment(visitor=visitor, project=Project.objects.get(pk=PROJECT), doctor=doctor,
    treated_on=branch.today(now), state="done", staff=doctor, branch=branch, now=now)
"""
BOOKS = """
import json
from followups.models import CallBack
from reception.models import Visit
rows = Visit.objects.order_by("number").values_list("pk", "number", "state", "consultant_id")
print(json.dumps({"visits": list(rows), "calls": CallBack.objects.count()}))
"""


@dataclass
class Clerk:
    """Somebody at the desk who repeats what was not answered, as a person would."""

    address: str
    acknowledged: dict[int, int] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    troubles: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = self.ask("/sign-in/")
        self.token = self.token_of(page)
        self.ask("/sign-in/", username="clerk", password=PASSWORD)
        self.token = self.token_of(self.ask("/desk/"))

    @staticmethod
    def token_of(page: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:500]
        return found[1]

    def ask(self, path: str, **fields: str) -> str:
        """Ask as htmx does; raise OSError when nobody answers or the answer is a failure of the server."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self.token, **fields}).encode() if fields else None
        headers = {"HX-Request": "true"} if fields and path != "/sign-in/" else {}
        request = urllib.request.Request(f"{self.address}{path}", data=body, headers=headers)
        with self.browser.open(request, timeout=5) as answer:
            return str(answer.read().decode())

    def until_answered(self, path: str, **fields: str) -> str | None:
        """Repeat until somebody answers; None when it was refused: another try must have gone through."""
        while not self.stop.is_set():
            try:
                return self.ask(path, **fields)
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return None
                self.troubles += 1
            except OSError:
                self.troubles += 1
            time.sleep(0.1)
        return None

    def work(self, project: int) -> None:
        """Register visitors and confirm the proposals, one after the other."""
        number = 0
        while not self.stop.is_set():
            number += 1
            fields = {"request_key": str(uuid4()), "name": f"顾客{number}", "gender": "female", "purpose": "consult"}
            page = self.until_answered("/desk/arrivals/", projects=str(project), another_person="1", **fields)
            found = re.search(r"/triage/visits/(\d+)/proposal/", page or "")
            if not found:
                continue
            visit = int(found[1])
            self.acknowledged[visit] = number
            proposal = self.until_answered(f"/triage/visits/{visit}/proposal/") or ""
            sequence = re.search(r'name="sequence" value="(\d+)"', proposal)
            if sequence and self.until_answered(f"/triage/visits/{visit}/confirm/", sequence=sequence[1]) is not None:
                self.confirmed.add(visit)


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A hospital of its own, running."""
    folder = tmp_path_factory.mktemp("killed")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", free_port())
    desk.up()
    yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.stop()
    assert desk.left() == []


def shell(desk: Desk, code: str) -> Any:
    done = desk.run("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


def worked_on(desk: Desk, clerk: Clerk, name: str, killed: int, before: int) -> None:
    """Wait until another process has the killed one's place and the desk has confirmed three more visits."""
    wait_for(lambda: desk.children.get(name, killed) != killed, f"{name} is back")
    wait_for(lambda: len(clerk.confirmed) >= before + 3, f"the desk works on after {name}")
    desk.seen |= set(desk.children.values())


def test_what_is_recorded_stays_recorded_whatever_is_killed(desk: Desk) -> None:
    project = shell(desk, HOSPITAL)["project"]
    clerk = Clerk(desk.address)
    working = threading.Thread(target=clerk.work, args=(project,))
    working.start()
    try:
        wait_for(lambda: len(clerk.confirmed) >= 3, "the desk works")
        for name in ("worker", "web", "valkey"):
            killed, before = desk.children[name], len(clerk.confirmed)
            os.kill(killed, signal.SIGKILL)
            if name == "worker":
                shell(desk, TREATMENT.replace("PROJECT", str(project)))
            worked_on(desk, clerk, name, killed, before)
        assert desk.process is not None
        children = desk.children
        desk.process.kill()
        desk.process.wait()
        wait_for(lambda: not any(runs(pid) for pid in children.values()), "nobody is left over")
        before = len(clerk.confirmed)
        desk.up()
        wait_for(lambda: len(clerk.confirmed) >= before + 3, "the desk works on after the next start")
    finally:
        clerk.stop.set()
        working.join()
    wait_for(lambda: shell(desk, BOOKS)["calls"] == 4, "the worker built the calls of the treatment")
    visits = shell(desk, BOOKS)["visits"]
    assert [number for _pk, number, _state, _consultant in visits] == list(range(1, len(visits) + 1))
    assert clerk.acknowledged.keys() <= {pk for pk, *_rest in visits}
    held = {pk for pk, _number, state, consultant in visits if state == "waiting" and consultant}
    asked = {pk for pk, _number, state, consultant in visits if not consultant}
    assert clerk.confirmed <= held | asked
    assert len(held) >= min(len(clerk.confirmed), 12)
    checked = desk.run("manage", "check_ledger")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    print(f"\n{len(visits)} visits, {len(clerk.confirmed)} confirmed, {clerk.troubles} tries repeated")
