"""What is typed into the record of a consultation is not lost: killed tab, killed server, dead network, two tabs."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.house import House

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
SAVES = "**/record/"
PATIENCE = 60_000


@dataclass
class Room:
    """A visitor in a consultant's room, and the page about it."""

    house: House
    consultation: int
    page: Page

    @property
    def path(self) -> str:
        """Where the page is."""
        return f"/consultations/{self.consultation}/"

    def saved(self, section: str = "notes") -> str:
        """Return what the server has."""
        ((text,),) = self.house.stack.rows(
            f"select {section} from consultations_consultation where id = %s",
            self.consultation,
        )
        return str(text)


OpenRoom = Callable[..., Room]


@pytest.fixture
def open_room(open_house: OpenHouse, sign_in: SignIn) -> OpenRoom:
    """Return what lets a visitor in and opens her consultation."""

    def open_one(name: str, language: Language = "en", width: int = 1440) -> Room:
        house = open_house(arrived=[name])
        consultation = house.make("let_in", visit=house.visit(name)["id"])["consultation"]
        page = sign_in(house.consultants[0].login_name, language=language, width=width)
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog appeared: {dialog.message}"))
        room = Room(house, consultation, page)
        page.goto(room.path)
        ready(page)
        return room

    return open_one


def ready(page: Page) -> None:
    """Wait until the page listens to changes and has looked around for what was left unsaved."""
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    expect(state(page, "idle").or_(state(page, "saved")).filter(visible=True).first).to_be_visible()


def state(page: Page, name: str) -> Locator:
    """Return the line that says how the record stands."""
    return page.locator(f"[data-record-state={name}]")


def told(page: Page, name: str) -> Locator:
    """Return one of the quiet lines above the sections."""
    return page.locator(f"[data-record-note={name}]")


def write(page: Page, text: str, section: str = "notes") -> None:
    """Type at the end of a section, as hands do."""
    area = page.locator(f"#record_{section}")
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def abort(route: Route) -> None:
    """Let a request come to nothing."""
    route.abort()


def test_a_killed_tab_loses_nothing(open_room: OpenRoom, browser: Browser) -> None:
    room = open_room("封晚晴", "zh")
    write(room.page, "皮肤偏薄")
    expect(state(room.page, "saved")).to_be_visible()
    context = room.page.context
    context.route(SAVES, abort)
    write(room.page, "，先做护理")
    write(room.page, "怕疼", "wishes")
    expect(state(room.page, "later")).to_be_visible()
    renderers = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    for process in renderers:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    room.page.close()
    context.unroute(SAVES)
    assert room.saved() == "皮肤偏薄"

    page = context.new_page()
    page.goto(room.path)
    expect(told(page, "restored")).to_be_visible()
    expect(page.locator("#record_notes")).to_have_value("皮肤偏薄，先做护理")
    expect(state(page, "saved")).to_be_visible()
    assert (room.saved(), room.saved("wishes")) == ("皮肤偏薄，先做护理", "怕疼")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_a_killed_server_loses_nothing(open_room: OpenRoom) -> None:
    room = open_room("Ada Fenwick")
    write(room.page, "before ")
    expect(state(room.page, "saved")).to_be_visible()
    room.house.stack.kill("web")
    write(room.page, "while it is away ")
    # The door waits some seconds for a server that comes back at once. One that dies again and again stays away longer.
    for _again in range(8):
        if state(room.page, "later").is_visible():
            break
        room.page.wait_for_timeout(1000)
        # Between two starts there is none.
        with suppress(KeyError):
            room.house.stack.kill("web")
    expect(state(room.page, "later")).to_be_visible()
    write(room.page, "and after")
    expect(state(room.page, "saved")).to_be_visible(timeout=PATIENCE)
    assert room.saved() == "before while it is away and after"


def test_a_dead_network_loses_nothing(open_room: OpenRoom) -> None:
    room = open_room("Bea Fenwick", width=768)
    room.page.context.set_offline(True)
    write(room.page, "typed in the lift", "assessment")
    expect(state(room.page, "later")).to_be_visible()
    room.page.context.set_offline(False)
    expect(state(room.page, "saved")).to_be_visible(timeout=PATIENCE)
    assert room.saved("assessment") == "typed in the lift"
    assert room.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_closed_lid_loses_nothing(open_room: OpenRoom) -> None:
    room = open_room("Fay Fenwick")
    devtools = room.page.context.new_cdp_session(room.page)
    write(room.page, "as the lid falls")
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    time.sleep(2)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    expect(state(room.page, "saved")).to_be_visible(timeout=PATIENCE)
    assert room.saved() == "as the lid falls"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_tabs_are_told_and_choose(open_room: OpenRoom, language: Language) -> None:
    room = open_room({"zh": "封晚舟", "en": "Cora Fenwick"}[language], language)
    first, second = room.page, room.page.context.new_page()
    second.goto(room.path)
    expect(told(second, "another")).to_be_visible()
    expect(told(first, "another")).to_be_visible()

    write(first, "one ", "wishes")
    expect(second.locator("#record_wishes")).to_have_value("one ")
    expect(told(second, "elsewhere")).to_be_visible()
    write(second, "two", "wishes")
    expect(first.locator("#record_wishes")).to_have_value("one two")

    second.route(SAVES, abort)
    write(second, "mine")
    write(first, "theirs")
    expect(state(first, "saved")).to_be_visible()
    second.unroute(SAVES)
    conflict = second.locator("[data-section=notes] [data-conflict]")
    expect(conflict).to_be_visible(timeout=PATIENCE)
    expect(conflict.locator("[data-theirs]")).to_have_text("theirs")
    expect(second.locator("#record_notes")).to_have_value("mine")
    expect(second.locator("[data-section=wishes] [data-conflict]")).to_be_hidden()
    assert first.watch.faults(language) == []  # type: ignore[attr-defined]
    conflict.locator("[data-keep-mine]").click()
    expect(first.locator("#record_notes")).to_have_value("mine")
    expect(conflict).to_be_hidden()
    assert room.saved() == "mine"
    second.close()
    expect(told(first, "another")).to_be_hidden()


def test_another_computer_shows_the_newest_text(open_room: OpenRoom, sign_in: SignIn) -> None:
    room = open_room("Dora Fenwick")
    elsewhere = sign_in(room.house.consultants[0].login_name, language="en")
    elsewhere.goto(room.path)
    ready(elsewhere)
    write(room.page, "from the first")
    expect(elsewhere.locator("#record_notes")).to_have_value("from the first")
    expect(told(elsewhere, "elsewhere")).to_be_visible()


def test_a_draft_is_nobody_elses(open_room: OpenRoom, sign_in: SignIn) -> None:
    room = open_room("Edda Fenwick")
    page = room.page
    page.route(SAVES, abort)
    write(page, "only for me")
    expect(state(page, "later")).to_be_visible()
    page.locator(".menu-person > summary").click()
    page.locator("[data-sign-out] button").click()
    expect(page.locator("#confirm-dialog")).to_be_visible(timeout=PATIENCE)
    page.locator("#confirm-dialog button[value=yes]").click()
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []

    page.evaluate("localStorage.setItem('draft:0:1:x', '{}')")
    other = sign_in(room.house.consultants[1].login_name, language="en")
    other.evaluate("localStorage.setItem('draft:0:1:x', '{}')")
    other.goto("/queue/")
    assert other.evaluate("localStorage.getItem('draft:0:1:x')") is None
