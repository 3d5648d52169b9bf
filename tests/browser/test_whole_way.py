"""One visitor's whole way: from the door to the weekly report, in both languages, on the real system."""

import re
import time
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from followups.due import Unit
from tests.browser.conftest import Language, SignIn
from tests.browser.keyboard import tab_to
from tests.browser.stack import Stack
from tests.followups.reckoning import due_on

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

# Every consultant but one is made unable to take a visit now; the one is prepared to, so that the rules must name her.
ONE_IS_FREE = """
from datetime import timedelta
from django.utils import timezone
from clinic.models import Staff
from triage.models import Board
from triage.selectors import board_rows
from triage.services import set_seat_state

now = timezone.now()
board = Board.objects.filter(branch__code="riverside", desk="front").latest("day")
clerk = Staff.objects.get(login_name="reception1")
rows = board_rows(board, now)
limited = set(Staff.objects.exclude(scope=None).values_list("pk", flat=True))
limited |= set(Staff.objects.exclude(excluded=None).values_list("pk", flat=True))
away = ("free", "off", "out", "late")
chosen = next(row for row in rows if row.state in away and not row.waiting and row.staff_id not in limited)
for row in rows:
    consultant = Staff.objects.get(pk=row.staff_id)
    if row.staff_id == chosen.staff_id:
        set_seat_state(board=board, consultant=consultant, state="free", staff=clerk, now=now)
    elif row.state == "free" or row.free_in is not None:
        back = now + timedelta(hours=1)
        set_seat_state(board=board, consultant=consultant, state="out", until=back, staff=clerk, now=now)
print(Staff.objects.get(pk=chosen.staff_id).login_name)
"""
STEPS: list[tuple[int, Unit]] = [(2, "days"), (1, "months"), (3, "months"), (6, "months")]
NAMES = {"zh": ("单于静怡", "139 1234 0871"), "en": ("Grace O'Brien <b>", "139 1234 0872")}
WORDS = {
    "zh": {
        "first": "初诊",
        "in_room": "在咨询室",
        "finished": "结束",
        "deal": "成交",
        "major": "重大",
        "unhappy": "肿得厉害，说没人管她",
    },
    "en": {
        "first": "First visit",
        "in_room": "In the room",
        "finished": "Finished",
        "deal": "Deal",
        "major": "Major",
        "unhappy": "Badly swollen, nobody cared",
    },
}


def mark(page: Page) -> None:
    """Leave a mark that a reload would wipe out."""
    page.evaluate("() => { window.stillTheSamePage = true }")


def unreloaded(page: Page) -> bool:
    """Say whether the page is the one that was marked."""
    return page.evaluate("() => window.stillTheSamePage === true") is True


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whole_way(stack: Stack, sign_in: SignIn, language: Language) -> None:
    name, phone = NAMES[language]
    words = WORDS[language]
    consultant_login = stack.manage("shell", "-v", "0", "-c", ONE_IS_FREE).split()[-1]
    consultant_name = str(
        stack.rows("select display_name from clinic_staff where login_name = %s", consultant_login)[0][0]
    )

    # Reception takes a first visitor in by keyboard alone; the rules name a consultant and say why.
    desk = sign_in("reception1", language=language)
    keys = desk.keyboard
    expect(desk.locator("#find")).to_be_focused()
    keys.type(name)
    expect(desk.locator("#find-list [data-new]")).to_be_visible()
    keys.press("Shift+Enter")
    form = desk.locator("#arrival-form")
    expect(form.locator("[name=name]")).to_have_value(name)
    tab_to(desk, "[name=phone]")
    keys.type(phone)
    tab_to(desk, "#projects-text")
    project = stack.rows(
        "select p.name, p.name_en, p.id from clinic_project p join clinic_department d on d.id = p.department_id"
        " where p.offered and d.kind = 'surgery' order by p.rank, p.code limit 1"
    )[0]
    keys.type(str(project[0] if language == "zh" else project[1]))
    keys.press("Enter")
    expect(form.locator(".picker-chips .chip")).to_have_count(1)
    keys.press("Enter")
    answer = desk.locator("#proposal-answer")
    expect(answer).to_contain_text(consultant_name)
    keys.press("w")
    why = desk.locator("#proposal .why")
    expect(why).to_be_visible()
    for rule in ("C1", "A12", "T1"):
        expect(why.locator(".why-rules")).to_contain_text(rule)
    expect(why.locator(".why-seats tr").first).to_be_visible()

    # Her screen is open already; the visitor appears on it by itself.
    room = sign_in(consultant_login, language=language)
    room.goto("/queue/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")
    mark(room)
    desk.locator("#proposal .btn-primary").focus()
    started = time.monotonic()
    keys.press("Enter")
    expect(room.locator(".next-visitor")).to_contain_text(name)
    print(f"\n{language}: on the consultant's screen {1000 * (time.monotonic() - started):.0f} ms after Enter")
    assert unreloaded(room)
    visit = visit_of(stack, name)
    assert (visit["visit_type"], visit["rule"], visit["state"]) == ("first", "A12", "waiting")
    assert visit["turn"] in ("counted", "make_up")
    row = desk.locator("#register tr", has_text=name)
    expect(row).to_contain_text(consultant_name)
    expect(row).to_contain_text(words["first"])

    # Accepted, in the room, a deal, an operation.
    room.keyboard.press("a")
    room.wait_for_url(re.compile(r"/consultations/\d+/$"))
    room.wait_for_load_state("load")
    room.keyboard.press("e")
    expect(row).to_contain_text(words["in_room"])
    room.locator("[data-key=d]").first.click()
    deal = room.locator("#deal-form")
    deal.locator("[name=kind][value=deposit]").check()
    deal.locator("[name=lines-0-project]").select_option(str(project[2]))
    deal.locator("[name=lines-0-amount]").fill("12,800")
    deal.locator("[name=deposit]").fill("1,000")
    deal.locator(".btn-primary").click()
    expect(room.locator("#outcome .panel-head")).to_contain_text(words["deal"])
    expect(room.locator("#outcome .deal-amount")).to_contain_text("12,800")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    room.locator("[data-key=t]").click()
    treatment = room.locator("#treatment-form")
    treatment.locator("[name=project]").select_option(str(project[2]))
    treatment.locator("[name=doctor]").select_option(index=1)
    treatment.locator("[name=treated_on]").fill(today.isoformat())
    treatment.locator(".btn-primary").click()
    expect(room.locator("#treatments-filed tbody tr")).to_have_count(1)

    # The worker has built the four calls.
    calls = four_calls(stack, visit["visitor"])
    assert [due for _pk, due in calls] == [due_on(today, offset, unit) for offset, unit in STEPS]
    room.locator("[data-key=f]").last.click()
    expect(row).to_contain_text(words["finished"])
    owner = stack.rows(
        "select s.login_name from reception_visitor p join clinic_staff s on s.id = p.owner_id where p.id = %s",
        visit["visitor"],
    )
    assert owner == [(consultant_login,)]

    # The supervisor's screen is open. Customer service opens the day-2 card, hears that she is unhappy, and complains.
    supervisor = sign_in("service-supervisor", language=language)
    supervisor.goto("/complaints/")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    mark(supervisor)
    service = sign_in("service1", language=language)
    service.goto("/call-backs/?tab=upcoming")
    service.locator("#worklist tr", has_text=name).locator("form button").click()
    expect(service.locator("#attempt")).to_be_visible()
    expect(service.locator(".script-opening")).to_contain_text(name)
    service.wait_for_load_state("load")
    service.keyboard.press("1")
    service.keyboard.press("1")
    service.keyboard.press("a")
    service.locator("[name=notes]").fill(words["unhappy"])
    service.locator("#attempt [value=complaint]").click()
    complaint = service.locator("#open-complaint")
    expect(complaint).to_contain_text(name)
    complaint.locator("[name=text]").fill(words["unhappy"])
    complaint.locator("[name=category][value=effect]").check()
    complaint.locator("[name=level][value=major]").check()
    started = time.monotonic()
    complaint.locator(".btn-primary").click()
    notice = supervisor.locator("#notices .notice", has_text=name)
    expect(notice).to_contain_text(words["major"])
    print(f"{language}: on the supervisor's screen {1000 * (time.monotonic() - started):.0f} ms after the click")
    assert unreloaded(supervisor)
    assert stack.rows(
        "select result, satisfaction, recovery from followups_callattempt where call_back_id = %s", calls[0][0]
    ) == [("reached", 1, "abnormal")]
    number = str(stack.rows("select number from complaints_complaint where visitor_id = %s", visit["visitor"])[0][0])

    # The week's report is built by the worker and lists it.
    supervisor.goto("/reports/weekly/")
    build_report(supervisor)
    expect(supervisor.locator(".report-majors")).to_contain_text(number)
    expect(supervisor.locator(".report-majors")).to_contain_text(words["unhappy"])
    expect(supervisor.locator(".chart canvas, .chart svg").first).to_be_visible()

    for page in (desk, room, supervisor, service):
        assert page.watch.taken() == []  # type: ignore[attr-defined]
    stack.manage("check_ledger")


def visit_of(stack: Stack, name: str) -> dict[str, Any]:
    """Return the visitor's only visit."""
    columns = ("id", "visitor", "state", "visit_type", "rule", "turn")
    rows = stack.rows(
        "select v.id, v.visitor_id, v.state, v.visit_type, v.rule, v.turn from reception_visit v"
        " join reception_visitor p on p.id = v.visitor_id where p.name = %s",
        name,
    )
    assert len(rows) == 1
    return dict(zip(columns, rows[0], strict=True))


def four_calls(stack: Stack, visitor: int) -> list[tuple[int, date]]:
    """Wait for the worker; return the calls as it built them, by date."""
    end = time.monotonic() + 20
    while True:
        rows = stack.rows("select id, due_on from followups_callback where visitor_id = %s order by due_on", visitor)
        if len(rows) >= len(STEPS) or time.monotonic() > end:
            return [(pk, due) for pk, due in rows]
        time.sleep(0.1)


def build_report(supervisor: Page) -> None:
    """Have the running week's report built and open it."""
    supervisor.locator("form[action$='/build/'] button").first.click()
    supervisor.wait_for_url(re.compile(r"/reports/weekly/\d+/\d+/$"))
