"""People at the desk of a running system, who repeat what was not answered, as people do."""

import http.client
import http.cookiejar
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from .desk import PATIENCE, Desk

PASSWORD = "a-clerk-at-the-desk"
HOSPITAL = f"""
import json
from datetime import time, timedelta
from django.utils import timezone
from clinic.catalogue import install_catalogue
from clinic.models import Branch, BranchHours, Project
from clinic.roles import Role
from clinic.services.staff import create_staff
from triage.models import Policy
from triage.services import open_board

now = timezone.now()
branch = Branch.objects.create(code="house", name="滨江院区", name_en="Riverside")
BranchHours.objects.create(branch=branch, weekday=0, opens_at=time(9), closes_at=time(18))
today = branch.today(now)
person = lambda name, role, password=None: create_staff(login_name=name, display_name=name, branch=branch,
    department=None, roles=[role], password=password, active_from=today - timedelta(days=7), now=now)
clerk, doctor = person("clerk", Role.RECEPTION, {PASSWORD!r}), person("doctor", Role.DOCTOR)
consultants = [person(f"consultant{{n}}", Role.CONSULTANT) for n in range(CONSULTANTS)]
# Who leaves has used the turn: so the clerks themselves free the seats again, and the board stays fair.
Policy.objects.create(branch=branch, version=1, starts_on=today, preset="standard",
    settings={{"left_early_minutes": 0}})
open_board(branch=branch, day=today, consultants=consultants, present=consultants, staff=clerk, now=now)
install_catalogue(branch)
print(json.dumps({{"project": Project.objects.filter(department__kind="surgery").first().pk}}))
"""
STATE = re.compile(r'class="panel proposal proposal-(\w+)"')
SEQUENCE = re.compile(r'name="sequence" value="(\d+)"')
# What the desk reads while the database, or everything behind the door, is away; in both languages.
AWAY = ("数据库暂时连不上", "The database is away for a moment", "系统正在启动，请稍候再试。")


def make_hospital(desk: Desk, *, consultants: int) -> int:
    """Make a branch with a clerk and an open board of so many seats; return a project visitors come for."""
    return int(shell(desk, HOSPITAL.replace("CONSULTANTS", str(consultants)))["project"])


def shell(desk: Desk, code: str) -> Any:
    """Run code inside the system; return what its last line prints, read as JSON."""
    done = desk.run("manage", "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk was answered."""

    status: int
    text: str

    @property
    def state(self) -> str:
        """What has become of the visit it shows: proposed, settled, asked, over; empty when it shows none."""
        found = STATE.search(self.text)
        return found[1] if found else ""


@dataclass
class Heard:
    """When whoever is at work was last answered: seconds of the monotonic clock."""

    at: float = field(default_factory=time.monotonic)


@dataclass
class Browser:
    """A signed-in browser at the desk."""

    address: str
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)
    token: str = ""
    timeout: float = 20.0
    heard: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def sign_in(self, name: str) -> "Browser":
        """Sign in as a clerk."""
        self.token = self._token_of(self.ask("/sign-in/"))
        self.ask("/sign-in/", username=name, password=PASSWORD)
        self.token = self._token_of(self.ask("/desk/"))
        return self

    def another(self) -> "Browser":
        """Return a browser in the same session."""
        return Browser(self.address, self.cookies, self.token, self.timeout, self.heard)

    def ask(self, path: str, **fields: str) -> Answer:
        """Ask as htmx does; raise OSError when nobody answers."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self.token, **fields}).encode() if fields else None
        headers = {} if path == "/sign-in/" else {"HX-Request": "true"} if fields else {}
        request = urllib.request.Request(f"{self.address}{path}", data=body, headers=headers)
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode())
        except http.client.HTTPException as error:
            raise ConnectionError(repr(error)) from error

    @staticmethod
    def _token_of(page: Answer) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text[:500]
        return found[1]


@dataclass
class Clerk:
    """Somebody who registers visitors, confirms what is proposed for them, and sees them off.

    `registered` and `confirmed`: what was acknowledged to her, by visit. `repeated`: how often she had to ask again
    because no answer came, or one of a failure; `moved`: because the board had. `unclear`: failures told without a
    sentence. `longest`: the seconds she once had to try.
    """

    browser: Browser
    project: int
    stop: threading.Event
    registered: dict[int, str] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    repeated: int = 0
    moved: int = 0
    longest: float = 0.0
    unclear: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Go on until told to stop, and then stop at the next answer."""
        while not self.stop.is_set():
            visit = self.register(str(uuid4()))
            if visit is not None and self.confirm(visit):
                self.until_answered(f"/triage/visits/{visit}/leave/", reason="")

    def register(self, request_key: str) -> int | None:
        """Register somebody nobody knows; return her visit."""
        page = self.until_answered(
            "/desk/arrivals/",
            request_key=request_key,
            name=f"顾客{request_key[:8]}",
            gender="female",
            purpose="consult",
            projects=str(self.project),
            another_person="1",
        )
        found = re.search(r"/triage/visits/(\d+)/proposal/", page.text)
        if not found:
            self.unclear.append(f"{page.status} {page.text[:300]}")
            return None
        self.registered[int(found[1])] = request_key
        return int(found[1])

    def confirm(self, visit: int) -> bool:
        """Confirm what is proposed, and what is proposed instead; return whether it was done before the stop."""
        shown = self.until_answered(f"/triage/visits/{visit}/proposal/")
        while shown.state == "proposed" and (sequence := SEQUENCE.search(shown.text)):
            if self.stop.is_set():
                return False
            shown = self.until_answered(f"/triage/visits/{visit}/confirm/", sequence=sequence[1])
            self.moved += shown.status == 409 and shown.state == "proposed"
        if shown.state not in ("settled", "asked"):
            self.unclear.append(f"{shown.status} {shown.text[:300]}")
            return False
        self.confirmed.add(visit)
        return True

    def until_answered(self, path: str, **fields: str) -> Answer:
        """Ask until there is an answer that is none of a failure."""
        began = time.monotonic()
        tries = 0
        while True:
            try:
                answer = self.browser.ask(path, **fields)
            except OSError:
                pass
            else:
                if answer.status < 500:
                    self.browser.heard.at = time.monotonic()
                    break
                if not any(sentence in answer.text for sentence in AWAY) or "Traceback" in answer.text:
                    self.unclear.append(f"{answer.status} {path} {answer.text[:300]}")
            tries += 1
            time.sleep(0.1)
            # While processes are killed one clerk may be unlucky for long; nobody being answered is a failure.
            assert time.monotonic() < max(began, self.browser.heard.at) + PATIENCE, f"nobody answers {path}"
        if tries:
            self.repeated += tries
            self.longest = max(self.longest, time.monotonic() - began)
        return answer
