"""A notice nobody heeds: it reaches the desk by itself and goes when she looks; her switches and her story live."""

import re
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
# A browser nobody hears: it counts the tones it would play (two a time) and the notices it would show.
BROWSER = """
window.rung = { tones: 0, notices: [] };
const pass = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
const node = () => ({ frequency: {}, gain: pass, connect: (to) => to, start() { window.rung.tones += 1; }, stop() {} });
window.AudioContext = class {
  state = SOUND;
  currentTime = 0;
  createOscillator = node;
  createGain = node;
  async resume() { throw new DOMException("not allowed"); }
};
window.Notification = class {
  static permission = NOTICES;
  static async requestPermission() { return NOTICES; }
  constructor(title) { window.rung.notices.push(title); }
  close() {}
};
"""
NOTICE = "A visitor is waiting for you"


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


def _queue(page: Page, *, sound: Literal["running", "suspended"], notices: Literal["granted", "denied"]) -> Page:
    """Open the queue in a browser that lets sounds and notices through, or not; its time can be moved."""
    page.context.add_init_script(BROWSER.replace("SOUND", f"{sound!r}").replace("NOTICES", f"{notices!r}"))
    page.clock.install()
    page.goto("/queue/")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    return page


def _rung(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("window.rung")
    return found


def _pass(page: Page, seconds: float) -> None:
    """Let time stand still so many seconds after the last ring."""
    rang = page.evaluate("Number(localStorage.getItem('notice-rang'))")
    page.clock.pause_at(datetime.fromtimestamp(rang / 1000 + seconds, UTC))


def test_who_comes_rings_until_she_is_seen(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    page = _queue(sign_in(house.consultants[0].login_name, language="en"), sound="running", notices="granted")
    plain = page.title()
    assert not plain.startswith("(")
    assert _rung(page) == {"tones": 0, "notices": []}
    expect(page.locator("[data-notice-blocked]:visible")).to_have_count(0)

    house.make("arrive", name="Belle Ringer")
    expect(page).to_have_title(f"(1) {plain}")
    assert _rung(page) == {"tones": 2, "notices": [NOTICE]}
    _pass(page, 19.5)
    assert _rung(page) == {"tones": 2, "notices": [NOTICE]}
    page.clock.run_for(1000)
    assert _rung(page) == {"tones": 4, "notices": [NOTICE, NOTICE]}
    page.clock.run_for(20_000)
    assert _rung(page) == {"tones": 6, "notices": [NOTICE] * 3}

    # While its time stood still the page heard nothing from the server.
    page.clock.resume()
    expect(page.locator("body")).to_have_attribute("data-connection", "live", timeout=30_000)
    page.keyboard.press("s")
    expect(page).to_have_title(plain)
    heard = _rung(page)
    page.clock.run_for(41_000)
    assert _rung(page) == heard


def test_what_the_browser_blocks_is_said(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    page = _queue(sign_in(house.consultants[0].login_name, language="en"), sound="suspended", notices="denied")
    plain = page.title()
    blocked = page.locator("[data-notice-blocked]:visible")
    expect(blocked).to_have_count(2)
    expect(page.locator("[data-notice-blocked=sound]")).to_contain_text("keeps this page silent")
    expect(page.locator("[data-notice-blocked=desktop-denied]")).to_contain_text("The browser blocks desktop notices")
    house.make("arrive", name="Muriel Mute")
    expect(page).to_have_title(f"(1) {plain}")
    assert _rung(page) == {"tones": 0, "notices": []}
    expect(blocked).to_have_count(2)


@pytest.mark.parametrize("kept", ["sound", "desktop"])
def test_what_is_switched_off_does_not_ring(open_house: OpenHouse, sign_in: SignIn, kept: str) -> None:
    house = open_house()
    page = _queue(sign_in(house.consultants[0].login_name, language="en"), sound="running", notices="granted")
    page.locator("#notice-settings summary").press("Enter")
    for kind in {"sound", "desktop", "title"} - {kept}:
        page.locator(f"#notice-{kind}").press("Space")
        expect(page.locator(f"#notice-{kind}")).not_to_be_checked()
        expect(page.locator("#notice-switches")).not_to_have_attribute("data-notice-kinds", re.compile(kind))
    plain = page.title()
    house.make("arrive", name="Quentin Quiet")
    expect(page.locator(".next-visitor")).to_contain_text("Quentin Quiet")
    _pass(page, 19.5)
    page.clock.run_for(1000)
    assert _rung(page) == {"tones": 4 * (kept == "sound"), "notices": [NOTICE] * (2 * (kept == "desktop"))}
    assert page.title() == plain
