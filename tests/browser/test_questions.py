"""An owner who is absent (A8): the desk asks, writes down whom she named, and takes it back within seconds (K8)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import choose, confirm, find, open_seat, reach, seat, submit

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
WORDS = {
    "zh": {"out": "外出", "visitor": "南宫回访", "asks": "首诊咨询师乔安不在，请她指定代接人", "named": "代接"},
    "en": {
        "out": "Out",
        "visitor": "Ruth Ashdown",
        "asks": "乔安, the owner,",
        "named": "named by the owner to stand in",
    },
}


def seconds_left(desk: Page) -> int:
    """Read how long the decision on the screen can still be undone."""
    return int(desk.locator("#proposal [data-seconds]").inner_text())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_absent_owner_names_a_stand_in_and_the_desk_takes_it_back(
    open_house: OpenHouse, sign_in: SignIn, language: Language
) -> None:
    words = WORDS[language]
    name = words["visitor"]
    house = open_house(known=[name])
    third = house.consultants[2]
    supervisor = sign_in(house.login_name("consulting_supervisor"), language=language)
    supervisor.goto("/triage/questions/")
    expect(supervisor.locator("body")).to_have_attribute("data-connection", "live")
    desk = sign_in(house.login_name("reception"), language=language)
    keys = desk.keyboard
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    keys.press("Escape")

    open_seat(desk, 1)
    reach(desk, desk.locator("#seat-menu button[value=out]"))
    keys.press("Enter")
    expect(seat(desk, 1)).to_contain_text(words["out"])
    find(desk, name)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(words["asks"])
    confirm(desk)
    question = supervisor.locator(".question", has_text=name)
    expect(question).to_be_visible()
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]
    assert supervisor.watch.faults(language) == []  # type: ignore[attr-defined]

    choose(desk, "#named-stand-in", third.name)
    keys.press("Tab")
    keys.press("Enter")
    expect(desk.locator("#proposal .settled")).to_contain_text(third.name)
    expect(desk.locator("#proposal .settled")).to_contain_text(words["named"])
    before = seconds_left(desk)
    assert 0 < before <= 10
    expect(desk.locator("#proposal [data-seconds]")).not_to_have_text(str(before))
    assert seconds_left(desk) < before
    visit = house.visit(name)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A8", "free", third.pk)
    row = desk.locator(f"#visit-{visit['id']}")
    expect(row).to_contain_text(third.name)
    expect(question).to_have_count(0)
    keys.press("u")
    expect(desk.locator("#named-stand-in")).to_be_visible()
    expect(row).not_to_contain_text(third.name)
    expect(question).to_be_visible()
    visit = house.visit(name)
    assert (visit["state"], visit["consultant"]) == ("registered", None)
    house.stack.manage("check_ledger")
