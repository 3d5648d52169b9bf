"""The supervisor gives an agent's calls to two others by keyboard, and they are on their open screens at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.call_scenes import AGENTS
from tests.browser.conftest import OpenHouse, SignIn, take_picture
from tests.browser.keyboard import reach

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]

NAMES = [f"回访顾客{number}" for number in "甲乙丙丁戊己"]


def on_list(page: Page, agent: int) -> str:
    """Return how many calls the team's page says an agent has today."""
    return page.locator(f"[data-agent='{agent}'] td").nth(1).inner_text().strip()


def test_a_list_goes_to_two_colleagues_and_back_for_an_absence(open_house: OpenHouse, sign_in_made: SignIn) -> None:
    house = open_house()
    first, second, third = house.make("call_team", names=NAMES)["agents"]
    hers = sign_in_made(house, f"{house.code}-caller2")
    hers.goto("/call-backs/")
    expect(hers.locator("body")).to_have_attribute("data-connection", "live")
    expect(hers.locator("#worklist tbody tr")).to_have_count(2)

    boss = sign_in_made(house, f"{house.code}-call-supervisor")
    boss.goto("/call-backs/team/")
    expect(boss.locator("body")).to_have_attribute("data-connection", "live")
    assert [on_list(boss, agent) for agent in (first, second, third)] == ["2", "2", "2"]
    assert boss.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(boss, "call-team")
    reach(boss, boss.locator(f"[data-agent='{first}'] .row-actions a"), most=80)
    boss.keyboard.press("Enter")
    boss.wait_for_url(f"**/call-backs/team/{first}/")
    for agent in (second, third):
        reach(boss, boss.locator(f"input[name=to][value='{agent}']"), most=80)
        boss.keyboard.press("Space")
    boss.keyboard.press("v")
    expect(boss.locator("[data-gets]")).to_have_text(["1", "1"])
    assert boss.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(boss, "call-team-preview")
    expect(hers.locator("#worklist tbody tr")).to_have_count(2)
    boss.keyboard.press("g")
    expect(boss.locator("#messages")).to_contain_text("已改派2个回访")
    expect(hers.locator("#worklist tbody tr")).to_have_count(3)
    take_picture(hers, "call-list-of-hers")
    hers.locator("#worklist tbody th a").first.click()
    expect(hers.locator(".call-card")).to_be_visible()
    hers.wait_for_load_state("load")
    hers.keyboard.press("w")
    expect(hers.locator(".why-shared p").first).to_be_visible()
    assert hers.watch.faults("zh") == []  # type: ignore[attr-defined]
    take_picture(hers, "call-why-on-my-list")
    hers.goto("/call-backs/?whose=team")
    expect(hers.locator("#worklist tbody tr")).to_have_count(6)
    take_picture(hers, "call-list-of-the-team")
    hers.goto("/call-backs/")

    # The second one falls ill: all of hers go to the first, who has none by now.
    boss.goto(f"/call-backs/team/{second}/")
    boss.locator("#absent_reason").fill("发烧")
    boss.locator("#absent_reason").press("Enter")
    expect(boss.locator("#messages")).to_contain_text(AGENTS[1])
    expect(hers.locator("#worklist tbody tr")).to_have_count(0)
    boss.goto("/call-backs/team/")
    expect(boss.locator(f"[data-agent='{second}']")).to_contain_text("缺勤")
    assert [on_list(boss, agent) for agent in (first, second, third)] == ["3", "0", "3"]
    for width in (1024, 768):
        boss.set_viewport_size({"width": width, "height": 900})
        assert boss.watch.faults("zh") == []  # type: ignore[attr-defined]
        take_picture(boss, f"call-team-{width}")
    boss.goto(f"/call-backs/team/{third}/")
    take_picture(boss, "call-team-agent-768")
    assert boss.watch.faults("zh") == []  # type: ignore[attr-defined]

    # What she is told in a call stands in a figure of hers, and in the first row of the report.
    theirs = sign_in_made(house, f"{house.code}-caller3")
    theirs.goto("/call-backs/")
    theirs.wait_for_load_state("load")
    theirs.keyboard.press("n")
    theirs.wait_for_url("**/call-backs/*/?*")
    expect(theirs.locator("#attempt")).to_be_visible()
    theirs.wait_for_load_state("load")
    for key in ("1", "g", "Enter"):
        theirs.keyboard.press(key)
    expect(theirs.locator("#messages")).to_contain_text("已接通")
    boss.set_viewport_size({"width": 1440, "height": 900})
    boss.goto("/call-backs/team/")
    boss.locator(f"[data-agent='{third}'] a[href$='figure=done']").click()
    expect(boss.locator("tbody tr")).to_have_count(1)
    boss.goto("/reports/follow-ups/outcomes/")
    boss.locator(".report tbody tr th").first.click(trial=True, timeout=2000)
    assert boss.watch.faults("zh") == []  # type: ignore[attr-defined]
