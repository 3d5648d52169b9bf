"""E14: a screen on the wall: paired by hand, it shows who is called, and goes on by itself after a lost network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.keyboard import tab_to
from tests.browser.stack import Stack
from tests.browser.watch import Watch

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

# What the screen must be back within, once the network is.
BACK = 10_000


@pytest.fixture
def wall(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A screen of its own, on which nobody ever signed in."""
    context = browser.new_context(base_url=stack.url, locale="zh-CN", viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    yield page
    context.close()


def test_a_screen_is_paired_calls_and_heals_itself(open_house: OpenHouse, sign_in: SignIn, wall: Page) -> None:
    house = open_house(arrived=["王小美", "曾"])
    wrong: list[str] = []
    wall.on("pageerror", lambda error: wrong.append(str(error)))
    wall.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    wall.goto("/display/")
    code = wall.locator(".pairing-code").inner_text()

    supervisor = sign_in(house.login_name("desk_supervisor"), language="zh")
    supervisor.goto("/displays/")
    tab_to(supervisor, "#id_code", most=60)
    supervisor.keyboard.type(code)
    supervisor.keyboard.press("Tab")
    supervisor.keyboard.type("一楼大厅")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#messages")).to_contain_text("一楼大厅")
    expect(wall.locator("#wall-please")).to_have_text("暂无叫号")

    first, second = house.visit("王小美"), house.visit("曾")
    house.make("call", visit=first["id"], room="3号咨询室")
    number = wall.locator("#newest-number")
    expect(number).to_have_text(f"{first['number']:03d}")
    expect(wall.locator("#newest-name")).to_have_text("王*美")
    expect(wall.locator("#newest-place")).to_have_text("3号咨询室")
    where = number.bounding_box()
    assert wrong == []
    assert Watch(wall).faults("zh") == []

    wall.context.set_offline(True)
    house.make("call", visit=second["id"])
    expect(wall.locator(".wall-lost")).to_be_visible()
    expect(number).to_have_text(f"{first['number']:03d}")
    wall.context.set_offline(False)
    expect(number).to_have_text(f"{second['number']:03d}", timeout=BACK)
    expect(wall.locator(".wall-lost")).to_be_hidden()
    expect(wall.locator("#earlier tr")).to_have_count(1)
    assert number.bounding_box() == where
    take_picture(wall, "wall-1920")
    assert [line for line in wrong if "net::ERR" not in line] == []


def test_sound_is_switched_on_the_screen_itself_and_stays_so(
    open_house: OpenHouse, sign_in: SignIn, wall: Page
) -> None:
    house = open_house()
    wall.goto("/display/")
    supervisor = sign_in(house.login_name("desk_supervisor"), language="zh")
    supervisor.goto("/displays/")
    supervisor.locator("#id_code").fill(wall.locator(".pairing-code").inner_text())
    supervisor.locator("#id_name").fill("二楼")
    supervisor.keyboard.press("Enter")
    voice = wall.locator("#wall-voice")
    expect(voice).to_have_attribute("aria-pressed", "false")
    expect(wall.locator("#wall-chime")).to_have_attribute("aria-pressed", "true")
    tab_to(wall, "#wall-voice")
    wall.keyboard.press("Enter")
    expect(voice).to_have_attribute("aria-pressed", "true")
    wall.reload()
    expect(voice).to_have_attribute("aria-pressed", "true")

    # A new version is loaded by night, and once only.
    def by_night(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "version": "other", "minutes": 130})

    wall.evaluate("window.before = true")
    wall.route("**/display/calls/**", by_night)
    wall.wait_for_function("() => window.before === undefined")
    wall.evaluate("window.before = true")
    for _ in range(2):
        wall.wait_for_event("response", lambda answer: "/display/calls/" in answer.url)
    assert wall.evaluate("window.before") is True
    wall.unroute("**/display/calls/**")

    # Taken off, it shows a code again without anybody touching it.
    supervisor.locator("form[action*=revoke] button").click()
    supervisor.locator("#confirm-dialog [value=yes]").click()
    expect(wall.locator(".pairing-code")).to_be_visible()
