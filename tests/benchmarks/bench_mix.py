"""P8: fifty people at work at once in the demo hospital, on every screen each of them has."""

import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest

from clinic.launch.ports import any_free
from clinic.roles import Role
from tests.addresses import CLOSED
from tests.benchmarks.bench_requests import TOKEN, port_of, shell
from tests.benchmarks.load import Line
from tests.benchmarks.report import figure
from tests.demo_places import path_of
from tests.launch.desk import Desk

PEOPLE = 50
SECONDS = 90.0
# Between two things somebody does she reads, speaks and types; what she looks at is drawn anew twice meanwhile. That is
# several times what people do who have a visitor before them.
PAUSE = (8.0, 16.0)
# One look in so many is at any other screen she has.
ELSEWHERE = 6
_TREATING = frozenset(
    f"consultations:{name}"
    for name in ("treatments", "treatment", "treatment_work", "treatment_papers", "own_cases", "own_cases_panel")
)
USUAL = {
    Role.RECEPTION: frozenset(
        {"reception:desk", "reception:register", "reception:calendar", "reception:day_log", "triage:board_panel"}
    ),
    Role.CONSULTANT: frozenset(
        {
            *(f"consultations:{name}" for name in ("queue", "queue_panel", "consultation", "story", "participants")),
            *("reception:visitor", "reception:visitor_story", "triage:board_panel"),
        }
    ),
    Role.DOCTOR: _TREATING,
    Role.NURSE: _TREATING,
    Role.BEAUTICIAN: _TREATING,
    Role.DEPARTMENT_DESK: frozenset(
        {"consultations:desk", "consultations:desk_panel", "consultations:treatments", "triage:board_panel"}
    ),
    Role.LABORATORY: frozenset({"consultations:laboratory", "consultations:laboratory_panel"}),
    Role.ASSISTANT: frozenset({"consultations:guide", "consultations:guide_panel"}),
    Role.PHONE_AGENT: frozenset({"reception:calendar", "reception:pre_reports", "consultations:announced"}),
    Role.CUSTOMER_SERVICE: frozenset({"followups:worklist", "followups:card", "complaints:list"}),
}
SIGN_IN = """
import json
from tests.benchmarks.hospital import signed_in
from clinic.models import Project, Staff
people = Staff.objects.filter(branch__code="riverside", active_until=None, groups__isnull=False).order_by("pk")
print(json.dumps({
    "project": Project.objects.filter(department__kind="surgery", offered=True).first().pk,
    "people": [(one.pk, one.groups.first().name, signed_in(one)) for one in people],
}))
"""
OPEN = """
import json
from django.utils import timezone
from clinic.models import Branch, Staff
from triage.models import Board
from triage.services import open_board, set_seat_state
from triage.selectors.boards import FRONT
branch = Branch.objects.get(code="riverside")
now = timezone.now()
clerk = Staff.objects.get(login_name="reception1")
board = Board.objects.filter(branch=branch, desk=FRONT, day=branch.today(now), closed_at=None).first()
if board is None:
    seated = list(Staff.objects.filter(branch=branch, groups__name="consultant", active_until=None))
    board = open_board(branch=branch, day=branch.today(now), consultants=seated, present=seated, staff=clerk, now=now)
print(json.dumps(board.pk))
"""


@dataclass
class Taken:
    """What everything took: seconds by the name of what was asked for; `wrong`: whatever was answered with a fault."""

    by_name: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    counting: bool = False

    def percentile(self, part: int, name: str = "") -> float:
        """Return the milliseconds within which `part` of a hundred answers came, of one name or of all."""
        each = sorted(self.by_name[name] if name else [one for some in self.by_name.values() for one in some])
        return each[min(len(each) - 1, len(each) * part // 100)] * 1000


class Person:
    """Somebody at her screens: one connection, one session."""

    def __init__(self, port: int, role: str, session: str, taken: Taken) -> None:
        self.port, self.line = port, Line(port)
        self.role, self.taken = role, taken
        self.head = (
            f"Host: localhost\r\nCookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
        )
        self.places: list[tuple[str, str]] = []

    @property
    def usual(self) -> list[tuple[str, str]]:
        """Return the places of her work; of who has none of these, all."""
        wanted = USUAL.get(Role(self.role), frozenset())
        return [place for place in self.places if place[0].split()[0] in wanted] or self.places

    def ask(self, what: str, path: str, *, ok: tuple[int, ...] = (200, 204), **fields: object) -> tuple[int, str]:
        """Ask as htmx does, or for a page; a fault is kept, not raised."""
        body = urlencode(fields)
        head = self.head if what.endswith("(page)") else f"{self.head}HX-Request: true\r\n"
        if target := fields.get("target"):
            head += f"HX-Target: {target}\r\n"
        method = "POST" if fields else "GET"
        request = f"{method} {path} HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
        began = time.perf_counter()
        try:
            status, answer = self.line.send(request.encode())
        except (AssertionError, OSError):
            # A connection nobody used for long is closed; a browser opens another.
            self.line.socket.close()
            self.line = Line(self.port)
            status, answer = self.line.send(request.encode())
        text = answer.decode(errors="replace")
        if self.taken.counting:
            self.taken.by_name[what].append(time.perf_counter() - began)
            if status not in ok:
                self.taken.wrong.append(f"{status} {what} {path} {text[:200]}")
        return status, text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole system with the demo hospital, as `make up` runs it."""
    folder = tmp_path_factory.mktemp("mix")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up(demo=True)
    yield desk
    desk.stop()


def test_p8_fifty_people_at_work(desk: Desk) -> None:
    made = shell(desk, SIGN_IN)
    shell(desk, OPEN)
    taken, port = Taken(), port_of(desk)
    rows = _rows(desk.settings["MIGRATION_DATABASE_URL"])
    people = [(Person(port, role, session, taken), pk) for pk, role, session in made["people"]]
    # Receptionists have a second screen, until fifty are at work.
    for pk, role, session in made["people"]:
        if role in (Role.RECEPTION, Role.CUSTOMER_SERVICE) and len(people) < PEOPLE:
            people.append((Person(port, role, session, taken), pk))
    for person, pk in people:
        person.places = list(_places(person, pk, rows))
    screens = {name for person, _pk in people for name, _path in person.places}
    taken.counting = True
    stop = threading.Event()
    at_work = [
        threading.Thread(target=_work, args=(person, made["project"], stop, random.Random(number)))
        for number, (person, _pk) in enumerate(people)
    ]
    for thread in at_work:
        thread.start()
    time.sleep(SECONDS)
    stop.set()
    for thread in at_work:
        thread.join()
    asked = sum(map(len, taken.by_name.values()))
    figure(quality="P8", what=f"{len(people)} people, all requests, p95", ours=taken.percentile(95), limit=None,
           unit="ms", aim="<= 150 ms")  # fmt: skip
    figure(quality="P8", what="the same, p50", ours=taken.percentile(50), limit=None, unit="ms", aim="")
    figure(quality="P8", what="answers", ours=asked / SECONDS, limit=None, unit="/s", aim="")
    figure(quality="P8", what="screens and parts of screens", ours=len(screens), limit=None, unit="", aim="")
    figure(quality="P8", what="faults", ours=len(taken.wrong), limit=None, unit="", aim="0")
    slowest = sorted(taken.by_name, key=lambda name: -taken.percentile(50, name))[:12]
    for name in slowest:
        figure(quality="P8", what=f"slow: {name}, p50", ours=taken.percentile(50, name), limit=None, unit="ms", aim="")
    assert not taken.wrong, "\n".join(taken.wrong[:20])


def _rows(url: str) -> Callable[..., list[tuple[Any, ...]]]:
    def rows(query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as database:
            return database.execute(query, parameters or None).fetchall()

    return rows


def _places(person: Person, pk: int, rows: Callable[..., list[tuple[Any, ...]]]) -> Iterator[tuple[str, str]]:
    """Return name and path of every page and part of one that she may look at and that has something to show."""
    for address in CLOSED:
        if address.access.any_of and address.allows(Role(person.role)):
            path = path_of(address, pk, rows)
            if path is None:
                continue
            for kind in ("(page)", "(part)"):
                status, text = person.ask(f"{address.name} {kind}", path)
                if status == 200 and ("<html" in text) == (kind == "(page)") and text.lstrip()[:1] == "<":
                    yield f"{address.name} {kind}", path
                    break


def _work(person: Person, project: int, stop: threading.Event, dice: random.Random) -> None:
    parts = [place for place in person.usual if place[0].endswith("(part)")] or person.usual
    with closing(person.line.socket):
        stop.wait(dice.uniform(0, PAUSE[1]))
        while not stop.is_set():
            if person.role == Role.RECEPTION and dice.random() < 0.4:
                _register(person, project)
            elif person.role == Role.CONSULTANT and dice.random() < 0.5:
                _receive(person)
            else:
                person.ask(*dice.choice(person.usual if dice.randrange(ELSEWHERE) else person.places))
            for _part in range(2):
                stop.wait(dice.uniform(*PAUSE) / 3)
                person.ask(*dice.choice(parts))
            stop.wait(dice.uniform(*PAUSE) / 3)


def _register(person: Person, project: int) -> None:
    """Find nobody by what is typed, register somebody new, confirm what is proposed."""
    name = f"顾客{uuid4().hex[:6]}"
    for typed in (name[:2], name[:4]):
        person.ask("reception:find (part)", "/desk/find/", q=typed)
    _status, page = person.ask(
        "reception:arrive",
        "/desk/arrivals/",
        ok=(200, 201),
        request_key=uuid4(),
        name=name,
        gender="female",
        purpose="consult",
        projects=project,
        another_person="1",
    )
    found = re.search(r"/triage/visits/(\d+)/proposal/", page)
    if not found:
        return
    _status, page = person.ask("triage:proposal (part)", f"/triage/visits/{found[1]}/proposal/")
    for _try in range(5):
        sequence = re.search(r'name="sequence" value="(\d+)"', page)
        if not sequence:
            return
        status, page = person.ask(
            "triage:confirm", f"/triage/visits/{found[1]}/confirm/", ok=(200, 409), sequence=sequence[1]
        )
        if status == 200:
            return


def _receive(person: Person) -> None:
    """Take who waits, write in her record, part without a deal."""
    _status, queue = person.ask("consultations:queue_panel (part)", "/queue/panel/")
    if waiting := re.search(r'action="(/queue/\d+/accept/)"', queue):
        person.ask("consultations:accept", waiting[1], ok=(200, 204, 409), target="queue")
        _status, queue = person.ask("consultations:queue_panel (part)", "/queue/panel/")
    held = re.search(r'href="(/consultations/\d+/)"', queue)
    if not held:
        return
    room = held[1]
    person.ask("consultations:consultation (page)", room)
    person.ask("consultations:enter", f"{room}enter/", ok=(200, 204, 409, 422), target="work")
    for part in ("story", "papers"):
        person.ask(f"consultations:{part} (part)", f"{room}{part}/")
    text = ""
    for word in ("皮肤偏薄", "，先做护理", "，两周后再看"):
        person.ask("consultations:record", f"{room}record/", ok=(200, 409), notes=text + word, seen_notes=text)
        text += word
    person.ask(
        "consultations:no_deal", f"{room}no-deal/", ok=(200, 409, 422), reason="再考虑", version="", target="work"
    )
    person.ask("consultations:finish", f"{room}finish/", ok=(200, 204, 409, 422), target="work")
