"""A notice nobody heeds: it reaches the desk by itself and goes when she looks; her switches and her story live."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_who_waits_unseen_is_told_to_the_desk_until_she_is_seen(open_house: OpenHouse, sign_in: SignIn) -> None:
    name = "司徒无人理"
    house = open_house(waiting=name)
    first = house.consultants[0]
    visit = house.visit(name)
    desk = sign_in(house.login_name("reception"), language="zh")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    notice = desk.locator(".notice", has=desk.locator(f"#unheeded-{visit['id']}"))
    expect(notice).to_contain_text(f"{visit['number']:03d}")
    expect(notice).to_contain_text(first.name)
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]

    consultant = sign_in(first.login_name, language="zh", width=768, height=1024)
    consultant.goto("/queue/")
    expect(consultant.locator("body")).to_have_attribute("data-connection", "live")
    consultant.keyboard.press("s")
    expect(consultant.locator("#queue")).to_have_attribute("data-unseen", "")
    # Nobody touches the desk: its notice goes by itself.
    expect(notice).to_have_count(0)

    consultant.locator("#notice-settings summary").press("Enter")
    consultant.locator("#notice-sound").press("Space")
    expect(consultant.locator("#queue")).to_have_attribute("data-notice-kinds", "desktop title")
    other = sign_in(first.login_name, language="zh")
    other.goto("/queue/")
    expect(other.locator("#notice-switches")).to_have_attribute("data-notice-kinds", "desktop title")
    other.close()

    consultant.keyboard.press("a")
    expect(consultant.locator("#story")).to_be_visible()
    expect(consultant.locator("#story")).to_contain_text(f"{visit['number']:03d}")
    consultant.goto("/queue/")
    consultant.keyboard.press("k")
    consultant.keyboard.press("e")
    expect(consultant.locator("#work")).to_be_visible()
    assert consultant.watch.faults("zh") == []  # type: ignore[attr-defined]


def test_a_story_is_drawn_anew_and_narrowed_by_keys(open_house: OpenHouse, sign_in: SignIn) -> None:
    name = "闻人有故事"
    house = open_house(arrived=[name])
    page = sign_in(house.login_name("reception"), language="en", theme="dark", width=1024, height=900)
    visitor = house.stack.rows("select id from reception_visitor where name = %s", name)[0][0]
    page.goto(f"/visitors/{visitor}/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    story = page.locator("#story")
    expect(story).to_contain_text("Put on file")
    page.keyboard.press("1")
    expect(page.locator("#story-kind-visit")).to_have_attribute("aria-current", "true")
    expect(story).not_to_contain_text("Put on file")
    page.keyboard.press("0")
    expect(story).to_contain_text("Put on file")
    expect(story).to_contain_text("Waiting")

    first = house.consultants[0]
    consultant = sign_in(first.login_name, language="en")
    consultant.goto("/queue/")
    expect(consultant.locator("body")).to_have_attribute("data-connection", "live")
    consultant.keyboard.press("a")
    expect(consultant.locator("#story")).to_be_visible()
    expect(story).to_contain_text("Accepted")
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
