"""Visits that wait for a busy consultant, at the desk by keyboard: an owner's own visitor, and a wait exchanged."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Language, OpenHouse, SignIn
from tests.browser.keyboard import begin, confirm, find, open_seat, put_aside, reach, say_busy, seat, submit

# One stack serves all browser tests, so one process runs them.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAMES = {
    "zh": ("端木归来", "端木再来"),
    "en": ("Nora Quillby", "Nell Quillby"),
}
OWNER = {
    "zh": {
        "waits": "等乔安约5分钟",
        "stands_in": "由柯岚接诊，乔安正忙，代接",
        "waiting": "等候",
    },
    "en": {
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
    soon, later = NAMES[language]
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
    expect(seat(desk, 1).locator(".pointer")).to_have_count(1)
    for place in range(1, 5):
        expect(seat(desk, place).locator(".turn-count")).to_have_text("0")
    assert desk.watch.faults(language) == []  # type: ignore[attr-defined]


def test_k5_a_wait_that_lasts_too_long_is_exchanged(open_house: OpenHouse, sign_in: SignIn) -> None:
    name, next_name = "慕容久等", "慕容后到"
    house = open_house(waiting=name)
    first, second = house.consultants[:2]
    assert house.visit(name)["consultant"] == first.pk
    desk = sign_in(house.login_name("reception"), language="zh")
    keys = desk.keyboard
    expect(desk.locator("body")).to_have_attribute("data-connection", "live")
    overdue = desk.locator(".overdue li")
    expect(overdue).to_contain_text("等乔安")
    expect(seat(desk, 1).locator(".turn-count")).to_have_text("1")
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]

    reach(desk, overdue.locator("a"), 60)
    keys.press("Enter")
    expect(desk.locator("#proposal-answer")).to_contain_text(second.name)
    expect(desk.locator(".correction-effects li").first).to_be_visible()
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]
    expect(desk.locator("#correction-form .btn-primary")).to_be_focused()
    keys.press("Enter")
    expect(desk.locator("#proposal .settled")).to_contain_text(second.name)
    visit = house.visit(name)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("K5", "counted", second.pk)
    expect(overdue).to_have_count(0)
    expect(seat(desk, 1).locator(".turn-count")).to_have_text("0")
    expect(seat(desk, 2).locator(".turn-count")).to_have_text("1")
    expect(desk.locator(".board-panel")).to_contain_text("柯岚的下一个号归乔安")
    assert desk.watch.faults("zh") == []  # type: ignore[attr-defined]
    put_aside(desk)

    # Both are free again: the next turn would be the second's, and goes to the first.
    house.make("receive", visit=visit["id"])
    keys.press("Escape")
    open_seat(desk, 1)
    keys.press("Enter")
    begin(desk, next_name)
    submit(desk)
    expect(desk.locator("#proposal-answer")).to_contain_text(first.name)
    confirm(desk)
    visit = house.visit(next_name)
    assert (visit["rule"], visit["turn"], visit["consultant"]) == ("A12", "counted", first.pk)
    expect(desk.locator(".board-panel")).not_to_contain_text("柯岚的下一个号归乔安")
