"""A visitor fills in her own card on a phone or at the kiosk, and the desk takes it over by keyboard, live."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.house import House
from tests.browser.keyboard import confirm, submit
from tests.browser.stack import Stack
from tests.browser.watch import Watch

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def outside(browser: Browser, stack: Stack, *, width: int, height: int, language: str = "zh-CN") -> Page:
    """Open a page of somebody who is not signed in."""
    context = browser.new_context(
        base_url=stack.url, locale=language, viewport={"width": width, "height": height}, has_touch=True
    )
    page = context.new_page()
    page.watch = Watch(page)  # type: ignore[attr-defined]
    return page


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page as it stands in its own width."""
    watch: Any = page.watch  # type: ignore[attr-defined]
    watch.settle()
    return [*watch.taken(), *watch.accessibility(), *watch.untranslated(), *watch.width()]


def agree(page: Page) -> None:
    """Answer every consent with yes."""
    for kind in ("data", "sensitive", "photographs", "messages"):
        page.locator(f"input[name=consent_{kind}][value=given]").check()


def stored(page: Page) -> str:
    """Return all that a page has left in the stores of its browser."""
    return str(page.evaluate("() => JSON.stringify([{...sessionStorage}, {...localStorage}])"))


def kept(house: House, name: str) -> tuple[Any, ...]:
    """Return what stands on the record of a visitor."""
    rows = house.stack.rows(
        "select occupation, phone, birth_year, (select count(*) from reception_consent c where c.visitor_id = v.id)"
        " from reception_visitor v where name = %s",
        name,
    )
    assert len(rows) == 1
    return tuple(rows[0])


def test_a_card_from_a_phone_is_taken_over_by_keyboard(
    open_house: OpenHouse, sign_in: SignIn, browser: Browser, stack: Stack
) -> None:
    house = open_house()
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    expect(desk.locator("#cards")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("q")
    expect(desk.locator(".card-code-picture svg")).to_be_visible()
    address = desk.locator(".card-code-address").inner_text()

    phone = outside(browser, stack, width=360, height=740)
    phone.goto(address)
    assert faults(phone) == []
    take_picture(phone, "own-card-360")
    phone.locator("[name=name]").fill("")
    phone.locator("[name=phone]").fill("1380")
    phone.locator(".own-actions .btn-primary").click()
    expect(phone.locator(".error-summary")).to_be_focused()
    phone.watch.taken()  # type: ignore[attr-defined]
    take_picture(phone, "own-card-360-wrong")
    phone.locator("[name=name]").fill("秦自填")
    phone.locator("[name=phone]").fill("１３９ 0013 9001")
    phone.locator("[name=age]").fill("28")
    phone.locator("[name=occupation]").fill("O'Brien <b>")
    # A reload loses nothing: what was typed stays in this tab.
    assert "O'Brien" in stored(phone)
    phone.goto(address)
    expect(phone.locator("[name=occupation]")).to_have_value("O'Brien <b>")
    agree(phone)
    phone.locator(".own-actions .btn-primary").click()
    expect(phone.locator("[data-done]")).to_be_visible()
    take_picture(phone, "own-card-360-done")
    assert "秦自填" not in stored(phone)
    phone.goto(address)
    expect(phone.locator("[data-gone]")).to_be_visible()

    # It appears at the desk by itself, and the code that was used goes away.
    expect(desk.locator(".cards-list")).to_contain_text("秦自填")
    expect(desk.locator(".card-code")).to_have_count(0)
    desk.keyboard.press("k")
    expect(desk.locator("#arrival-form [name=name]")).to_have_value("秦自填")
    expect(desk.locator(".card-said")).to_contain_text("O'Brien <b>")
    expect(desk.locator("#projects-text")).to_be_focused()
    submit(desk)
    confirm(desk)
    assert house.visit("秦自填")["state"] == "waiting"
    occupation, number, year, consents = kept(house, "秦自填")
    assert (occupation, number, consents) == ("O'Brien <b>", "+8613900139001", 4)
    assert year is not None
    expect(desk.locator(".cards-list")).to_have_count(0)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_a_suspected_case_is_not_proposed_and_her_supervisor_is_told(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    supervisor = sign_in(house.login_name("desk_supervisor"), language="zh")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.goto("/desk/?new=1")
    desk.locator("[name=name]").focus()
    desk.keyboard.type("柏发热")
    desk.locator("#arrival-form .arrival-pre-check > summary").focus()
    desk.keyboard.press("Enter")
    desk.locator("[name=temperature]").focus()
    desk.keyboard.type("38.4")
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .alert-danger")).to_be_visible()
    expect(desk.locator("#proposal-answer")).to_have_count(0)
    notice = supervisor.locator("#notices .notice", has_text="柏发热")
    expect(notice).to_be_visible()
    take_picture(supervisor, "isolated-notice-1440")
    notice.locator("button").focus()
    supervisor.keyboard.press("Enter")
    expect(notice).to_have_count(0)
    assert house.visit("柏发热")["consultant"] is None

    desk.locator("#proposal .btn", has_text="预检").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#cleared")).to_be_visible()
    take_picture(desk, "pre-check-1440")
    desk.locator("#cleared").focus()
    desk.keyboard.type("梁医生复测 36.5")
    desk.keyboard.press("Enter")
    expect(desk.locator("#cleared")).to_have_count(0)
    assert desk.watch.taken() == []  # type: ignore[attr-defined]


def test_a_kiosk_takes_a_card_and_forgets_it(
    open_house: OpenHouse, sign_in: SignIn, browser: Browser, stack: Stack
) -> None:
    house = open_house()
    hall = sign_in(house.login_name("desk_supervisor"), language="zh", width=768, height=1024)
    hall.goto("/kiosks/")
    expect(hall.locator("body")).to_have_attribute("data-connection", "live")
    hall.locator("[name=label]").fill("大厅左侧")
    hall.keyboard.press("Enter")
    hall.wait_for_url("**/kiosk/")
    # What the page before asked for after the session had ended was refused.
    assert [fault for fault in faults(hall) if "401" not in fault] == []
    take_picture(hall, "kiosk-768-language")
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")

    hall.locator("button", has_text="中文").click()
    expect(hall.locator("[name=name]")).to_be_visible()
    assert faults(hall) == []
    small = hall.evaluate(
        "() => [...document.querySelectorAll('#card :is(button, a, select, input:not([type=hidden], [type=radio])),"
        " #card label:has(input[type=radio])')].filter(one => one.checkVisibility() && !one.ariaHidden"
        " && one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 90))"
    )
    assert small == []
    take_picture(hall, "kiosk-768-card")
    hall.locator("[name=name]").fill("韦大厅")
    hall.locator("[name=occupation]").fill("教师")
    hall.locator(".own-actions .btn-primary").click()
    expect(hall.locator("[data-step=consents]")).to_be_visible()
    take_picture(hall, "kiosk-768-consents")
    agree(hall)
    hall.locator(".own-actions .btn-primary").click()
    expect(hall.locator("[data-done]")).to_be_visible()
    take_picture(hall, "kiosk-768-done")
    expect(desk.locator(".cards-list")).to_contain_text("韦大厅")

    # Nothing of her is left: not on the next page, not behind the back button, not in the browser's store.
    hall.locator("[data-done] .btn-primary").click()
    expect(hall.locator("[data-step=language]")).to_be_visible()
    hall.go_back()
    expect(hall.locator("body")).not_to_contain_text("韦大厅")
    assert "韦大厅" not in hall.content()
    assert "韦大厅" not in stored(hall)

    # Whoever walks away in the middle is asked first, and then forgotten.
    hall.goto("/kiosk/")
    hall.clock.install()
    hall.goto("/kiosk/")
    hall.locator("button", has_text="English").click()
    hall.locator("[name=name]").fill("走开的人")
    hall.clock.run_for(50_000)
    expect(hall.locator("#own-idle")).to_be_visible()
    hall.clock.run_for(15_000)
    expect(hall.locator("[data-step=language]")).to_be_visible()
    assert "走开的人" not in hall.content()
