"""The roster of a week by keyboard: whom it concerns sees it on her own page, the boards what it lacks."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenHouse, SignIn

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]


def test_a_week_is_entered_without_a_mouse(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    house = open_house()
    first = house.consultants[0]
    consultant = sign_in_made(house, first.login_name)
    consultant.goto("/queue/")
    own = consultant.locator("#own-shifts")
    expect(own).to_contain_text("未排班")
    supervisor = sign_in_made(house, f"{house.code}-consulting_supervisor", width=1024, height=768)
    supervisor.goto("/roster/?group=consultants")
    for window in (consultant, supervisor):
        expect(window.locator("body")).to_have_attribute("data-connection", "live")
    lines = supervisor.locator("[data-roster] tbody tr:has(select)")
    expect(lines).to_have_count(4)

    # Everybody is off today, which leaves the front desk without a consultant.
    days = lines.nth(0).locator("select")
    days.first.focus()
    for line in range(4):
        lines.nth(line).locator("select").first.focus()
        supervisor.keyboard.press("5")
    supervisor.evaluate("document.activeElement.blur()")
    supervisor.keyboard.press("s")
    expect(supervisor.locator("#messages")).to_contain_text("4天")
    expect(supervisor.locator(".roster-gaps")).to_contain_text("无咨询师上班")
    expect(own).to_contain_text("休息")

    # A digit enters and goes on, an arrow goes back, 0 empties.
    lines.nth(0).locator("select").first.focus()
    supervisor.keyboard.press("3")
    supervisor.keyboard.press("ArrowLeft")
    expect(lines.nth(0).locator("select").first).to_be_focused()
    supervisor.keyboard.press("ArrowDown")
    expect(lines.nth(1).locator("select").first).to_be_focused()
    supervisor.keyboard.press("0")
    supervisor.evaluate("document.activeElement.blur()")
    supervisor.keyboard.press("s")
    expect(supervisor.locator("#messages")).to_contain_text("2天")
    expect(supervisor.locator(".roster-gaps")).to_have_count(0)
    # A shift that is not saved is not left without being asked.
    supervisor.on("dialog", lambda dialog: dialog.dismiss())
    lines.nth(2).locator("select").first.focus()
    supervisor.keyboard.press("1")
    supervisor.evaluate("document.activeElement.blur()")
    with supervisor.expect_event("dialog") as asked:
        supervisor.keyboard.press("n")
    assert asked.value.type == "beforeunload"
    expect(lines.nth(2).locator("select").first).to_have_value("early")
    overflow = supervisor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "the page is wider than the window"
