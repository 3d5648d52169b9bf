"""The front desk by keyboard: referral, designation, group, correction, undo, a stale proposal, an escalation."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.roles import Role
from tests.browser.conftest import SignIn
from tests.browser.stack import Stack
from tests.browser.test_whole_way import tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
# Everybody goes out but the first few who are in nobody's way: two free, one busy without saying for how long.
SCENE = """
import json
from datetime import timedelta
from django.utils import timezone
from clinic.models import Staff
from reception.models import Visit, Visitor
from triage.models import Board
from triage.selectors import board_rows
from triage.services import set_seat_state

now = timezone.now()
board = Board.objects.filter(desk="front").latest("day")
clerk = Staff.objects.get(login_name="reception1")
limited = set(Staff.objects.exclude(scope=None).values_list("pk", flat=True))
limited |= set(Staff.objects.exclude(excluded=None).values_list("pk", flat=True))
rows = board_rows(board, now)
here = [row for row in rows if not row.visits and row.staff_id not in limited and row.state != "suspended"][:FREE]
for row in rows:
    consultant = Staff.objects.get(pk=row.staff_id)
    wanted = "free" if row in here else "out"
    if row in here[2:]:
        wanted = "busy"
    if wanted == "out" and row.visits:
        wanted = "busy"
    set_seat_state(board=board, consultant=consultant, state=wanted, staff=clerk, now=now)
friend = None
if here:
    today = Visit.objects.filter(day=board.day).values("visitor")
    friend = Visitor.objects.filter(owner_id=here[0].staff_id, consulted_by=[here[0].staff_id]).exclude(pk__in=today)
    friend = friend.order_by("pk").first()
print(json.dumps({
    "board": board.pk,
    "people": [{"pk": row.staff_id, "name": row.name} for row in here],
    "friend": friend.file_number if friend else "",
}))
"""


CLEAR = """
from django.utils import timezone
from clinic.models import Staff
from reception.models import Visit
from triage.services import record_leave

clerk = Staff.objects.get(login_name="reception1")
for visit in Visit.objects.filter(pk__gt=BEFORE, state__in=["registered", "waiting", "accepted"]):
    record_leave(visit=visit, staff=clerk, now=timezone.now())
"""


@pytest.fixture(autouse=True)
def _everybody_leaves(stack: Stack) -> Iterator[None]:
    """Leave the board to the next test with nobody waiting because of this one."""
    before = stack.rows("select max(id) from reception_visit")[0][0]
    yield
    stack.manage("shell", "-v", "0", "-c", CLEAR.replace("BEFORE", str(before)))


def scene(stack: Stack, free: int) -> dict[str, Any]:
    """Set the board up; return its id, the people who can receive (the third is busy), and a visitor of the first."""
    answer = stack.manage("shell", "-v", "0", "-c", SCENE.replace("FREE", str(free)))
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found


def visit_of(stack: Stack, name: str) -> dict[str, Any]:
    """Return what is written down about a visitor's only visit."""
    rows = stack.rows(
        "select v.id, v.visit_type, v.rule, v.turn, v.state, v.consultant_id from reception_visit v"
        " join reception_visitor p on p.id = v.visitor_id where p.name = %s",
        name,
    )
    assert len(rows) == 1, rows
    return dict(zip(("id", "visit_type", "rule", "turn", "state", "consultant"), rows[0], strict=True))


def begin(desk: Page, name: str) -> None:
    """Type a new name and open the arrival form for it, by keyboard alone."""
    desk.locator("#find").focus()
    desk.keyboard.press("Control+a")
    desk.keyboard.type(name)
    expect(desk.locator("#find-list [data-new]")).to_be_visible()
    desk.keyboard.press("Shift+Enter")
    expect(desk.locator("#arrival-form [name=name]")).to_have_value(name)


def choose(desk: Page, selector: str, label: str) -> None:
    """Choose in a list by arrow keys."""
    tab_to(desk, selector)
    labels = desk.locator(f"{selector} option").all_inner_texts()
    steps = next(place for place, text in enumerate(labels) if label in text)
    for _ in range(steps):
        desk.keyboard.press("ArrowDown")


def submit(desk: Page) -> None:
    """Register from the note's field, and wait for the proposal."""
    tab_to(desk, "#id_note")
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal-answer")).to_be_visible()


def confirm(desk: Page) -> None:
    """Press Enter on the proposal, and wait until it is settled."""
    desk.locator("#proposal .btn-primary").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .settled, #proposal .proposal-asked")).to_be_visible()


def test_referral_designation_and_group(stack: Stack, sign_in: SignIn) -> None:
    found = scene(stack, 3)
    first, _second, busy = found["people"]
    desk = sign_in("reception1", language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")

    begin(desk, "林带新")
    tab_to(desk, "#referrer-text")
    desk.keyboard.type(found["friend"])
    expect(desk.locator("#referrer-list [role=option]").first).to_be_visible()
    desk.keyboard.press("Enter")
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(first["name"])
    confirm(desk)
    visit = visit_of(stack, "林带新")
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A10", "free", first["pk"])

    begin(desk, "林点名")
    choose(desk, "#id_designated", busy["name"])
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(busy["name"])
    desk.keyboard.press("r")
    expect(desk.locator("#proposal-answer")).not_to_contain_text(busy["name"])
    confirm(desk)
    visit = visit_of(stack, "林点名")
    assert visit["rule"] == "A12"
    assert visit["consultant"] != busy["pk"]

    lead = str(stack.rows("select number from reception_visit where id = %s", visit["id"])[0][0]).rjust(3, "0")
    for name in ("林同来一", "林同来二"):
        begin(desk, name)
        tab_to(desk, ".arrival-more > summary", 25)
        desk.keyboard.press("Enter")
        choose(desk, "#id_group_lead", lead)
        desk.locator("#id_note").focus()
        desk.keyboard.press("Enter")
        expect(desk.locator("#proposal-answer")).to_be_visible()
        confirm(desk)
        member = visit_of(stack, name)
        assert (member["visit_type"], member["rule"], member["consultant"]) == ("other", "A1", None)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_undo_a_stale_proposal_and_a_change_of_consultant(stack: Stack, sign_in: SignIn) -> None:
    found = scene(stack, 2)
    names = {person["pk"]: person["name"] for person in found["people"]}
    desk = sign_in("reception1", language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")

    begin(desk, "周撤销")
    submit(desk)
    confirm(desk)
    desk.keyboard.press("u")
    expect(desk.locator("#proposal-answer")).to_be_visible()
    assert visit_of(stack, "周撤销")["state"] == "registered"

    # The board moves while the proposal is on the screen: it is not carried out, the new one is shown.
    scene(stack, 2)
    desk.locator("#proposal .btn-primary").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .alert-warning")).to_be_visible()
    assert visit_of(stack, "周撤销")["consultant"] is None
    confirm(desk)
    before = visit_of(stack, "周撤销")
    assert before["consultant"] in names

    desk.keyboard.press("Escape")
    expect(desk.locator("#proposal .panel")).to_have_count(0)
    expect(desk.locator("#find")).to_be_focused()
    row = desk.locator(f"#visit-{before['id']}")
    row.locator("details.menu > summary").focus()
    desk.keyboard.press("Enter")
    expect(row.locator(".menu-item", has_text="更正")).to_be_visible()
    row.locator(".menu-item", has_text="更正").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".correction-list")).to_be_visible()
    desk.locator(".correction-list button", has_text="更换咨询师").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".correction-effects li").first).to_be_visible()
    tab_to(desk, "#correction-reason")
    desk.keyboard.type("顾客要求更换")
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .settled")).to_be_visible()
    after = visit_of(stack, "周撤销")
    assert after["rule"] == "K4"
    assert after["turn"] in ("counted", "make_up")
    assert after["consultant"] in names
    assert after["consultant"] != before["consultant"]
    expect(row).to_contain_text(names[after["consultant"]])
    stack.manage("check_ledger")


def test_an_escalation_is_answered_on_another_screen(stack: Stack, sign_in: SignIn) -> None:
    scene(stack, 0)
    supervisor = sign_in(Role.CONSULTING_SUPERVISOR, language="zh")
    supervisor.goto("/triage/questions/")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in("reception1", language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    begin(desk, "郑上报")
    submit(desk)
    confirm(desk)
    question = supervisor.locator(".question", has_text="郑上报")
    expect(question).to_be_visible()
    named = scene(stack, 1)["people"][0]
    button = question.locator(f"button[value='{named['pk']}']")
    expect(button).to_be_visible()
    button.focus()
    supervisor.keyboard.press("Enter")
    expect(question).to_have_count(0)
    expect(desk.locator("#proposal")).to_contain_text(named["name"])
    visit = visit_of(stack, "郑上报")
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A14", "counted", named["pk"])


def test_r5_a_consultants_board_is_read_only(stack: Stack, sign_in: SignIn) -> None:
    board = scene(stack, 2)["board"]
    page = sign_in(Role.CONSULTANT, language="zh")
    page.goto(f"/triage/boards/{board}/")
    expect(page.locator(".seats")).to_be_visible()
    assert page.locator(".seat-button, .reorder, form[action*='order']").count() == 0
    token = page.evaluate("() => JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    for address in ("seat-state", "check-in", "order"):
        answer = page.request.post(
            f"/triage/boards/{board}/{address}/", headers={"X-CSRFToken": token, "Referer": page.url}
        )
        assert answer.status == 403, address
