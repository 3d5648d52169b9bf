"""A month played again under a draft of other rules, by keyboard: its progress, stopped once, and its result."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from clinic.launch.paths import ROOT
from clinic.roles import Role
from tests.browser.conftest import SignIn
from tests.browser.keyboard import reach, tab_to
from tests.browser.stack import Stack

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
PRESET = "strict"
RESULTS = "select id from triage_rehearsal order by id"


@contextmanager
def decisions_held_back(stack: Stack) -> Iterator[Callable[[], None]]:
    """Keep whoever reads decisions waiting, so that the work stands still; the function given lets one reader by."""
    with psycopg.connect(stack.database_url) as connection:

        def hold() -> None:
            connection.execute("lock table triage_decision in access exclusive mode")

        def let_by() -> None:
            connection.commit()
            hold()

        hold()
        yield let_by


def type_day(page: Page, selector: str, day: date) -> None:
    """Type a day into a date field, whose parts stand in the order of the browser's own language."""
    tab_to(page, selector, 60)
    page.keyboard.type(f"{day:%m%d%Y}")
    expect(page.locator(selector)).to_have_value(day.isoformat())


def start(page: Page, first_on: date, last_on: date) -> None:
    """Go from the versions of the rules to a draft of the strict ones, and rehearse the days under it."""
    keys = page.keyboard
    page.goto("/triage/policies/")
    reach(page, page.locator(".actions .btn-primary"), 60)
    keys.press("Enter")
    page.wait_for_url("**/triage/policies/new/")
    reach(page, page.locator(f".preset-choice a[href$='preset={PRESET}']"), 60)
    keys.press("Enter")
    page.wait_for_url(f"**preset={PRESET}")
    tab_to(page, "#id_reason", 60)
    keys.type("试算严格制度")
    reach(page, page.locator("button[value=compare]").first, 5)
    keys.press("Enter")
    expect(page.locator("#changes-head")).to_be_visible()
    type_day(page, "#id_first_on", first_on)
    type_day(page, "#id_last_on", last_on)
    reach(page, page.locator("button[value=rehearse]"), 5)
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(page.locator("body")).to_have_attribute("data-connection", "live")


def on_the_command_line(path: str) -> dict[str, Any]:
    """Play a day by `manage.py rehearse`; return its last line."""
    command = [sys.executable, "manage.py", "rehearse", path, "--policy", PRESET]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


def test_a_month_is_rehearsed_stopped_and_rehearsed_again(stack: Stack, sign_in: SignIn, tmp_path: Path) -> None:
    (last_on,) = stack.rows(
        "select max(day) from triage_board b join clinic_branch c on c.id = b.branch_id"
        " where c.code = 'riverside' and desk = 'front' and closed_at is not null"
    )[0]
    first_on = last_on - timedelta(days=27)
    before = stack.rows(RESULTS)
    page = sign_in(Role.MANAGER, language="zh")
    keys = page.keyboard
    count = page.locator("#job p.num")
    bar = page.locator("#job progress")

    with decisions_held_back(stack) as let_by:
        start(page, first_on, last_on)
        expect(count).to_have_text("0 / 28")
        let_by()
        expect(count).to_have_text(re.compile(r"^[1-9]\d* / 28$"))
        assert 0 < bar.evaluate("bar => bar.position") < 1
        assert page.watch.faults("zh") == []  # type: ignore[attr-defined]
        reach(page, page.locator("form[action$='/cancel/'] button"), 60)
        keys.press("Enter")
        expect(page.locator("#job")).to_contain_text("已请求停止")
    expect(page.locator("#job")).to_contain_text("已取消")
    expect(page.locator("#job a")).to_have_count(0)
    assert page.watch.faults("zh") == []  # type: ignore[attr-defined]
    assert stack.rows(RESULTS) == before

    start(page, first_on, last_on)
    expect(count).to_have_text("28 / 28")
    assert bar.evaluate("bar => bar.position") == 1
    reach(page, page.locator("#job .btn-primary"), 60)
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/triage/rehearsals/\d+/$"))
    expect(page.locator(".rehearsal-charts :is(canvas, svg)")).to_have_count(2)
    assert page.watch.faults("zh") == []  # type: ignore[attr-defined]

    rows = page.locator(".rehearsal-charts + table tbody tr")
    shown = {
        cells[0]: (int(cells[2]), int(cells[4]))
        for cells in (row.locator("th, td").all_inner_texts() for row in rows.all())
    }
    written = stack.make(
        "write_days", folder=str(tmp_path), preset=PRESET, first_on=str(first_on), last_on=str(last_on)
    )
    with ThreadPoolExecutor(2) as pool:
        boards = [last["board"] for last in pool.map(on_the_command_line, written["days"])]
    assert len(boards) == 28
    turns: Counter[str] = Counter()
    receptions: Counter[str] = Counter()
    for board in boards:
        for seat, figures in board.items():
            turns[written["names"][seat]] += figures["turns"]
            receptions[written["names"][seat]] += figures["receptions"]
    assert sum(turns.values()) > 100
    assert shown == {name: (turns[name], receptions[name]) for name in turns}
