"""A day of the board by keyboard: opened at the front desk, kept on the board's own page, closed, looked at."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenHouse, SignIn
from tests.browser.keyboard import begin, open_seat, reach, say_busy, seat, tab_to

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_a_day_is_opened_kept_and_closed_by_keyboard(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house(opened=False)
    first, second, third, fourth = house.consultants
    page = sign_in(house.login_name("reception"), language="en")
    keys = page.keyboard
    expect(page.locator("#board-closed form")).to_be_visible()

    # Who is here, in the order they came; who is off; the other comes later.
    for colleague, key in ((second, "ArrowUp"), (fourth, "ArrowDown"), (first, "ArrowUp")):
        tab_to(page, f"#presence-front-{colleague.pk}", 60)
        keys.press(key)
    expect(page.locator(f"#came-front-{first.pk}")).to_have_value("2")
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    reach(page, page.locator("#board-closed form button"))
    keys.press("o")
    expect(seat(page, 1)).to_contain_text(second.name)
    expect(seat(page, 2)).to_contain_text(first.name)
    waited_for = {"Not checked in": third.name, "Off": fourth.name}
    for state, name in waited_for.items():
        expect(page.locator(".seats tr", has_text=name)).to_contain_text(state)
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]

    # The third comes: she takes the last seat.
    place = 3 if third.name in seat(page, 3).inner_text() else 4
    open_seat(page, place)
    keys.press("Enter")
    expect(seat(page, 4)).to_contain_text(third.name)
    expect(seat(page, 4)).to_contain_text("Free")

    # From here on the board's own page.
    reach(page, page.locator(".rail a[href='/triage/boards/']"), 60)
    keys.press("Enter")
    page.wait_for_url("**/triage/boards/")
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    reach(page, page.locator(".desks .btn-primary"), 40)
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/triage/boards/\d+/$"))
    expect(page.locator("body")).to_have_attribute("data-connection", "live")

    say_busy(page, 1, 10)
    expect(seat(page, 1)).to_contain_text("Busy")
    open_seat(page, 2)
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    tab_to(page, "#seat-until")
    keys.type("1130A")
    keys.press("Enter")
    expect(seat(page, 2)).to_contain_text("Out")
    expect(seat(page, 2)).to_contain_text("until 11:30")
    # All that happened stands on this page already; the panel does not say it again.
    expect(page.locator(".board-panel .board-lines")).to_have_count(0)
    for said in ("free in 10 min", "out until 11:30"):
        expect(page.locator("#board-log")).to_contain_text(said)
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]
    open_seat(page, 2)
    keys.press("Enter")
    expect(seat(page, 2)).to_contain_text("Free")
    open_seat(page, 1)
    keys.press("Enter")
    expect(seat(page, 1)).to_contain_text("Free")

    reach(page, page.locator("details.reorder:has(form[action$='/close/']) > summary"), 60)
    keys.press("Enter")
    reach(page, page.locator("form[action$='/close/'] button"))
    keys.press("Enter")
    expect(page.locator(".board-panel")).to_contain_text("Day closed")
    expect(page.locator("#board-log")).to_contain_text("closed — 前台小艾")
    expect(page.locator(".seat-button")).to_have_count(0)
    assert page.watch.faults("en") == []  # type: ignore[attr-defined]


def test_a_late_answer_leaves_the_focus_where_somebody_types(open_house: OpenHouse, sign_in: SignIn) -> None:
    house = open_house()
    desk = sign_in(house.login_name("reception"), language="en")
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.keyboard.press("Escape")
    on_its_way: list[Route] = []
    desk.route("**/seat-state/", lambda route: on_its_way.append(route))
    open_seat(desk, 1)
    reach(desk, desk.locator("#seat-menu button[value=out]"))
    desk.keyboard.press("Enter")
    begin(desk, "Late Lila")
    assert len(on_its_way) == 1
    on_its_way[0].continue_()
    expect(seat(desk, 1)).to_contain_text("Out")
    desk.keyboard.type("x")
    expect(desk.locator("#arrival-form :focus")).to_have_count(1)
    expect(desk.locator("#arrival-form [name=name]")).to_have_value("Late Lila")
