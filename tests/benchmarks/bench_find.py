"""P3: finding a visitor among a million: every kind of key, rare and common, the look-up and the whole request."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from clinic.launch.ports import any_free
from tests.benchmarks.bench_requests import TOKEN, port_of, shell
from tests.benchmarks.finding import TYPED
from tests.benchmarks.load import Line, put_under_load
from tests.benchmarks.million import VISITORS, add_million
from tests.benchmarks.report import figure
from tests.launch.desk import Desk

REQUESTS = 200
BEGIN = """
import json
from datetime import date
from clinic.models import Branch
from clinic.roles import Role
from reception.services import register_visitor
from django.utils import timezone
from tests.benchmarks.hospital import signed_in
from tests.conftest import make_branch
from tests.factories.triage import make_consultant
from tests.benchmarks.million import RARE
branch = make_branch("find")
clerk = make_consultant(branch, "clerk", Role.RECEPTION)
name, phone = RARE
register_visitor(name=name, phone=phone, branch=branch, staff=clerk, now=timezone.now())
print(json.dumps({"branch": branch.pk, "clerk": clerk.pk, "session": signed_in(clerk)}))
"""
MEASURE = "import json; from tests.benchmarks import finding; print(json.dumps(finding.measured()))"
PLANS = "import json; from tests.benchmarks import finding; print(json.dumps(finding.plans()))"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str]]:
    """The whole system as `make up` runs it, with a million visitors; and the session of a clerk."""
    folder = tmp_path_factory.mktemp("bench-find")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o755)
    desk = Desk(folder / "state", any_free())
    desk.up()
    try:
        made = shell(desk, BEGIN)
        owner = desk.settings["MIGRATION_DATABASE_URL"]
        add_million(owner, clerk=made["clerk"], branch=made["branch"])
        yield desk, made["session"]
    finally:
        desk.stop()


def test_p3_no_table_is_read_whole(found: tuple[Desk, str]) -> None:
    desk, _session = found
    plans: dict[str, list[str]] = shell(desk, PLANS)
    assert plans.keys() == {one.text for one in TYPED}
    for text, reads in plans.items():
        assert reads and set(reads) <= {"Index Only Scan", "Index Scan"}, f"{text}: {reads}"


def test_p3_look_up(found: tuple[Desk, str]) -> None:
    desk, _session = found
    by_name: dict[str, dict[str, Any]] = {one["what"]: one for one in shell(desk, MEASURE)}
    for what, one in by_name.items():
        assert one["found"], what
        said = f"find among {VISITORS:,}, look-up, {what}"
        figure(quality="P3", what=said, ours=one["ours"], limit=one["limit"], unit="ms", aim="<= 2 x")
    for what in ("surname", "pinyin of a surname"):
        common, rare = by_name[f"{what}, common"]["ours"], by_name[f"{what}, rare"]["ours"]
        figure(quality="P3", what=f"{what}: common beside rare", ours=common, limit=rare, unit="ms", aim="as fast")


def test_p3_whole_request(found: tuple[Desk, str]) -> None:
    desk, session = found
    for one in TYPED:
        request = request_for(session, one.text)
        # What a worker does once, on its first request of a kind, is none of the typing.
        put_under_load(port_of(desk), [[request] * 20], answered)
        done = put_under_load(port_of(desk), [[request] * REQUESTS], answered)
        what = f"find among {VISITORS:,}, HTTP, one client, {one.what}"
        figure(quality="P3", what=f"{what}, p50", ours=done.percentile(50), limit=None, unit="ms", aim="")
        figure(quality="P3", what=f"{what}, p95", ours=done.percentile(95), limit=None, unit="ms", aim="<= 10 ms")


def answered(line: Line, request: bytes) -> None:
    """Ask, and find somebody."""
    status, body = line.send(request)
    assert status == 200 and b"/desk/arrivals/new/?visitor=" in body, f"{status} {body[:300]!r}"


def request_for(session: str, text: str) -> bytes:
    """Return the request htmx sends while somebody types."""
    body = f"q={quote(text)}"
    return (
        f"POST /desk/find/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: sessionid={session}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\nHX-Request: true\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
