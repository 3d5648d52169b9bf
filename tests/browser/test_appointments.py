"""Appointments by keyboard: booked, matched at the desk, confirmed the day before, not come and booked again."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.house import House
from tests.browser.keyboard import confirm, reach, tab_to

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

COLUMNS = ("state", "starts", "late_minutes", "instead_of_id", "visit_id", "phone", "group")


def appointments(house: House, name: str) -> list[dict[str, Any]]:
    """Return what is written down about somebody's appointments at a house, the first one first."""
    rows = house.stack.rows(
        'select state, starts::text, late_minutes, instead_of_id, visit_id, phone, "group" from reception_appointment'
        " where name = %s and branch_id = %s order by id",
        name,
        house.branch,
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def live(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-connection", "live")


def test_a_time_is_booked_by_keyboard_and_seen_on_another_screen(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(opened=False)
    agent = sign_in(house.login_name("agent"), language="zh")
    agent.goto("/appointments/")
    live(agent)
    desk = sign_in(house.login_name("reception"), language="zh")
    desk.goto("/appointments/")
    live(desk)
    current = desk.locator('[data-cell][tabindex="0"]')
    expect(current).to_have_count(1)
    reach(desk, current, 60)
    for _ in range(20):
        if desk.evaluate("document.activeElement.id").endswith("-1500"):
            break
        desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowRight")
    expect(desk.locator("#cell-laser-1500")).to_be_focused()
    desk.keyboard.press("n")
    expect(desk.locator("#booked-text")).to_be_focused()
    expect(desk.locator("#id_starts")).to_have_value("15:00")
    desk.keyboard.type("O'Brien <b>")
    tab_to(desk, "#id_phone")
    desk.keyboard.type("139 1111 2222")
    desk.keyboard.press("Enter")
    expect(desk.locator("#shown-name")).to_have_text("O'Brien <b>")
    (made,) = appointments(house, "O'Brien <b>")
    assert (made["state"], made["starts"], made["phone"]) == ("booked", "15:00:00", "+8613911112222")
    slip = desk.locator("#cell-consulting-1500 .slip")
    expect(slip).to_contain_text("O'Brien")
    expect(agent.locator("#cell-consulting-1500 .slip-hidden")).to_contain_text("同事的 1 个预约")
    # Closing goes back to the half hour; Enter on the one that is taken opens what is booked.
    desk.keyboard.press("Escape")
    expect(desk.locator("#cell-laser-1500")).to_be_focused()
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Enter")
    expect(desk.locator("#shown-name")).to_be_visible()
    desk.keyboard.press("c")
    expect(slip.locator("[aria-label='已确认']")).to_be_visible()
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_an_arrival_is_matched_by_phone_and_the_agent_is_credited(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    house.make("await_somebody", name="邱预约", phone="+8613922223333", at="09:00")
    desk = sign_in(house.login_name("reception"), language="zh")
    live(desk)
    desk.locator("#find").focus()
    desk.keyboard.type("邱预约")
    expect(desk.locator("#find-list [data-new]")).to_be_visible()
    desk.keyboard.press("Shift+Enter")
    expect(desk.locator("#arrival-form [name=name]")).to_have_value("邱预约")
    tab_to(desk, "#id_phone")
    desk.keyboard.type("13922223333")
    desk.keyboard.press("Tab")
    expect(desk.locator(".expected-choice")).to_contain_text("09:00")
    expect(desk.locator(".claims-answer")).to_contain_text("归属网电小谢")
    tab_to(desk, "#id_note", 25)
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal-answer")).to_be_visible()
    expect(desk.locator("#arrival .registered")).to_contain_text("预约时间 09:00")
    expect(desk.locator("#proposal .claims-answer")).to_contain_text("归属网电小谢")
    confirm(desk)
    (one,) = appointments(house, "邱预约")
    assert (one["state"], one["visit_id"]) == ("arrived", house.visit("邱预约")["id"])


def test_who_did_not_come_is_listed_and_booked_again(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(opened=False)
    house.make("await_somebody", name="未到的人", phone="+8613933334444", at="09:00")
    agent = sign_in(house.login_name("agent"), language="zh")
    agent.goto("/appointments/no-shows/")
    live(agent)
    expect(agent.locator("#rows")).to_contain_text("都已到院")
    desk = sign_in(house.login_name("reception"), language="zh")
    desk.goto("/appointments/")
    over = desk.locator("button", has_text="当天结束")
    reach(desk, over, 60)
    desk.keyboard.press("Enter")
    expect(desk.locator("#confirm-dialog")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text("1 位未到")
    row = agent.locator("#rows tbody tr", has_text="未到的人")
    expect(row).to_be_visible()
    agent.locator("h1").click()
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("1")
    expect(agent.locator("#booking-form h2")).to_contain_text("未到的人")
    tab_to(agent, "#id_starts", 60)
    agent.keyboard.press("End")
    tab_to(agent, "#id_note")
    agent.keyboard.press("Enter")
    expect(agent.locator("#shown-name")).to_have_text("未到的人")
    first, second = appointments(house, "未到的人")
    assert (first["state"], second["state"], second["starts"]) == ("no_show", "booked", "17:30:00")
    assert second["instead_of_id"] is not None
    agent.goto("/appointments/no-shows/")
    expect(agent.locator("#rows")).to_contain_text("都已到院")


def test_the_day_before_list_is_confirmed_row_by_row(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(opened=False)
    for name, at in (("明日甲", "10:00"), ("明日乙", "11:00")):
        house.make("await_somebody", name=name, phone="+8613944445555", at=at, days=1)
    agent = sign_in(house.login_name("agent"), language="zh")
    agent.goto("/appointments/day-before/")
    live(agent)
    expect(agent.locator("#rows tbody tr")).to_have_count(2)
    agent.locator("h1").click()
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("1")
    expect(agent.locator("#rows tbody tr", has_text="明日甲")).to_contain_text("已确认")
    expect(agent.locator("#messages")).to_contain_text("明日甲已确认")
    # Until the list is drawn anew she is still the first in it.
    expect(agent.locator("#rows tbody tr", has_text="明日甲").locator("[data-answer='1']")).to_have_count(0)
    agent.locator("h1").click()
    agent.keyboard.press("ArrowDown")
    agent.keyboard.press("3")
    expect(agent.locator("#rows tbody tr", has_text="明日乙").locator("[aria-label='已提交短信']")).to_be_visible()
    assert [one["state"] for name in ("明日甲", "明日乙") for one in appointments(house, name)] == [
        "confirmed",
        "booked",
    ]
    desk = sign_in(house.login_name("reception"), language="zh")
    desk.goto("/messages/")
    expect(desk.locator("#rows tbody tr")).to_have_count(1)
    expect(desk.locator("#rows tbody tr")).to_contain_text("明日乙您好")
    expect(desk.locator("#rows tbody tr")).to_contain_text("已发送")
    assert agent.watch.taken() == []  # type: ignore[attr-defined]
