"""The day log by keyboard: a slip and its answer, an opening round of two clerks, a return visitor's file."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.keyboard import confirm, find, reach, submit, tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def open_log(page: Page) -> None:
    """Open today's log and leave the line, so that letters are keys."""
    page.goto("/day-log/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    expect(page.locator("#log-form input[name=name]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#log-form input[name=name]")).not_to_be_focused()


def test_a_slip_written_at_the_desk_is_answered_on_her_screen(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    named = house.consultants[0]
    hers = sign_in(named.login_name, language="zh")
    expect(hers.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in(house.login_name("reception"), language="zh")
    open_log(desk)

    desk.keyboard.press("k")
    expect(desk.locator("#log-form input[name=plate]")).to_be_focused()
    desk.keyboard.type("浙A7K268")
    desk.keyboard.press("Enter")
    expect(desk.locator("#day-log .log-table")).to_contain_text("浙A7K268")
    expect(desk.locator("#log-form input[name=plate]")).to_be_focused()
    expect(desk.locator("#log-form input[name=plate]")).to_have_value("")
    desk.keyboard.press("Escape")

    desk.keyboard.press("c")
    expect(desk.locator("#log-form input[name=name]")).to_be_focused()
    desk.keyboard.type("周女士")
    tab_to(desk, "#id_for_whom")
    desk.keyboard.type(named.name)
    tab_to(desk, "#id_text")
    desk.keyboard.type("想改约下周三")
    tab_to(desk, "#id_phone")
    desk.keyboard.type("14500001234")
    desk.keyboard.press("Enter")
    row = desk.locator("#day-log .log-table tbody tr", has_text="周女士")
    expect(row).to_contain_text("145****1234")

    notice = hers.locator("#notices .notice", has_text="周女士")
    expect(notice).to_contain_text("想改约下周三")
    expect(notice).not_to_contain_text("14500001234")
    reach(hers, notice.locator(".btn-primary"), 60)
    hers.keyboard.press("Enter")
    hers.wait_for_url("**/slips/**")
    expect(hers.locator("body")).to_have_attribute("data-connection", "live")
    hers.keyboard.press("a")
    hers.keyboard.type("已回电，改到周三")
    hers.keyboard.press("Enter")
    expect(hers.locator(".slip")).to_contain_text("已答复")

    expect(row).to_contain_text("已回电，改到周三")
    expect(row).to_contain_text(named.name)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]
    assert hers.watch.taken() == []  # type: ignore[attr-defined]


def test_two_clerks_tick_one_opening_round(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    supervisor = sign_in(house.login_name("desk_supervisor"), language="zh")
    supervisor.goto("/day-log/rounds/lists/")
    tab_to(supervisor, "#id_opening-items", 60)
    supervisor.keyboard.press("Control+a")
    supervisor.keyboard.type("灯光已开\n音乐已开\n饮水已补")
    supervisor.keyboard.press("Tab")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#messages")).to_contain_text("开店巡查")
    open_log(supervisor)
    desk = sign_in(house.login_name("reception"), language="zh")
    open_log(desk)
    ticks = desk.locator("#rounds [type=checkbox]")
    expect(ticks).to_have_count(3)

    desk.keyboard.press("r")
    expect(ticks.nth(0)).to_be_focused()
    desk.keyboard.press("Space")
    expect(desk.locator("#rounds")).to_contain_text("1 / 3")
    expect(ticks.nth(0)).to_be_focused()
    expect(supervisor.locator("#rounds")).to_contain_text("1 / 3")
    supervisor.keyboard.press("r")
    expect(supervisor.locator("#rounds [type=checkbox]").nth(1)).to_be_focused()
    supervisor.keyboard.press("Space")
    expect(desk.locator("#rounds")).to_contain_text("2 / 3")
    expect(desk.locator("#rounds")).to_contain_text("前厅主管")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    expect(ticks.nth(2)).to_be_focused()
    desk.keyboard.press("Space")
    expect(desk.locator(".round").first).to_contain_text("已完成")

    # Taken back it is open again, and what was noted stays in the database.
    expect(ticks.nth(2)).to_be_focused()
    desk.keyboard.press("Space")
    expect(desk.locator("#rounds")).to_contain_text("2 / 3")
    states = house.stack.rows("select state from reception_roundtick where branch_id = %s order by id", house.branch)
    assert [state for (state,) in states] == ["done", "done", "done", "taken_back"]
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_the_file_of_a_return_visitor_is_asked_brought_and_delivered(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(known=["林老客"])
    room = sign_in(house.login_name("file_room"), language="zh")
    room.goto("/file-room/")
    expect(room.locator("body")).to_have_attribute("data-connection", "live")
    expect(room.locator("#files .empty")).to_be_visible()
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.keyboard.press("Escape")
    find(desk, "林老客")
    submit(desk)
    confirm(desk)
    row = room.locator("#files tbody tr", has_text="林老客")
    expect(row).to_be_visible()
    expect(room.locator(".rail-count")).to_contain_text(["1"])
    in_register = desk.locator(f"#visit-{house.visit('林老客')['id']}")
    expect(in_register).to_contain_text("待调取")
    for key, state in (("f", "已找到"), ("b", "运送中")):
        room.keyboard.press(key)
        expect(row).to_contain_text(state)
        expect(in_register).to_contain_text(state)
    room.keyboard.press("d")
    expect(room.locator("#files .empty")).to_be_visible()
    expect(in_register).to_contain_text("已送达")
    assert room.watch.taken() == []  # type: ignore[attr-defined]


def test_a_key_means_the_file_in_whose_row_the_focus_is(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(known=["柳先到", "顾后到"])
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    for name in ("柳先到", "顾后到"):
        desk.keyboard.press("Escape")
        find(desk, name)
        submit(desk)
        confirm(desk)
    room = sign_in(house.login_name("file_room"), language="zh")
    room.goto("/file-room/")
    first, second = (room.locator("#files tbody tr", has_text=name) for name in ("柳先到", "顾后到"))
    expect(first).to_contain_text("待调取")
    second.locator("button").first.focus()
    room.keyboard.press("f")
    expect(second).to_contain_text("已找到")
    expect(first).to_contain_text("待调取")
    assert room.watch.taken() == []  # type: ignore[attr-defined]
