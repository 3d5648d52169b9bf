"""Visits that wait for a busy consultant, at the desk by keyboard: an owner's own visitor, and a wait exchanged."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import confirm, find, put_aside, say_busy, seat, submit

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
OWNER = {
    "zh": {
        "visitors": ("端木归来", "端木再来"),
        "waits": "等乔安约5分钟",
        "stands_in": "由柯岚接诊，乔安正忙，代接",
        "waiting": "等候",
    },
    "en": {
        "visitors": ("Nora Quillby", "Nell Quillby"),
        "waits": "waits about 5 min for 乔安",
        "stands_in": "柯岚 receives the visit, standing in for 乔安, who is busy",
        "waiting": "Waiting",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_return_visitor_waits_for_her_owner_or_gets_a_stand_in(
    open_house: OpenHouse, sign_in: SignIn, language: Language
) -> None:
    words = OWNER[language]
    soon, later = words["visitors"]
    house = open_house(known=[soon, later])
    owner, other = house.consultants[:2]
    desk = sign_in(house.login_name("reception"), language=language)
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    desk.keyboard.press("Escape")

    say_busy(desk, 1, 5)
    find(desk, soon)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(words["waits"])
    desk.keyboard.press("w")
    expect(desk.locator("#proposal .why-rules")).to_contain_text("A7")
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]
    confirm(desk)
    visit = house.visit(soon)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A7", "free", owner.pk)
    row = desk.locator(f"#visit-{visit['id']}")
    expect(row).to_contain_text(owner.name)
    expect(row).to_contain_text(words["waiting"])
    put_aside(desk)

    desk.keyboard.press("Escape")
    say_busy(desk, 1, 30)
    find(desk, later)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(words["stands_in"])
    confirm(desk)
    visit = house.visit(later)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A7", "free", other.pk)
    expect(desk.locator(f"#visit-{visit['id']}")).to_contain_text(other.name)
    # Neither the wait nor the stand-in used a turn: it is the owner's, as before.
    expect(seat(desk, 1)).to_have_class("pointed")
    for place in range(1, 5):
        expect(seat(desk, place).locator(".turn-count")).to_have_text("0")
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]
