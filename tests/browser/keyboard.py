"""What reception does with her hands on the keyboard: nothing here clicks."""

import pytest
from playwright.sync_api import Locator, Page, expect


def tab_to(page: Page, selector: str, most: int = 20) -> None:
    """Press Tab until the field has the focus."""
    reach(page, page.locator(selector), most)


def reach(page: Page, place: Locator, most: int = 20, key: str = "Tab") -> None:
    """Press Tab (or Shift+Tab) until a place has the focus."""
    expect(place).to_have_count(1)
    for _ in range(most):
        if place.evaluate("place => place === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{place} cannot be reached by {key}")


def begin(desk: Page, name: str) -> None:
    """Type a new name and open the arrival form for it."""
    desk.locator("#find").focus()
    desk.keyboard.press("Control+a")
    desk.keyboard.type(name)
    expect(desk.locator("#find-list [data-new]")).to_be_visible()
    desk.keyboard.press("Shift+Enter")
    expect(desk.locator("#arrival-form [name=name]")).to_have_value(name)


def find(desk: Page, name: str) -> None:
    """Type the name of somebody on file and open the arrival form for her."""
    desk.keyboard.press("/")
    expect(desk.locator("#find")).to_be_focused()
    desk.keyboard.type(name)
    expect(desk.locator("#find-list [role=option]").first).to_contain_text(name)
    desk.keyboard.press("Enter")
    expect(desk.locator("#arrival-form h2")).to_have_text(name)


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
    """Press Enter on the proposal, which has the focus, and wait until it is settled."""
    expect(desk.locator("#proposal .btn-primary")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#proposal .settled, #proposal .proposal-asked")).to_be_visible()


def put_aside(desk: Page) -> None:
    """Close what is open about a visit; the search box has the focus again."""
    desk.keyboard.press("Escape")
    expect(desk.locator("#proposal .panel")).to_have_count(0)
    expect(desk.locator("#find")).to_be_focused()


def open_seat(page: Page, place: int) -> Locator:
    """Open the menu of a seat by its number; return the menu, ready to be typed in."""
    expect(seat(page, place).locator("button")).to_be_visible()
    page.keyboard.press(str(place))
    menu = page.locator("#seat-menu")
    expect(menu.locator("[data-focus]").first).to_be_focused()
    return menu


def say_busy(page: Page, place: int, minutes: int) -> None:
    """Write down in how many minutes a consultant will be free."""
    open_seat(page, place)
    tab_to(page, "#seat-free-in")
    page.keyboard.type(str(minutes))
    page.keyboard.press("Enter")
    expect(page.locator("#seat-menu")).to_be_hidden()
    expect(seat(page, place)).to_contain_text(f"~{minutes}′")


def seat(page: Page, place: int) -> Locator:
    """Return a row of the board by its place."""
    return page.locator(".seats tbody tr").nth(place - 1)
