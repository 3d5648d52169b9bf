"""The menu of a row of today's register, by keyboard: it opens in its place, is read and gone through, and closes."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
# A line that is drawn anew may be rounded another way.
ROUNDED = 3


def _height(row: Locator) -> float:
    """Return how high the row is; one that is just being drawn anew is looked for again."""
    while True:
        expect(row).to_be_visible()
        if (box := row.bounding_box()) is not None:
            return box["height"]


@pytest.mark.parametrize("width", [1440, 1024])
def test_a_rows_menu_opens_in_its_place(open_house: OpenHouse, sign_in: SignIn, width: int) -> None:
    name = "Mena Row"
    house = open_house(arrived=[name])
    desk = sign_in(house.login_name("reception"), language="en", width=width)
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    row = desk.locator(f"#visit-{house.visit(name)['id']}")
    menu, summary = row.locator("details.menu"), row.locator("details.menu > summary")
    height = _height(row)
    summary.focus()
    desk.keyboard.press("Enter")

    # What was fetched stands in the menu, not instead of it.
    body = menu.locator("> .menu-body")
    expect(body.locator(".menu-item", has_text="Slip")).to_be_visible()
    expect(body.locator(".menu-item", has_text="Correct")).to_be_visible()
    expect(body).to_have_count(1)
    assert abs(_height(row) - height) <= ROUNDED
    items = body.locator("a, button, input:not([type=hidden])").all()
    assert len(items) > 4
    size = desk.viewport_size
    assert size is not None
    for item in items:
        expect(item).to_be_visible()
        box = item.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]

    desk.keyboard.press("Tab")
    expect(items[0]).to_be_focused()
    desk.keyboard.press("Escape")
    expect(body).to_be_hidden()
    expect(summary).to_be_focused()
