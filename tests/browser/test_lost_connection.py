"""A connection that is lost in the room: the page says since when, holds back what is done, and goes on by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
PATIENCE = 30_000
NOT_NOW = "Not while there is no connection."


def _live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("body")).to_have_attribute("data-connection", "live")
    return page


def _refused_without_connection(page: Page, key: str) -> None:
    """Take the network away, do something by its key, see it refused, and give the network back."""
    banner, told = page.locator("#offline-banner"), page.locator("#messages .message-warning")
    expect(banner).to_be_hidden()
    page.context.set_offline(True)
    expect(banner).to_be_visible()
    expect(banner.locator("#offline-since")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    expect(told).to_have_count(0)
    page.keyboard.press(key)
    expect(told).to_contain_text(NOT_NOW)
    page.context.set_offline(False)
    expect(banner).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("body")).to_have_attribute("data-connection", "live", timeout=PATIENCE)


def test_the_queue_without_connection(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    queue = _live(sign_in(house.consultants[0].login_name, language="en"), "/queue/")
    expect(queue.locator("#my-seat")).to_contain_text("Free")
    _refused_without_connection(queue, "l")
    expect(queue.locator("#my-seat")).to_contain_text("Free")
    # What came meanwhile is there, and what was held back can be done.
    house.make("arrive", name="Ida Online")
    expect(queue.locator(".next-visitor")).to_contain_text("Ida Online")
    queue.keyboard.press("l")
    expect(queue.locator("#my-seat")).to_contain_text("Lunch")


def test_a_consultation_without_connection(open_house: OpenHouse, sign_in: SignIn) -> None:
    name = "Ida Offline"
    house = open_house(arrived=[name])
    house.make("call", visit=house.visit(name)["id"])
    ((consultation,),) = house.stack.rows(
        "select id from consultations_consultation where visit_id = %s", house.visit(name)["id"]
    )
    page = sign_in(house.consultants[0].login_name, language="en", width=768, height=1024)
    room = _live(page, f"/consultations/{consultation}/")
    _refused_without_connection(room, "e")
    assert house.visit(name)["state"] == "accepted"
    room.keyboard.press("e")
    expect(room.locator("#work-state [data-key=f]")).to_be_visible()
    assert house.visit(name)["state"] == "in_room"


def test_a_departments_desk_without_connection(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    name = "Ida Review"
    house = open_house()
    made = house.make("open_department", in_theatre="Ora Theatre", reviews=[name])
    desk = _live(sign_in_made(house, made["clerk"], language="en"), "/department/")
    taken_in = "select state from consultations_deskcase where visit_id = %s"
    visit, coming = house.visit(name)["id"], desk.locator("form[action$='/take-in/']")
    expect(coming).to_have_count(1)
    _refused_without_connection(desk, "t")
    expect(coming).to_have_count(1)
    assert house.stack.rows(taken_in, visit) == []
    desk.keyboard.press("t")
    expect(coming).to_have_count(0)
    expect(desk.locator(".case", has_text=name)).to_be_visible()
    assert house.stack.rows(taken_in, visit) == [("waiting",)]
