"""R5: one request sent a hundred times at once to running servers does its work once, and every answer says so."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from clinic.launch.ports import any_free

from .clerks import SEQUENCE, Answer, Browser, make_hospital, shell
from .desk import PATIENCE, Desk

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("launch")]
TIMES = 100
COUNTS = """
import json
from reception.models import Visit, Visitor
from triage.models import Decision, LedgerEntry
print(json.dumps([model.objects.count() for model in (Visitor, Visit, Decision)]
    + [LedgerEntry.objects.filter(kind="allocated").count()]))
"""
ANSWER = re.compile(r'<p class="proposal-answer">(.*?)</p>')


@pytest.fixture(scope="module")
def at_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Browser, str]]:
    """A running system with one open board, a clerk's browser, and a project visitors come for."""
    folder = tmp_path_factory.mktemp("at-once")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up()
    try:
        project = make_hospital(desk, consultants=12)
        yield desk, Browser(desk.address, timeout=PATIENCE).sign_in("clerk"), str(project)
    finally:
        desk.stop()
    assert desk.left() == []


def sent_at_once(browser: Browser, path: str, **fields: str) -> list[Answer]:
    """Send one request from a hundred connections at the same moment; return the answers."""
    together = threading.Barrier(TIMES)

    def send(_number: int) -> Answer:
        own = browser.another()
        together.wait()
        return own.ask(path, **fields)

    with ThreadPoolExecutor(TIMES) as pool:
        return list(pool.map(send, range(TIMES)))


def arrival(project: str, **fields: str) -> dict[str, str]:
    """Return what the arrival form sends."""
    form = {"request_key": str(uuid4()), "purpose": "consult", "projects": project, "another_person": "1"}
    return {**form, **fields}


def test_r5_one_arrival_and_one_proposal_sent_a_hundred_times(at_desk: tuple[Desk, Browser, str]) -> None:
    desk, browser, project = at_desk
    fields = arrival(project, name="欧阳静", gender="female")

    answers = sent_at_once(browser, "/desk/arrivals/", **fields)

    assert Counter(answers) == {answers[0]: TIMES}
    assert answers[0].status == 200
    assert shell(desk, COUNTS) == [1, 1, 0, 0]

    found = re.search(r"/triage/visits/(\d+)/proposal/", answers[0].text)
    assert found
    proposed = SEQUENCE.search(browser.ask(f"/triage/visits/{found[1]}/proposal/").text)
    assert proposed

    answers = sent_at_once(browser, f"/triage/visits/{found[1]}/confirm/", sequence=proposed[1])

    assert Counter(answer.status for answer in answers) == {200: 1, 409: TIMES - 1}
    assert {answer.state for answer in answers} == {"settled"}
    assert len({said for answer in answers for said in ANSWER.findall(answer.text)}) == 1
    assert shell(desk, COUNTS) == [1, 1, 1, 1]
    checked = desk.run("manage", "check_ledger")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_r5_one_arrival_of_a_visitor_on_file_sent_a_hundred_times(at_desk: tuple[Desk, Browser, str]) -> None:
    desk, browser, project = at_desk
    first = browser.ask("/desk/arrivals/", **arrival(project, name="王小美", gender="female"))
    found = re.search(r"/triage/visits/(\d+)/proposal/", first.text)
    card = re.search(r"/visitors/(\d+)/", first.text)
    assert found and card
    browser.ask(f"/triage/visits/{found[1]}/leave/", reason="")
    visitors, visits, decisions, given = shell(desk, COUNTS)

    answers = sent_at_once(browser, "/desk/arrivals/", **arrival(project, visitor=card[1]))

    assert Counter(answers) == {answers[0]: TIMES}
    assert answers[0].status == 200
    assert shell(desk, COUNTS) == [visitors, visits + 1, decisions, given]
